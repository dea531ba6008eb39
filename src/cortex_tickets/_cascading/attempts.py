"""How attempts to certify are counted, and what each of them may spend of delta. Sends nothing.

Two rules. A sample whose result is known is no fresh proof, so on one sample only those attempts are made that were
planned with the first. And a fresh sample is a further chance to be lucky: what all attempts of one student, teacher
and reference spend, on whatever samples, adds up, and must not be more than the delta of the certificate. So the
probability that any of them certifies what is not so is at most that delta, by the union bound; what an attempt may
spend depends on how many were made before, and not on its own sample.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from cortex_tickets._cascading.drawing import Drawn
from cortex_tickets._cortex.ticket_key import ticket_key
from cortex_tickets.records.certificate import Certificate

SHARED = 0.1
"""Share of the smaller sample's tickets from which two samples count as the same one; two draws from a large table
share hardly any."""
_NOTHING = 1e-9
"""Share of delta that is nothing: what is left by adding and subtracting."""


class AttemptState(StrEnum):
    """How far an attempt is."""

    STARTED = "STARTED"
    """Written down; its answers may have been asked for, and nothing was concluded. It counts, since a client that died
    may have died after it looked."""
    PAUSED = "PAUSED"
    """It ended before its outcome was looked at: a service that failed, a budget or a time that was over. It does not
    count until it is made again."""
    CERTIFIED = "CERTIFIED"
    """RESULT has the certificate."""
    REFUSED = "REFUSED"
    """RESULT says what it would have taken."""


@dataclass(frozen=True)
class Question:
    """What an attempt asks: of which cascade, on which sample, how much."""

    student_hash: str
    teacher_hash: str
    target: float
    delta: float
    n_attempts: int
    reference: str
    sample: Drawn

    @cached_property
    def hash(self) -> str:
        """SHA-256, in hexadecimal: the same question has the same answer, and is no further attempt."""
        content = [self.student_hash, self.teacher_hash, self.target, self.delta, self.n_attempts, self.reference]
        return hashlib.sha256(json.dumps([*content, self.sample.hash]).encode()).hexdigest()

    @cached_property
    def keys(self) -> list[str]:
        """Names of the sample's tickets, short and without their text."""
        return [ticket_key(*ticket.key) for ticket in self.sample.tickets]

    @property
    def pair(self) -> tuple[str, str, str]:
        """Whose attempts add up."""
        return self.student_hash, self.teacher_hash, self.reference


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt, under way or over."""

    id: str
    number: int
    """Which one on this sample, from 1."""
    level: float
    """What it spends of delta: the level that every threshold is tested at."""
    n_of_pair: int
    """Attempts of this student, teacher and reference so far, on whatever sample, this one included."""
    n_refused: int
    """Those of them that were refused."""
    spent: float
    """What the others of them have spent."""
    certificate: Certificate | None
    """What it came to before; `None` while nothing was concluded."""


@dataclass(frozen=True)
class Standing:
    """What the table has of a question, and beside it."""

    question: Question
    table: str
    """The table's name, for messages."""
    rows: Sequence[Mapping[str, Any]]
    """All attempts, the first one first."""

    @cached_property
    def mine(self) -> Mapping[str, Any] | None:
        """The attempt that asked the same; `None` if none did."""
        return next((row for row in self.rows if row["QUESTION"] == self.question.hash), None)

    @cached_property
    def on_sample(self) -> list[Mapping[str, Any]]:
        """The attempts on this sample that count, this question's own included."""
        keys = set(self.question.keys)
        return [row for row in self.rows if _counts(row) and _is_shared(keys, set(json.loads(row["TICKET_KEYS"])))]

    @cached_property
    def of_pair(self) -> list[Mapping[str, Any]]:
        """The other attempts of this student, teacher and reference that count."""
        return [
            row
            for row in self.rows
            if _counts(row)
            and row["QUESTION"] != self.question.hash
            and (row["STUDENT_HASH"], row["TEACHER_HASH"], row["REFERENCE"]) == self.question.pair
        ]

    @property
    def is_reserved(self) -> bool:
        """Whether the question has its part of delta already."""
        return self.mine is not None and _counts(self.mine)

    @property
    def number(self) -> int:
        """Which attempt on this sample it is, from 1."""
        hashes = [row["QUESTION"] for row in self.on_sample]
        return 1 + (hashes.index(self.question.hash) if self.question.hash in hashes else len(hashes))

    @property
    def n_refused(self) -> int:
        """Other attempts of the pair that were refused."""
        return sum(row["STATE"] == AttemptState.REFUSED for row in self.of_pair)

    @property
    def spent(self) -> float:
        """What the other attempts of the pair have spent."""
        return sum(float(row["LEVEL"]) for row in self.of_pair)

    @property
    def level(self) -> float:
        """What this attempt may spend: its part of delta, as far as the others left it; 0 where nothing is left."""
        if self.mine is not None and self.is_reserved:
            return float(self.mine["LEVEL"])
        part = self.question.delta / self.question.n_attempts
        left = self.question.delta - self.spent
        if left >= part * (1 - _NOTHING):
            return part
        return left if left > self.question.delta * _NOTHING else 0.0

    def problems(self) -> list[str]:
        """Return why this question may not be asked; nothing where it was asked before."""
        others = [row for row in self.on_sample if row["QUESTION"] != self.question.hash]
        if self.is_reserved or (not others and self.level):
            return []
        if others and len(others) >= int(others[0]["N_ATTEMPTS"]):
            return [self._used_up_on_sample(int(others[0]["N_ATTEMPTS"]))]
        if others and int(others[0]["N_ATTEMPTS"]) != self.question.n_attempts:
            return [
                (
                    f"attempts={self.question.n_attempts}, but {others[0]['N_ATTEMPTS']} were planned with the first "
                    "attempt on this calibration sample, and delta is divided among them. Give the same number."
                )
            ]
        return [] if self.level else [self._used_up_by_pair()]

    def overdrawn(self) -> list[str]:
        """Return whether others took what this attempt took at the same moment."""
        spent = self.spent + self.level
        if spent <= self.question.delta * (1 + _NOTHING) and len(self.on_sample) <= self.question.n_attempts:
            return []
        return [
            (
                f"Another attempt on this sample, or of this student and teacher, began in {self.table} at the same "
                "moment, and together they would spend more than delta. Certify again."
            )
        ]

    def _used_up_on_sample(self, planned: int) -> str:
        return (
            f"{planned} {'attempt was' if planned == 1 else 'attempts were'} planned on this calibration sample (or on "
            f"one that shares more than a tenth of its {len(self.question.sample.tickets)} tickets), and {planned} "
            f"{'was' if planned == 1 else 'were'} made. A further one is no fresh proof: whoever tries until it works "
            "will find a threshold that flatters. It takes a fresh sample, and a larger delta too, since all attempts "
            "of a student and a teacher share it; next time plan several with attempts=, which divides delta among "
            "them."
        )

    def _used_up_by_pair(self) -> str:
        states = Counter(str(row["STATE"]) for row in self.of_pair)
        told = ", ".join(
            f"{states[state]} {words}"
            for state, words in (
                (AttemptState.REFUSED, "refused"),
                (AttemptState.CERTIFIED, "certified"),
                (AttemptState.STARTED, "begun and not over"),
            )
            if states[state]
        )
        part = self.question.delta / self.question.n_attempts
        return (
            f"This would be attempt {len(self.of_pair) + 1} of this student and teacher, whatever the sample, and "
            f"those before it ({told}; {self.table} records them) have spent {self.spent:.4g}: "
            f"delta={self.question.delta:g} is used up. "
            "A fresh sample is one more chance to be lucky, so delta is what all attempts spend together. "
            f"Plan attempts= with the first one, or ask for delta={self.spent + part:.4g}, which then holds over "
            "all of them."
        )


def _counts(row: Mapping[str, Any]) -> bool:
    return bool(row["STATE"] != AttemptState.PAUSED)


def _is_shared(mine: set[str], theirs: set[str]) -> bool:
    return len(mine & theirs) > SHARED * min(len(mine), len(theirs))
