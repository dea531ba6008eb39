"""One support ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import field_validator

from cortex_tickets.notebook_card import card, facts, letter
from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import cleaned


class Ticket(Record):
    """One support ticket, as a person wrote it.

    NUL and halves of surrogate pairs, which neither a statement nor JSON can carry, become U+FFFD in every field.
    """

    id: str
    """The ticket's number. Real tables repeat ids, so an id alone names no ticket."""
    text: str
    """What the customer wrote; blank is allowed and becomes the outcome `blank`."""
    customer_name: str | None = None
    """The customer's name as a reply should use it; `None` if unknown."""
    customer_email: str | None = None
    """The customer's e-mail address; `None` if unknown."""
    service_type: str | None = None
    """The product the ticket is about, such as `Cellular`; `None` if unknown."""
    contact_preference: str | None = None
    """How the customer wants to be answered: `Email` or `Text Message`; `None` if unknown."""
    created_at: datetime | None = None
    """When the ticket was opened; `None` if unknown."""

    @field_validator("*", mode="before")
    @classmethod
    def _is_sendable(cls, given: Any) -> Any:
        return cleaned(given)

    def _repr_html_(self) -> str:
        return card(
            f"Ticket {self.id}",
            letter(self.text),
            facts(
                {
                    "customer": self.customer_name,
                    "e-mail": self.customer_email,
                    "service": self.service_type,
                    "answer by": self.contact_preference,
                    "opened": None if self.created_at is None else f"{self.created_at:%Y-%m-%d %H:%M}",
                }
            ),
        )
