"""What loading a CSV file did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from cortex_tickets.notebook_card import Tone, card, counted, facts, listed, title
from cortex_tickets.problems import shown_cell
from cortex_tickets.records.record import Record

_SHOWN_IDS = 5
_SHOWN_LABELS = 20


class LoadReport(Record):
    """What a CSV file held, and what became of it."""

    table: str
    """The table, with database and schema."""
    was_written: bool
    """Whether the table was written; `False` if it held these rows already."""
    n_rows: int
    """Rows in the table."""
    n_ids: int
    """Distinct ticket ids."""
    repeated_ids: Mapping[str, int]
    """Ids that stand in more than one row, and in how many: an id alone names no ticket."""
    n_texts: int
    """Distinct texts."""
    n_blank: int
    """Rows whose text is blank. They are loaded; asking about them gives the outcome `blank`."""
    n_by_label: Mapping[str, int] = {}
    """Rows by label, most first; empty for tickets."""
    n_duplicates: int = 0
    """Gold rows that say again what another row says; they are left out."""
    n_rejected: int = 0
    """Rows that could not be loaded."""
    rejected: Path | None = None
    """The file that keeps them; `None` if there are none."""
    notes: tuple[str, ...] = ()
    """What a careful reader should know, one sentence each."""

    def __str__(self) -> str:
        state = "written" if self.was_written else "unchanged: it held these rows already"
        lines = [f"{self.table}: {self.n_rows:,} rows ({state}), {self.n_texts:,} distinct texts, {self.n_blank} blank"]
        if self.repeated_ids:
            lines.append(f"{len(self.repeated_ids)} ids repeat: {self._shown_ids()}")
        if self.n_by_label:
            lines.append(", ".join(f"{label} {count}" for label, count in self._shown_labels().items()))
        if self.n_duplicates:
            lines.append(f"{self.n_duplicates} duplicates left out")
        if self.n_rejected:
            lines.append(f"{self.n_rejected} rows rejected, kept in {self.rejected}")
        return "\n".join([*lines, *self.notes])

    def _shown_ids(self) -> str:
        shown = [f"{shown_cell(id_)} ({count} rows)" for id_, count in list(self.repeated_ids.items())[:_SHOWN_IDS]]
        more = len(self.repeated_ids) - len(shown)
        return ", ".join(shown) + (f" and {more} more" if more else "")

    def _shown_labels(self) -> Mapping[str, int]:
        """Return the labels that people are shown: a column of texts that was taken for labels is not listed."""
        others = f"({len(self.n_by_label) - _SHOWN_LABELS:,} other labels)"
        shown: Counter[str] = Counter()
        for number, (label, count) in enumerate(self.n_by_label.items()):
            shown[shown_cell(label) if number < _SHOWN_LABELS else others] += count
        return shown

    def _repr_html_(self) -> str:
        return card(
            title(f"{self.n_rows:,} rows in {self.table}", "written" if self.was_written else "unchanged", Tone.PLAIN),
            facts(
                {
                    "distinct texts": f"{self.n_texts:,}",
                    "blank texts": f"{self.n_blank:,}" if self.n_blank else None,
                    "ids that repeat": self._shown_ids() or None,
                    "labels": counted(self._shown_labels()),
                    "left out": f"{self.n_duplicates:,} duplicates" if self.n_duplicates else None,
                    "rejected": f"{self.n_rejected:,}, kept in {self.rejected}" if self.n_rejected else None,
                }
            ),
            listed(self.notes),
        )
