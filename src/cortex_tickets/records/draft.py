"""What a check looks at: a reply as it came, and all that it was allowed to say."""

from __future__ import annotations

from functools import cached_property

from cortex_tickets.records.playbook import PlaybookEntry
from cortex_tickets.records.record import Received
from cortex_tickets.records.reply import Channel
from cortex_tickets.records.ticket import Ticket


class Draft(Received):
    """A reply to one ticket before anyone said that it is good: what a check of your own is given.

    Examples:
        >>> from cortex_tickets import Draft
        >>> def names_no_competitor(draft: Draft) -> str | None:
        ...     return "The reply names a competitor." if "Acme Mobile" in draft.said else None
    """

    ticket: Ticket
    """The ticket that is answered."""
    label: str | None
    """Its label; `None` if it has none that can be used."""
    entry: PlaybookEntry
    """What the playbook says about the label: its generic entry where it has none for it."""
    label_meant: str | None = None
    """The label of an entry that may be meant where the playbook has none for this one; `None` for none."""
    signature: str
    """Who is to sign."""
    offer: str | None
    """What may be offered; `None` for nothing."""
    channel: Channel
    """How the customer is answered."""
    subject: str | None
    """The subject; `None` if there is none."""
    body: str
    """The reply."""

    @cached_property
    def said(self) -> str:
        """Everything that the customer would read."""
        return f"{self.subject}\n{self.body}" if self.subject else self.body

    @cached_property
    def allowed(self) -> str:
        """Everything that the reply may take facts from: the ticket with its customer, and the playbook."""
        ticket = self.ticket
        own = (ticket.id, ticket.text, ticket.customer_name, ticket.customer_email, ticket.service_type)
        return "\n".join(part for part in (*own, *self.company_text) if part)

    @cached_property
    def stated(self) -> str:
        """What the customer and the company wrote: `allowed` without names, addresses and ids."""
        return "\n".join((self.ticket.text, *self.company_text))

    @cached_property
    def company_text(self) -> tuple[str, ...]:
        """What the company itself says: the only place that a promise may come from."""
        return (*self.entry.facts, *([self.offer] if self.offer else []), self.signature)
