"""How one model did on one label."""

from __future__ import annotations

from cortex_tickets.records.record import Received


class LabelScore(Received):
    """One model's figures for one label, against gold."""

    label: str
    """The label."""
    support: int
    """Tickets that have this label in gold."""
    n_given: int
    """Tickets that the model gave this label."""
    n_right: int
    """Tickets that have this label and were given it."""
    precision: float | None
    """Share of the tickets given this label that have it; `None` if it was never given."""
    recall: float | None
    """Share of the tickets with this label that were given it; `None` at zero support."""
    f1: float | None
    """Harmonic mean of the two; 0 if the label was never right, `None` if it was neither given nor in gold."""
