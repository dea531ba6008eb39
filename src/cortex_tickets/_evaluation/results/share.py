"""A share of tickets with its interval."""

from __future__ import annotations

from cortex_tickets._evaluation.statistics.estimates import Method
from cortex_tickets.records.record import Received


class Share(Received):
    """A share of tickets, 0 to 1, with its 95 % interval by group."""

    value: float
    """The share, 0 to 1."""
    low: float
    """Lower bound of the 95 % interval."""
    high: float
    """Upper bound of the 95 % interval."""
    count: int
    """Tickets counted, such as the right ones."""
    n_tickets: int
    """Tickets that it is a share of."""
    n_groups: int
    """Groups of identical and near-identical texts among them: what the interval goes by."""
    method: Method
    """How the interval was made: Wilson's where every group is one ticket, else the cluster bootstrap."""

    def __str__(self) -> str:
        return f"{self.value:.1%} [{self.low:.1%}, {self.high:.1%}]"
