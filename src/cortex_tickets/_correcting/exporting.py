"""Writes gold labels to a CSV file that `load_gold` reads."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.gold_label import GOLD_COLUMNS, GoldLabel


def write_csv(path: Path, labels: Sequence[GoldLabel]) -> None:
    """Write the file under another name first, so that a crash leaves no half of it.

    Raises:
        InvalidInputError: If it cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(GOLD_COLUMNS)
            writer.writerows(map(_cells, labels))
        unfinished.replace(path)
    except OSError as error:
        raise InvalidInputError(
            f"The labels cannot be written to {path}: {error.strerror or type(error).__name__}. "
            "Give a file in a folder that is there and can be written."
        ) from None


def _cells(label: GoldLabel) -> list[str]:
    return [
        label.ticket_id,
        label.text_hash,
        label.label,
        label.source.value,
        label.annotator or "",
        "" if label.labelled_at is None else label.labelled_at.isoformat(),
    ]
