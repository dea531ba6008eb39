"""What a row of a ticket file must be: an id, a text that may be blank, and whatever else the file has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cortex_tickets._loading.csv_loading import Content, missing_columns
from cortex_tickets._loading.moments import EXPECTED, moment, stored
from cortex_tickets.csv_file import CsvFile, CsvRow, RejectedRow

TICKET_COLUMNS: Mapping[str, str] = {
    "id": "TICKET_ID",
    "text": "REQUEST",
    "customer_name": "CUSTOMER_NAME",
    "customer_email": "CUSTOMER_EMAIL",
    "service_type": "SERVICE_TYPE",
    "contact_preference": "CONTACT_PREFERENCE",
    "created_at": "CREATED_AT",
}
"""Where each role stands in the table that is written and, unless told otherwise, in the file."""
REQUIRED_ROLES = ("id", "text")
_DATE = TICKET_COLUMNS["created_at"]


def column_type(name: str) -> str:
    """Return the type of a column of the table that is written."""
    return "TIMESTAMP_TZ" if name == _DATE else "VARCHAR"


class TicketRows:
    """The rows of a ticket file, read anew on each pass so that a large file is not held twice."""

    def __init__(self, file: CsvFile, columns: Mapping[str, str]) -> None:
        self.problems: list[str] = [
            f"columns= has the unknown role {role}; it knows {', '.join(TICKET_COLUMNS)}."
            for role in sorted(set(columns) - set(TICKET_COLUMNS))
        ]
        self._file = file
        self._positions = self._placed(columns)

    @property
    def columns(self) -> dict[str, str]:
        """The table's columns with their types: no lengths, since the quickstart's own are too short for its data."""
        return {name: column_type(name) for name in self._positions}

    def checked(self, content: Content) -> list[RejectedRow]:
        """Return the rows that cannot be loaded, and count the others in `content`."""
        rejected = []
        for row in self._sorted():
            if isinstance(row, RejectedRow):
                rejected.append(row)
            else:
                content.add(self._cell(row, "id"), self._cell(row, "text"), self._cell(row, "contact_preference"))
        return rejected

    def values(self) -> Iterator[tuple[str | None, ...]]:
        """Yield the good rows in the order of `columns`; dates are in UTC."""
        for row in self._sorted():
            if isinstance(row, CsvRow):
                yield tuple(
                    stored(row.values[position]) if name == _DATE else row.values[position]
                    for name, position in self._positions.items()
                )

    def _sorted(self) -> Iterator[CsvRow | RejectedRow]:
        for row in self._file.rows():
            if isinstance(row, CsvRow) and not self._cell(row, "id").strip():
                yield row.rejected("has no ticket id")
            elif isinstance(row, CsvRow) and not self._is_dated(row):
                yield row.rejected(f"has another {_DATE} than a date and time: {EXPECTED}")
            else:
                yield row

    def _is_dated(self, row: CsvRow) -> bool:
        opened = self._cell(row, "created_at").strip()
        return not opened or moment(opened) is not None

    def _cell(self, row: CsvRow, role: str) -> str:
        position = self._positions.get(TICKET_COLUMNS[role])
        return "" if position is None else row.values[position]

    def _placed(self, columns: Mapping[str, str]) -> dict[str, int]:
        """Return where each of the table's columns stands in the file, in the file's order."""
        header = self._file.header
        wanted = {role: columns.get(role, default).strip().upper() for role, default in TICKET_COLUMNS.items()}
        must = [wanted[role] for role in wanted if role in REQUIRED_ROLES or role in columns]
        self.problems += missing_columns(self._file, must)
        placed = {TICKET_COLUMNS[role]: header.index(name) for role, name in wanted.items() if name in header}
        others = [name for name in header if name not in wanted.values()]
        for name in others:
            if name in placed:
                self.problems.append(
                    f"{self._file.path} has a column {name} beside the one that columns= names for it. Rename it."
                )
            placed.setdefault(name, header.index(name))
        return dict(sorted(placed.items(), key=lambda item: item[1]))
