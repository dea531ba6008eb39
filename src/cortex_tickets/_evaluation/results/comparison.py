"""Two models on the same tickets."""

from __future__ import annotations

from cortex_tickets._evaluation.statistics.estimates import Method
from cortex_tickets.notebook_card import card, facts
from cortex_tickets.records.record import Received

SIGNIFICANCE = 0.05
"""Largest corrected p value that is called a difference."""


class Comparison(Received):
    """The accuracy of one model minus that of another, on the same tickets, against gold."""

    first: str
    """The model whose accuracy stands first."""
    second: str
    """The model that is subtracted."""
    difference: float
    """Accuracy of the first minus that of the second, -1 to 1."""
    low: float
    """Lower bound of the 95 % interval, paired and by group."""
    high: float
    """Upper bound of the 95 % interval."""
    method: Method
    """How the interval was made: Tango's where every group is one ticket, else the paired cluster bootstrap."""
    n_only_first: int
    """Tickets that only the first has right."""
    n_only_second: int
    """Tickets that only the second has right."""
    n_tickets: int
    """Tickets with random-sample gold."""
    n_groups: int
    """Groups among them."""
    n_equal_groups: float
    """Groups of one size that would tell as much, were all of a group right or wrong together: fewer than `n_groups`
    where a few of them are large."""
    p_value: float
    """Exact two-sided p value; McNemar's where every group is one ticket, else by sign changes of groups."""
    p_corrected: float
    """The same after Holm's correction over all pairs of the evaluation."""

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p value is at most 0.05."""
        return self.p_corrected <= SIGNIFICANCE

    def turned(self) -> Comparison:
        """Return the same comparison, seen from the second model."""
        return self.model_copy(
            update={
                "first": self.second,
                "second": self.first,
                "difference": -self.difference if self.difference else 0.0,
                "low": -self.high,
                "high": -self.low,
                "n_only_first": self.n_only_second,
                "n_only_second": self.n_only_first,
            }
        )

    def __str__(self) -> str:
        if self.difference == 0:
            lead = f"{self.first} and {self.second} are equally accurate on these tickets"
        else:
            points = f"{abs(self.difference) * 100:.1f} points"
            lead = f"{self.first} is {points} {'more' if self.difference > 0 else 'less'} accurate than {self.second}"
        said = "a difference" if self.is_significant else "no difference that this test can show"
        return (
            f"{lead} (95 % interval of the difference {self.low * 100:+.1f} to {self.high * 100:+.1f} points; "
            f"corrected p = {self.p_corrected:.3g}): {said}."
        )

    def _repr_html_(self) -> str:
        only = f"{self.first} {self.n_only_first}, {self.second} {self.n_only_second}"
        return card(
            str(self), facts({"tickets": f"{self.n_tickets:,} in {self.n_groups:,} groups", "only one right": only})
        )
