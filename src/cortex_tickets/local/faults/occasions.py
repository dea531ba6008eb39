"""Decides, occasion by occasion, whether one kind of fault happens; no stream of random numbers is shared."""

from __future__ import annotations

import re
import threading
from collections import Counter
from hashlib import blake2b

from cortex_tickets.local.faults.fault import Fault

_CORTEX_CALL = re.compile(r"\b(?:AI_[A-Z_]+|SNOWFLAKE\.CORTEX\.\w+)\s*\(", re.IGNORECASE)
# What clients make anew in each run: UUIDs, ids, moments, Snowpark's temporary names.
_MADE_ANEW = re.compile(
    r"(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-9A-Fa-f]{8,}"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:?\d\d)?)(?![0-9A-Za-z])"
    r"|(?<=SNOWPARK_TEMP_)\w+"
)
_OF_64_BITS = float(2**64)


class Occasions:
    """The occasions of one kind of fault; safe to share between threads.

    Args:
        kind: Its name, which keeps its draws apart from those of other kinds.
        fault: How often it happens, and to what.
        seed: Of the profile.
    """

    def __init__(self, kind: str, fault: Fault, seed: int) -> None:
        self.kind = kind
        self.can_happen = not fault.never_happens
        self._fault = fault
        self._seed = seed
        self._nth = frozenset(fault.occasions)
        self._pattern = None if fault.matching is None else re.compile(fault.matching, re.IGNORECASE | re.DOTALL)
        self._lock = threading.Lock()
        self._seen = 0
        self._happened = 0
        self._happened_to: Counter[bytes] = Counter()

    def happens(self, key: bytes, ordinal: int, text: str, *, is_cortex: bool = True) -> bool:
        """Whether it happens now.

        Args:
            key: Stands for what is struck; equal keys are equal things.
            ordinal: Which time it is that this thing comes.
            text: What `matching` is searched in.
            is_cortex: Whether a Cortex function is called.
        """
        if not self._is_meant(text, is_cortex=is_cortex):
            return False
        with self._lock:
            return self._decided(key, ordinal)

    def happens_to_row(self, key: bytes, text: str) -> bool:
        """The same for a row, whose ordinal is how often this has happened to it before."""
        if not self._is_meant(text, is_cortex=True):
            return False
        with self._lock:
            happens = self._decided(key, self._happened_to[key])
            if happens:
                self._happened_to[key] += 1
            return happens

    def choice(self, key: bytes, ordinal: int, n_choices: int) -> int:
        """One of `n_choices` numbers from 0, the same for the same thing."""
        return draw(self._seed, f"{self.kind} choice", key, ordinal) % n_choices

    def _is_meant(self, text: str, *, is_cortex: bool) -> bool:
        if not self.can_happen or (self._fault.only_cortex and not is_cortex):
            return False
        return self._pattern is None or self._pattern.search(text) is not None

    def _decided(self, key: bytes, ordinal: int) -> bool:
        """Called with the lock held."""
        self._seen += 1
        if self._fault.at_most is not None and self._happened >= self._fault.at_most:
            return False
        happens = self._seen in self._nth or (
            self._fault.rate > 0 and draw(self._seed, self.kind, key, ordinal) / _OF_64_BITS < self._fault.rate
        )
        self._happened += happens
        return happens


def draw(seed: int, kind: str, key: bytes, ordinal: int) -> int:
    """A number of 64 bits that follows from its arguments alone."""
    told = f"{seed}|{kind}|{ordinal}|".encode() + key
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "big")


def key_of(*parts: object) -> bytes:
    """A short key for texts and values, in which what clients make anew in each run counts as equal."""
    told = blake2b(digest_size=16)
    for part in parts:
        told.update(_MADE_ANEW.sub("#", part if isinstance(part, str) else repr(part)).encode("utf-8", "surrogatepass"))
        told.update(b"\x00")
    return told.digest()


def row_key(function: str, model: str, text: str) -> bytes:
    """A short key for a row, in which every character counts."""
    told = f"{function}\x00{model}\x00{text}".encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=16).digest()


def calls_cortex(text: str) -> bool:
    """Whether a statement's own text calls a Cortex function."""
    return _CORTEX_CALL.search(text) is not None
