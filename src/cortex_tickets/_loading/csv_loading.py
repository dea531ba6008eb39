"""What every load of a CSV file does: settles what is wrong, keeps what it leaves out, counts, writes, reports."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._loading.table_writing import Deadline, TableContent, TableWriter
from cortex_tickets.csv_file import CsvFile, RejectedRow, read_csv
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.file_writing import write_whole
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.problems import seconds_problems, shown_cell
from cortex_tickets.prompts.delimiter import is_blank
from cortex_tickets.records.load_report import LoadReport
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session

SHOWN_ROWS = 50
"""Bad rows that an error names one by one; the rest are counted."""
QUICKSTART_LENGTH = 10
"""The quickstart's table has CONTACT_PREFERENCE VARCHAR(10)."""
_QUICKSTART_NOTE = (
    "The columns have no length: the quickstart's own CONTACT_PREFERENCE VARCHAR(10) cannot hold its own "
    "'Text Message' (12 characters)."
)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the caller asked for, apart from what the columns mean."""

    path: Path
    table: str
    delimiter: str
    replace: bool
    skip_bad_rows: bool
    rejected: Path | None
    timeout: float | None

    @property
    def rejected_path(self) -> Path:
        """The file that keeps the rows that are left out."""
        return self.rejected or self.path.with_name(f"{self.path.stem}.rejected.csv")

    def file(self) -> CsvFile:
        """Return the file, read and decoded.

        Raises:
            InvalidInputError: With what is wrong with the file, the table's name and the options.
        """
        problems: list[str] = []
        try:
            TableName.parse(self.table)
        except InvalidInputError as error:
            problems += error.problems
        if self.rejected is not None and not self.skip_bad_rows:
            problems.append("rejected= keeps the rows that skip_bad_rows=True leaves out; give both or neither.")
        if self.skip_bad_rows and self.rejected_path.absolute() == self.path.absolute():
            problems.append(f"rejected={str(self.rejected)!r} is the file to be loaded; give another.")
        problems += seconds_problems(self.timeout)
        try:
            file = read_csv(self.path, delimiter=self.delimiter)
        except InvalidInputError as error:
            raise InvalidInputError([*problems, *error.problems]) from None
        problems += file.problems
        if problems:
            raise InvalidInputError(problems)
        return file


@dataclass(slots=True)
class Content:
    """Counts what the good rows hold."""

    n_rows: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    texts: set[bytes] = field(default_factory=set)
    n_blank: int = 0
    longest_preference: int = 0

    def add(self, id_: str, text: str, preference: str = "") -> None:
        """Count one row; a digest stands for its text, so that a large file is not held twice."""
        self.n_rows += 1
        self.ids[id_] += 1
        self.texts.add(hashlib.sha256(text.encode()).digest())
        self.n_blank += is_blank(text)
        self.longest_preference = max(self.longest_preference, len(preference))


def settle(options: LoadOptions, problems: Sequence[str], bad: Sequence[RejectedRow], *, n_good: int) -> None:
    """Keep the bad rows in their file where the caller wants to go on without them.

    Raises:
        InvalidInputError: With every problem, if there is one that the caller did not ask to skip.
    """
    found = list(problems)
    may_skip = options.skip_bad_rows and not any(row.ends_reading for row in bad)
    if bad and not may_skip:
        found += [f"{options.path}: {row.problem}" for row in bad[:SHOWN_ROWS]]
        if len(bad) > SHOWN_ROWS:
            found.append(f"{options.path}: {len(bad) - SHOWN_ROWS} more rows like these.")
        if not any(row.ends_reading for row in bad):
            found.append("Mend these rows, or load the others with skip_bad_rows=True.")
    elif not n_good and not found:
        found.append(f"{options.path} has no rows{' that can be loaded' if bad else ' after its header'}.")
    if found:
        raise InvalidInputError(found)
    if bad:
        _keep(options.rejected_path, bad)


def write(session: Session, options: LoadOptions, content: TableContent) -> tuple[TableName, bool]:
    """Write the rows, and return the table's full name and whether writing was needed."""
    client = CortexClient(session, tag=json.dumps({"app": "cortex_tickets", "operation": "load"}))
    deadline = Deadline(client.clock, options.timeout)
    table = fully_qualified(client, TableName.parse(options.table))
    return table, TableWriter(client, table, deadline).write(content, replace=options.replace)


def report(
    options: LoadOptions, content: Content, bad: Sequence[RejectedRow], table: TableName, *, was_written: bool
) -> LoadReport:
    """Return the report of a load."""
    return LoadReport(
        table=str(table),
        was_written=was_written,
        n_rows=content.n_rows,
        n_ids=len(content.ids),
        repeated_ids={id_: count for id_, count in content.ids.items() if count > 1},
        n_texts=len(content.texts),
        n_blank=content.n_blank,
        n_rejected=len(bad),
        rejected=options.rejected_path if bad else None,
        notes=(_QUICKSTART_NOTE,) if content.longest_preference > QUICKSTART_LENGTH else (),
    )


def missing_columns(file: CsvFile, wanted: Sequence[str]) -> list[str]:
    """Return one problem with all the columns that are not there, or nothing."""
    missing = [name for name in wanted if name not in file.header]
    if not missing:
        return []
    hint = ""
    if len(file.header) == 1:
        other = next((mark for mark in ";\t|" if mark in file.header[0]), None)
        hint = f" Its cells seem to be separated by {other!r}: give delimiter={other!r}." if other else ""
    there = f"It has: {', '.join(map(shown_cell, file.header))}. Name the right ones with columns={{...}}."
    return [f"{file.path} has no column {', '.join(missing)}. {there}{hint}"]


def _keep(path: Path, bad: Sequence[RejectedRow]) -> None:
    rows = io.StringIO(newline="")
    writer = csv.writer(rows)
    writer.writerow(("ROW_NUMBER", "LINE", "REASON", "ROW"))
    writer.writerows((row.number, row.line, row.reason, row.raw) for row in bad)
    try:
        write_whole(path, rows.getvalue(), is_private=True)  # what is kept is what customers wrote
    except OSError as error:
        raise InvalidInputError(
            f"The rejected rows cannot be kept in {path}: {error.strerror or type(error).__name__}. "
            "Give rejected= a file that can be written."
        ) from None
