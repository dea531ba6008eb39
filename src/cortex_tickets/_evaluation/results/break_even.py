"""From how many tickets a month on a model pays, its training included."""

from __future__ import annotations

from cortex_tickets.notebook_card import card
from cortex_tickets.records.record import Received


class BreakEven(Received):
    """The monthly volume from which one model is cheaper than another."""

    name: str
    """The model that has to be trained, such as a student or a cascade."""
    against: str
    """The model that it would replace, such as the teacher."""
    dollars_per_1000: float
    """US dollars for 1,000 tickets with it."""
    dollars_per_1000_against: float
    """US dollars for 1,000 tickets with the other one."""
    training_dollars: float
    """US dollars for one training."""
    months_in_use: float
    """Months that one training is used for."""
    dollars_per_month: float
    """Further US dollars a month that only it costs."""

    @property
    def fixed_dollars_per_month(self) -> float:
        """US dollars a month that it costs however few tickets there are."""
        return self.training_dollars / self.months_in_use + self.dollars_per_month

    @property
    def tickets_per_month(self) -> float | None:
        """Tickets a month above which it is cheaper; `None` if it never is. 0 means: always."""
        saved = self.dollars_per_1000_against - self.dollars_per_1000
        if saved <= 0:
            return None
        return self.fixed_dollars_per_month / saved * 1000

    def saving(self, tickets_per_month: float) -> float:
        """Return the US dollars that it saves in a month with so many tickets; negative where it costs more."""
        saved = self.dollars_per_1000_against - self.dollars_per_1000
        return saved * tickets_per_month / 1000 - self.fixed_dollars_per_month

    def __str__(self) -> str:
        lead = (
            f"{self.name} costs ${self.dollars_per_1000:.4f} for 1,000 tickets, {self.against} "
            f"${self.dollars_per_1000_against:.4f}; beside that {self.name} costs "
            f"${self.fixed_dollars_per_month:.2f} a month (training ${self.training_dollars:.2f}, used for "
            f"{self.months_in_use:g} months)"
        )
        if self.tickets_per_month is None:
            return f"{lead}: it never pays."
        return f"{lead}: it pays from {self.tickets_per_month:,.0f} tickets a month on."

    def _repr_html_(self) -> str:
        return card(str(self))
