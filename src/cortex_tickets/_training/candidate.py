"""One ticket on its way into a training set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ticket row, the label that the teacher gave it, and its gold label if somebody gave one."""

    ticket_id: str
    text: str
    text_hash: str
    created_at: datetime | None
    label: str | None
    """The teacher's label; `None` if its outcome is not one that carries a label."""
    outcome: str | None
    gold_label: str | None
    """A label of a random sample, which may be measured against."""
    correction: str | None
    """A label that somebody corrected: it is trained on, and never measured against."""

    @property
    def key(self) -> tuple[str, str]:
        """What names the ticket: ids repeat."""
        return (self.ticket_id, self.text_hash)

    @property
    def completion(self) -> str | None:
        """What a student is trained to answer."""
        return self.correction or self.label
