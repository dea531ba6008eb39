"""Gold labels against what a model said."""

from __future__ import annotations

from cortex_tickets.notebook_card import card, table
from cortex_tickets.records.record import Received


class ConfusionMatrix(Received):
    """Counts of tickets by gold label (rows) and by what the model said (columns)."""

    rows: tuple[str, ...]
    """Gold labels, in the order of the label set; shape `(n_rows,)`."""
    columns: tuple[str, ...]
    """Labels in the same order, then the outcomes without a label that occurred; shape `(n_columns,)`."""
    n_labels: int
    """How many of the columns are labels; the others are outcomes, such as `off_label`."""
    counts: tuple[tuple[int, ...], ...]
    """Tickets, shape `(n_rows, n_columns)`."""

    def confused(self) -> list[tuple[str, str, int]]:
        """Return the wrong cells that are not empty, as gold, said and count, the largest first."""
        cells = [
            (row, column, count)
            for row, counts in zip(self.rows, self.counts, strict=True)
            for column, count in zip(self.columns, counts, strict=True)
            if count and row != column
        ]
        return sorted(cells, key=lambda cell: (-cell[2], cell[0], cell[1]))

    def __str__(self) -> str:
        width = max(map(len, (*self.rows, "gold / said")))
        lines = [f"{'gold / said':<{width}}  {' | '.join(self.columns)}"]
        for row, counts in zip(self.rows, self.counts, strict=True):
            cells = " | ".join(f"{count:>{len(column)}}" for column, count in zip(self.columns, counts, strict=True))
            lines.append(f"{row:<{width}}  {cells}")
        return "\n".join(line.rstrip() for line in lines)

    def _repr_html_(self) -> str:
        rows = [(row, *map(str, counts)) for row, counts in zip(self.rows, self.counts, strict=True)]
        return card("Gold labels (rows) against what was said (columns)", table(("", *self.columns), rows))
