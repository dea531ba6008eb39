"""What a person decided about one reply."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from cortex_tickets.records.record import Record
from cortex_tickets.records.reply import Reply, ReplyStatus


class ReplyDecision(Record):
    """What a person decided about a reply that they have seen, and what they changed in it."""

    reply: Reply
    """The reply as the person saw it: where it has changed since, the decision is refused."""
    decision: ReplyStatus | None = None
    """`approved` or `rejected`; `None` for an edit without a decision."""
    subject: str | None = None
    """The subject as it is to be; `None` to leave it."""
    body: str | None = None
    """The reply as it is to be; `None` to leave it."""

    @model_validator(mode="after")
    def _is_a_decision(self) -> Self:
        if self.decision not in (None, ReplyStatus.APPROVED, ReplyStatus.REJECTED):
            raise ValueError(f"decision={self.decision.value!r} is none; give 'approved', 'rejected' or None")
        return self
