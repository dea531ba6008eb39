"""Gathers what is wrong with a call, so that its caller is told everything at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import TypeGuard

from cortex_tickets.errors import IncompleteRunError, InvalidInputError

_LONGEST_NAME = 60


class Problems:
    """A list of problems. As a `with` block it takes up those of an `InvalidInputError` raised inside.

    An `IncompleteRunError` is a problem, too. One error alone is raised as what it is.

    Examples:
        >>> found = Problems()
        >>> with found:
        ...     raise InvalidInputError("the first")
        >>> found.add(["the second"])
        >>> found.require_none()
        Traceback (most recent call last):
        cortex_tickets.errors.InvalidInputError: 2 problems:
        - the first
        - the second
    """

    def __init__(self) -> None:
        self._found: list[str] = []
        self._only: InvalidInputError | IncompleteRunError | None = None

    def add(self, problems: Iterable[str]) -> None:
        """Take up more problems."""
        added = list(problems)
        if added:
            self._found += added
            self._only = None

    def require_none(self) -> None:
        """Go on if there are none.

        Raises:
            InvalidInputError: With all of them.
            IncompleteRunError: If that is the only one.
        """
        if self._only is not None:
            raise self._only
        if self._found:
            raise InvalidInputError(self._found)

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if not isinstance(error, InvalidInputError | IncompleteRunError):
            return False
        is_first = not self._found
        self.add(error.problems if isinstance(error, InvalidInputError) else [str(error)])
        self._only = error if is_first else None
        return True


def why_unread(error: Exception) -> str:
    """Return why a file could not be read. An operating system's own text has its number, and the path once more."""
    return (isinstance(error, OSError) and error.strerror) or str(error)


def shown_cell(cell: str) -> str:
    """Return a name or an id out of a file as an error may show it: what is too long for one may be a ticket's text."""
    return cell if len(cell) <= _LONGEST_NAME and cell.isprintable() else length_of(cell)


def length_of(cell: str) -> str:
    """Return what an error says of a cell that may hold a ticket's text: how long it is, never what it says."""
    return f"a text of {len(cell):,} character{'' if len(cell) == 1 else 's'}"


def seconds_problems(timeout: object) -> list[str]:
    """Return what is wrong with a `timeout=`: it must be a number of seconds above 0, or `None`."""
    if timeout is None:
        return []
    if isinstance(timeout, int | float) and not isinstance(timeout, bool) and math.isfinite(timeout) and timeout > 0:
        return []
    return [f"timeout={timeout!r} must be more than 0 seconds, or None."]


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number: no text, no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def whole_number_problems(name: str, value: object, *, least: int | None = None) -> list[str]:
    """Return what is wrong with an argument that must be a whole number, of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool):
        return [f"{name}={value!r} must be a whole number."]
    return [f"{name}={value} must be at least {least}."] if least is not None and value < least else []


def model_names(given: object) -> tuple[str, ...]:
    """Return the names of `model=`, one or several in order; empty for `None` and where one is no name."""
    names = [given] if isinstance(given, str) else list(given) if isinstance(given, Sequence) else []
    cleaned = tuple(name.strip() for name in names if isinstance(name, str))
    return cleaned if len(cleaned) == len(names) and all(cleaned) else ()


def model_name_problems(given: object, function: str) -> list[str]:
    """Return what is wrong with `model=` as names for `function`."""
    names = model_names(given)
    # A name stands in the statement: what cannot be printed cannot be one, and some of it could not be sent.
    if not names or not all(name.isprintable() for name in names):
        return [
            (
                f"{function} needs model= as a name such as 'claude-sonnet-4-6', or a list of such names in the order "
                f"in which they are to be tried, not {given!r}."
            )
        ]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [f"model= names {', '.join(twice)} twice; name each model once."] if twice else []
