"""Tickets that were drawn at random, to be labelled by a person who sees no model's label."""

from __future__ import annotations

from pydantic import Field

from cortex_tickets.notebook_card import card, table
from cortex_tickets.records.record import Record

_SHOWN = 10
"""A notebook shows so many tickets."""


class SampledTicket(Record):
    """One ticket of a sample: what a person needs to label it, and nothing that a model said."""

    ticket_id: str
    """The ticket's id."""
    text_hash: str
    """SHA-256, in hexadecimal, of its text: with the id it names the ticket."""
    text: str = Field(repr=False)
    """What the customer wrote."""


class LabelSample(Record):
    """A simple random sample of tickets that have a text and no label of a random sample yet.

    To go on in another process, keep `sample.model_dump_json()`, which holds the texts, and read it with
    `LabelSample.model_validate_json`.
    """

    table: str
    """The gold table that the labels are for, with database and schema."""
    seed: int
    """The seed that it was drawn with."""
    n_population: int
    """Tickets that it was drawn from."""
    tickets: tuple[SampledTicket, ...]
    """The tickets, in random order: whoever labels the first of them has labelled a random sample, too."""

    def _repr_html_(self) -> str:
        shown = self.tickets[:_SHOWN]
        more = f"; the first {len(shown)}" if len(shown) < len(self.tickets) else ""
        return card(
            f"{len(self.tickets):,} tickets to label, drawn from {self.n_population:,} for {self.table}{more}",
            table(("ticket", "text"), [(ticket.ticket_id, ticket.text) for ticket in shown], n_text_columns=2),
        )
