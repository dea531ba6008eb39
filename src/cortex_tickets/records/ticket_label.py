"""A label that a person gives to a ticket."""

from __future__ import annotations

import re
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import cleaned

_HASH = re.compile("[0-9a-fA-F]{64}")


class TicketLabel(Record):
    """A label that a person gives to one ticket. An id alone may name several tickets, so the text belongs to it.

    Examples:
        >>> TicketLabel(ticket_id="TR1", text="I lost my phone.", label="Lost phone").label
        'Lost phone'
    """

    ticket_id: str = Field(min_length=1)
    """The ticket's id."""
    label: str
    """The label: one of the label set, exactly as it stands there."""
    text: str | None = Field(default=None, repr=False)
    """The ticket's text; `None` if `text_hash` is given."""
    text_hash: str | None = None
    """SHA-256, in hexadecimal, of the text, as ledgers and samples have it; `None` if `text` is given."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_sendable(cls, given: Any) -> Any:
        return cleaned(given)

    @model_validator(mode="after")
    def _names_one_ticket(self) -> Self:
        if (self.text is None) == (self.text_hash is None):
            raise ValueError("give either text= or text_hash=, and not both: an id alone may name several tickets")
        if self.text_hash is not None and not _HASH.fullmatch(self.text_hash):
            raise ValueError("text_hash= is no SHA-256 in hexadecimal; it has 64 digits")
        return self
