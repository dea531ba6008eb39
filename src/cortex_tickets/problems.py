"""Gathers what is wrong with a call, so that its caller is told everything at once."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType

from cortex_tickets.errors import InvalidInputError


class Problems:
    """A list of problems. As a `with` block it takes up the problems of an `InvalidInputError` raised inside.

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

    def add(self, problems: Iterable[str]) -> None:
        """Take up more problems."""
        self._found += problems

    def require_none(self) -> None:
        """Go on if there are none.

        Raises:
            InvalidInputError: With all of them.
        """
        if self._found:
            raise InvalidInputError(self._found)

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        if isinstance(error, InvalidInputError):
            self.add(error.problems)
            return True
        return False
