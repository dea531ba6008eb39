"""Where a model learned what it answers."""

from __future__ import annotations

from cortex_tickets.records.record import Record


class LearnedFrom(Record):
    """The training set of a model, and where its rows are."""

    training_set_id: str
    """The training set."""
    training_table: str | None
    """The table that holds it; `None` if only its id is known."""
