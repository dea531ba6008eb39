"""What a check looks at: a reply as it came, and all that it was allowed to say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from cortex_tickets.prompts.reply_prompt import ReplyPrompt, channel_of
from cortex_tickets.records.playbook import PlaybookEntry
from cortex_tickets.records.reply import Channel
from cortex_tickets.records.ticket import Ticket


@dataclass(frozen=True)
class Draft:
    """A model's reply to one ticket, before anyone said that it is good."""

    ticket: Ticket
    """The ticket that is answered."""
    label: str | None
    """Its label; `None` if it has none that can be used."""
    entry: PlaybookEntry
    """What the playbook says about the label."""
    signature: str
    """Who is to sign."""
    offer: str | None
    """What may be offered; `None` for nothing."""
    subject: str | None
    """The subject; `None` if there is none."""
    body: str
    """The reply."""

    @classmethod
    def of(cls, prompt: ReplyPrompt, ticket: Ticket, *, label: str | None, subject: str | None, body: str) -> Draft:
        """Return the draft with what the prompt allowed for it."""
        entry = prompt.playbook.entry_for(label)
        return cls(
            ticket=ticket,
            label=label,
            entry=entry,
            signature=entry.signature or prompt.playbook.signature,
            offer=prompt.offer(entry),
            subject=subject,
            body=body,
        )

    @property
    def channel(self) -> Channel:
        """How the customer is answered."""
        return channel_of(self.ticket.contact_preference)

    @cached_property
    def said(self) -> str:
        """Everything that the customer would read."""
        return f"{self.subject}\n{self.body}" if self.subject else self.body

    @cached_property
    def allowed(self) -> str:
        """Everything that the reply may take facts from."""
        ticket = self.ticket
        own = (ticket.id, ticket.text, ticket.customer_name, ticket.customer_email, ticket.service_type)
        return "\n".join(part for part in (*own, *self.playbook_text) if part)

    @cached_property
    def playbook_text(self) -> tuple[str, ...]:
        """What the company itself says: the only place that a promise may come from."""
        return (*self.entry.facts, *([self.offer] if self.offer else []), self.signature)
