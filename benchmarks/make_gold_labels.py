"""Writes the packaged gold labels: one label for each row of the sample tickets, keyed by id and text hash.

Run it after the tickets or a label changed: `python benchmarks/make_gold_labels.py labels_by_row.csv`, where the file
has ROW_NUMBER (1 for the first ticket), TICKET_ID and LABEL. Without a file the labels that are packaged now are kept,
and only their hashes are made anew, in the tickets' order.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from pathlib import Path

from cortex_tickets import samples
from cortex_tickets.prompts.delimiter import clean

COLUMNS = ("TICKET_ID", "TEXT_HASH", "LABEL", "SOURCE", "ANNOTATOR", "LABELLED_AT")
# Every row was labelled, so the labels are no choice of anyone's: a sample without bias.
SOURCE, ANNOTATOR, LABELLED_AT = "random_sample", "cortex-tickets", "2026-11-22"


def read(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def text_hash(text: str) -> str:
    """Return what SHA2(text, 256) gives in SQL."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


def gold_rows(tickets: list[dict[str, str]], labels: list[dict[str, str]]) -> list[tuple[str, ...]]:
    """Return the gold rows, in the order of the tickets."""
    if [row["TICKET_ID"] for row in tickets] != [row["TICKET_ID"] for row in labels]:
        raise SystemExit("The labels are not those of these tickets: their TICKET_ID differ, or their order does.")
    return [
        (ticket["TICKET_ID"], text_hash(ticket["REQUEST"]), label["LABEL"], SOURCE, ANNOTATOR, LABELLED_AT)
        for ticket, label in zip(tickets, labels, strict=True)
    ]


def main(arguments: list[str]) -> None:
    """Write the packaged file."""
    labels = read(Path(arguments[0]) if arguments else samples.gold_labels())
    rows = gold_rows(read(samples.support_tickets()), labels)
    with samples.gold_labels().open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([COLUMNS, *rows])
    print(f"{len(rows)} gold labels written to {samples.gold_labels()}")


if __name__ == "__main__":
    main(sys.argv[1:])
