"""Writes gold labels as a CSV text that `load_gold` reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from cortex_tickets.records.gold_label import GOLD_COLUMNS, GoldLabel


def csv_text(labels: Sequence[GoldLabel]) -> str:
    """Return the labels as CSV with a header."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(GOLD_COLUMNS)
    writer.writerows(map(_cells, labels))
    return text.getvalue()


def _cells(label: GoldLabel) -> list[str]:
    return [
        label.ticket_id,
        label.text_hash,
        label.label,
        label.source.value,
        label.annotator or "",
        "" if label.labelled_at is None else label.labelled_at.isoformat(),
    ]
