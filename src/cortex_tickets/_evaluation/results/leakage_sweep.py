"""What near-copies do to a number: one linear model, split by group and split at random."""

from __future__ import annotations

from typing import Literal

from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.text_table import aligned
from cortex_tickets.notebook_card import card, listed, table
from cortex_tickets.records.record import Received

_HEAD = ("alike from", "groups", "largest", "measured", "grouped split", "random split", "overstated")
_NOTE = "* what training sets are split with, fixed beforehand"


class LeakageRow(Received):
    """One threshold of likeness."""

    similarity: float
    """Jaccard index of the sets of words, 0 to 1, from which two texts are near-copies; at 1 only equal sets are."""
    n_groups: int
    """Groups at that threshold."""
    largest_group: int
    """Tickets of the largest one."""
    n_bounded: int
    """Tickets in groups of more than a tenth of all: these are trained on, and not measured, as in a training set."""
    grouped: Share | None
    """Share right where a group is never on both sides; `None` where chains hold all tickets."""
    random: Share | None
    """Share right of the same tickets, where each ticket is put on a side by chance; `None` as above."""

    @property
    def overstated(self) -> float | None:
        """By how much the random split overstates: its share minus that of the grouped one, -1 to 1."""
        return None if self.random is None or self.grouped is None else self.random.value - self.grouped.value


class LeakageSweep(Received):
    """A linear model, cross-validated by group and at random, at several thresholds of likeness."""

    reference: Literal["gold", "teacher"]
    """What is counted as right: gold of a random sample, or the teacher's labels, and then it is agreement."""
    n_tickets: int
    """Tickets that were used."""
    n_folds: int
    """Parts that the tickets were cut into, each measured once by a model that was trained on the others."""
    seed: int
    """Seed of the folds."""
    chosen: float
    """The threshold that training sets are split with, which was fixed beforehand."""
    rows: tuple[LeakageRow, ...]
    """One for each threshold, the strictest first."""

    @property
    def sentence(self) -> str:
        """What it means at the threshold that training sets are split with."""
        row = min(self.rows, key=lambda row: abs(row.similarity - self.chosen))
        if row.random is None or row.grouped is None or row.overstated is None:
            return f"Near-copies (alike from {row.similarity:g}) are chains that hold all tickets; nothing is measured."
        what = "accuracy" if self.reference == "gold" else "agreement with the teacher"
        return (
            f"Split at random, a linear model has {row.random.value:.1%} {what}; with near-copies "
            f"(alike from {row.similarity:g}) kept on one side it has {row.grouped.value:.1%}: the random split "
            f"overstates by {row.overstated * 100:.1f} points."
        )

    def __str__(self) -> str:
        return "\n".join([*aligned([_HEAD, *self._cells]), _NOTE, self.sentence])

    def _repr_html_(self) -> str:
        return card(self.sentence, table(_HEAD, self._cells), listed([_NOTE]))

    @property
    def _cells(self) -> list[tuple[str, ...]]:
        return [
            (
                f"{row.similarity:g}{' *' if row.similarity == self.chosen else ''}",
                f"{row.n_groups:,}",
                f"{row.largest_group:,}",
                "0" if row.grouped is None else f"{row.grouped.n_tickets:,}",
                "-" if row.grouped is None else str(row.grouped),
                "-" if row.random is None else str(row.random),
                "-" if row.overstated is None else f"{row.overstated * 100:+.1f}",
            )
            for row in self.rows
        ]
