"""What a gold row must be: a label of one ticket, with who gave it, when, and how the ticket was chosen."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cortex_tickets._loading.csv_loading import Content, missing_columns
from cortex_tickets._loading.moments import EXPECTED, moment, stored
from cortex_tickets.csv_file import CsvFile, CsvRow, RejectedRow
from cortex_tickets.problems import length_of, shown_cell
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.records.gold_label import GoldSource
from cortex_tickets.records.label_set import MAX_LABELS

GOLD_SOURCES = tuple(source.value for source in GoldSource)

FILE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "ticket_id": ("TICKET_ID",),
    "text_hash": ("TEXT_HASH",),
    "text": ("TEXT", "REQUEST"),
    "label": ("LABEL",),
    "source": ("SOURCE",),
    "annotator": ("ANNOTATOR",),
    "labelled_at": ("LABELLED_AT",),
}
"""What a file may call the columns, by role."""
_REQUIRED_ROLES = ("ticket_id", "label", "source")
_SOURCE_MEANS = (
    f"{{}} says how the ticket was chosen: {GoldSource.RANDOM_SAMPLE.value} if it was drawn blind, "
    f"{GoldSource.CORRECTION.value} if a person noticed it."
)
_HASH = re.compile("[0-9a-f]{64}")


def text_hash(text: str) -> str:
    """Return the text's SHA-256 in hexadecimal, as `SHA2(text, 256)` gives it in SQL for the loaded text."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One gold row that can be loaded."""

    row: CsvRow
    values: tuple[str | None, ...] = field(repr=False)
    """In the order of `GOLD_COLUMNS`."""

    @property
    def key(self) -> tuple[str | None, ...]:
        """What the row speaks of: the ticket's id, its text's hash, and how the ticket was chosen.

        A correction may well differ from the label of a random sample.
        """
        return (*self.values[:2], self.values[3])

    @property
    def label(self) -> str:
        """The label, without blanks at its ends."""
        return str(self.values[2])


@dataclass(slots=True)
class GoldRows:
    """The rows of a gold file: good, said twice, and rejected."""

    kept: list[GoldRow] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    n_duplicates: int = 0

    def problems(self) -> list[str]:
        """Return what is wrong with the rows together: a column of texts is not one of labels."""
        n_labels = len({row.label for row in self.kept})
        if n_labels <= MAX_LABELS:
            return []
        told = f"The column of labels has {n_labels:,} different ones, and a label set has {MAX_LABELS} at most."
        return [f"{told} Name the right one with columns={{...}}."]

    def content(self) -> Content:
        """Return the counts of the rows that are kept; a text is known by its hash."""
        content = Content()
        for row in self.kept:
            content.add(str(row.values[0]), str(row.values[1]))
            content.n_blank += row.values[1] == text_hash("")
        return content


def gold_positions(file: CsvFile, columns: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """Return where each role stands in the file, and what is missing."""
    problems = [
        f"columns= has the unknown role {role}; it knows {', '.join(FILE_COLUMNS)}."
        for role in sorted(set(columns) - set(FILE_COLUMNS))
    ]
    names = {role: (columns[role].strip().upper(),) if role in columns else FILE_COLUMNS[role] for role in FILE_COLUMNS}
    positions = {
        role: file.header.index(name) for role, alike in names.items() for name in alike[::-1] if name in file.header
    }
    must = [names[role][0] for role in names if role not in positions and (role in _REQUIRED_ROLES or role in columns)]
    missing = missing_columns(file, must)
    if "source" not in positions:  # nobody else's files have it, so it is told what it means
        missing = [f"{problem} {_SOURCE_MEANS.format(names['source'][0])}" for problem in missing]
    problems += missing
    if "text_hash" not in positions and "text" not in positions:
        problems.append(
            f"{file.path} has neither TEXT_HASH nor the ticket's text (TEXT or REQUEST). An id alone may name several "
            "tickets: add one of them."
        )
    if "text" in positions and positions.get("label") == positions["text"]:
        name = file.header[positions["text"]]
        told = f"{file.path} has {shown_cell(name)} as the ticket's text and as its label"
        problems.append(f"{told}; name the column of labels with columns={{...}}.")
    return positions, problems


def gold_rows(rows: Iterable[CsvRow | RejectedRow], positions: Mapping[str, int]) -> GoldRows:
    """Return the rows that can be loaded, one for each ticket, and those that cannot.

    Args:
        rows: The file's rows.
        positions: Where the roles `ticket_id`, `label`, `source` and one of `text_hash` and `text` stand, and
            `annotator` and `labelled_at` if they are there.
    """
    found = GoldRows()
    by_ticket: dict[tuple[str | None, ...], list[GoldRow]] = {}
    for row in rows:
        if isinstance(row, RejectedRow):
            found.rejected.append(row)
            continue
        cells = {role: row.values[position].strip() for role, position in positions.items() if role != "text"}
        text = row.values[positions["text"]] if "text" in positions else None
        reasons = _reasons(cells, text)
        if reasons:
            found.rejected.append(row.rejected("; ".join(reasons)))
        else:
            made = _made(row, cells, text)
            by_ticket.setdefault(made.key, []).append(made)
    for alike in by_ticket.values():
        _sort_in(found, alike)
    found.rejected.sort(key=lambda row: row.number)
    return found


def _sort_in(found: GoldRows, alike: list[GoldRow]) -> None:
    """Keep the first of the rows about one ticket if all agree, and none if they do not: nobody knows who is right."""
    if len({row.label for row in alike}) == 1:
        found.kept.append(alike[0])
        found.n_duplicates += len(alike) - 1
        return
    numbers = ", ".join(str(row.row.number) for row in alike)
    ticket = shown_cell(str(alike[0].key[0]))
    reason = f"contradicts another row about the same ticket {ticket} (rows {numbers}); keep the right one"
    found.rejected += [row.row.rejected(reason) for row in alike]


def _reasons(cells: Mapping[str, str], text: str | None) -> list[str]:
    reasons = []
    if not cells["ticket_id"]:
        reasons.append("has no ticket id")
    if not cells["label"]:
        reasons.append("has no label")
    if cells["source"].lower() not in GOLD_SOURCES:
        reasons.append(f"has {length_of(cells['source'])} as its source; expected {' or '.join(GOLD_SOURCES)}")
    given = cells.get("text_hash")
    if given is not None and not _HASH.fullmatch(given.lower()):
        reasons.append("has a text hash that is not 64 hexadecimal digits")
    elif given is not None and text is not None and given.lower() != text_hash(text):
        reasons.append("has a text hash that is not that of its text")
    if cells.get("labelled_at") and moment(cells["labelled_at"]) is None:
        reasons.append(f"has {length_of(cells['labelled_at'])} as its date; {EXPECTED}")
    return reasons


def _made(row: CsvRow, cells: Mapping[str, str], text: str | None) -> GoldRow:
    hash_ = cells["text_hash"].lower() if text is None else text_hash(text)
    return GoldRow(
        row,
        (
            cells["ticket_id"],
            hash_,
            cells["label"],
            cells["source"].lower(),
            cells.get("annotator") or None,
            stored(cells.get("labelled_at", "")),
        ),
    )
