"""One kind of fault: how often it happens, and to what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class Fault:
    """How often one kind of fault happens, and to what.

    What is counted, and what `matching` is held against, depends on the kind: statements, rows, fine-tune jobs or
    answers on their way to the client. `Faults` says which it is for each kind.

    Raises:
        InvalidInputError: When it is made, with every problem.

    Examples:
        >>> from cortex_tickets.local import Fault
        >>> Fault(nth=2, matching="INSERT INTO").occasions
        (2,)
    """

    rate: float = 0.0
    """Share of the occasions on which it happens, from 0 (never) to 1 (always)."""
    nth: int | Sequence[int] = ()
    """The occasions on which it happens for certain, counted from 1 since the engine started, in the order in which
    they come; only occasions that `matching` and `only_cortex` let through are counted. Kept as a tuple."""
    at_most: int | None = None
    """How often it happens in the life of the engine, at most; `None` is no limit."""
    matching: str | None = None
    """A regular expression, of any case, that is searched for in the statement, in the text that the row asks (of a
    completion that is the whole prompt, instructions and labels included), or in the job's training query; nothing
    else is struck. `None` is everything."""
    only_cortex: bool = False
    """Whether only statements whose own text calls a Cortex function are struck, and not those that load, count and
    the like. It makes a difference to the kinds that are about connections; the others strike nothing else."""

    def __post_init__(self) -> None:
        given: object = self.nth  # whatever a caller gives
        if is_whole(given, least=1):
            object.__setattr__(self, "nth", (given,))
        elif isinstance(given, list | range):
            object.__setattr__(self, "nth", tuple(given))
        if problems := self._problems():
            raise InvalidInputError(problems)

    @property
    def occasions(self) -> tuple[int, ...]:
        """`nth` as what it is kept as."""
        return self.nth if isinstance(self.nth, tuple) else ()

    @property
    def never_happens(self) -> bool:
        """Whether there is neither a rate nor an occasion."""
        return self.rate == 0 and not self.nth

    def _problems(self) -> list[str]:
        only_cortex: object = self.only_cortex
        problems = rate_problems("rate", self.rate)
        if not isinstance(self.nth, tuple) or not all(is_whole(item, least=1) for item in self.nth):
            problems.append(f"nth={self.nth!r} must be whole numbers from 1: the occasions, counted from the first.")
        if self.at_most is not None and not is_whole(self.at_most, least=1):
            problems.append(f"at_most={self.at_most!r} must be a whole number from 1, or None for no limit.")
        problems += _pattern_problems(self.matching)
        if not isinstance(only_cortex, bool):
            problems.append(f"only_cortex={only_cortex!r} must be True or False.")
        has_more = self.at_most is not None or self.matching is not None or self.only_cortex is True
        if not problems and has_more and self.never_happens:
            problems.append("A fault with neither a rate nor nth never happens: give one of them.")
        return problems


def rate_problems(name: str, value: object) -> list[str]:
    """What is wrong with a share from 0 to 1."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return []
    return [f"{name}={value!r} must be a share from 0 (never) to 1 (always)."]


def is_whole(value: object, *, least: int) -> bool:
    """Whether a value is a whole number of at least `least`."""
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _pattern_problems(pattern: object) -> list[str]:
    if pattern is None:
        return []
    if not isinstance(pattern, str) or not pattern:
        return [f"matching={pattern!r} must be a regular expression that is not empty, or None for everything."]
    try:
        re.compile(pattern)
    except re.error as error:
        return [f"matching={pattern!r} must be a regular expression, and is none: {error}."]
    return []
