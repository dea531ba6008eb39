"""What a probe came back with: a value, or the refusal, which is evidence as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from cortex_tickets.errors import CortexError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """What a probe came back with."""

    value: T | None = None
    """What was told; `None` if the probe was refused, or there was nothing to ask."""
    refusal: CortexError | None = None
    """What it was refused with; `None` if it was not."""

    @property
    def reason(self) -> str:
        """Why there is no value, for a sentence of evidence."""
        return "it was not asked" if self.refusal is None else self.refusal.reason


def asked(probe: Callable[[], T]) -> Answer[T]:
    """Return what the probe tells. No failure of Snowflake's gets through: one probe never ends the others."""
    try:
        return Answer(probe())
    except CortexError as error:
        return Answer(refusal=error)
