"""Reads a CSV file as it stands and says, row by row, what cannot be read; what the columns mean is not known here."""

from __future__ import annotations

import csv
import io
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import shown_cell
from cortex_tickets.prompts.delimiter import clean

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
MAX_CELL = 16_777_216
"""Characters of one cell, at most: what a VARCHAR without a length holds."""
_limit_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One data row with as many cells as the header."""

    number: int
    """1 for the first row after the header; empty lines are not counted."""
    line: int
    """The line of the file on which the row begins; 1 is the header's first."""
    values: tuple[str, ...] = field(repr=False)
    """The cells, shape `(n_columns,)`, exactly as they stand in the file."""
    raw: str = field(repr=False)
    """The row's own lines, untouched."""

    def rejected(self, reason: str) -> RejectedRow:
        """Return the row as one that cannot be used."""
        return RejectedRow(self.number, self.line, reason, self.raw)


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that cannot be used."""

    number: int
    line: int
    reason: str
    raw: str = field(repr=False)
    """The row's own lines, untouched."""
    ends_reading: bool = False
    """Whether nobody can tell where the next row begins, so that no later row can be trusted."""

    @property
    def problem(self) -> str:
        """Return where the row stands and what is wrong with it; never what stands in it."""
        return f"Row {self.number} (line {self.line}) {self.reason}."


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A CSV file that was read whole, so that every pass over it sees the same rows."""

    path: Path
    text: str = field(repr=False)
    header: tuple[str, ...]
    """The columns' names, without blanks at their ends, in upper case: names are compared without regard to case."""
    delimiter: str

    def rows(self) -> Iterator[CsvRow | RejectedRow]:
        """Yield every row after the header, in order."""
        lines = _Lines(self.text)
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True)
        _next_row(reader)
        number = 0
        while True:
            first = lines.begin_row()
            try:
                values = _next_row(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                rejected = _unreadable(number, first, error, lines)
                yield rejected
                if rejected.ends_reading:
                    return
                continue
            if not values:
                continue
            number += 1
            if len(values) == len(self.header):
                yield CsvRow(number, first, tuple(values), lines.taken)
            else:
                reason = f"has {len(values)} cells where the header has {len(self.header)}"
                yield RejectedRow(number, first, reason, lines.taken)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the header."""
        problems = []
        if any(not name for name in self.header):
            positions = [str(position) for position, name in enumerate(self.header, 1) if not name]
            problems.append(f"{self.path}: column {', '.join(positions)} has no name. Give each column a name.")
        twice = [shown_cell(name) for name, count in Counter(self.header).items() if name and count > 1]
        if twice:
            problems.append(
                f"{self.path}: {', '.join(twice)} stands more than once in the header (names are compared without "
                "regard to case). Rename one of them."
            )
        return problems


def delimiter_problems(delimiter: str) -> list[str]:
    """Return what is wrong with a `delimiter=`: it must be one character, and none that has another meaning."""
    if len(delimiter) == 1 and delimiter not in '"\r\n \x00':
        return []
    return [f"delimiter={delimiter!r} must be one character, such as ',' or ';'."]


def read_csv(path: str | Path, *, delimiter: str = ",") -> CsvFile:
    """Return the file, decoded as UTF-8 (a byte order mark is accepted), with NUL replaced.

    Raises:
        InvalidInputError: If the file cannot be read, is not UTF-8, or has no header.
    """
    place = Path(path)
    problems = delimiter_problems(delimiter)
    if problems:
        raise InvalidInputError(problems)
    try:
        content = place.read_bytes()
    except OSError as error:
        raise InvalidInputError(f"{place} cannot be read: {error.strerror or type(error).__name__}.") from None
    return csv_of(place, _decoded(place, content), delimiter=delimiter)


def csv_of(place: Path, text: str, *, delimiter: str) -> CsvFile:
    """Return the file whose text was decoded already, with NUL replaced.

    Raises:
        InvalidInputError: If it has no header.
    """
    text = clean(text)
    try:
        header = _next_row(csv.reader(_Lines(text), delimiter=delimiter, strict=True))
    except StopIteration:
        header = []
    except csv.Error as error:
        raise InvalidInputError(f"{place}: the header cannot be read as CSV: {error}.") from None
    if not any(name.strip() for name in header):
        raise InvalidInputError(f"{place} has no header. The first line must name the columns.")
    return CsvFile(place, text, tuple(name.strip().upper() for name in header), delimiter)


def _decoded(path: Path, content: bytes) -> str:
    body = content.removeprefix(_UTF8_BOM)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        start = error.start + len(content) - len(body)
        line = content.count(b"\n", 0, start) + 1
        what = "UTF-16" if content.startswith(_UTF16_BOMS) else "another encoding, such as Windows-1252"
        raise InvalidInputError(
            f"{path} is not UTF-8: byte 0x{content[start]:02x} at position {start} (line {line}) cannot be read. "
            f"It looks like {what}. Save it as UTF-8."
        ) from None


def _next_row(reader: Iterator[list[str]]) -> list[str]:
    """Return the next row, however long its cells are; csv has one limit for the whole process, and it stays."""
    with _limit_lock:
        limit = csv.field_size_limit()
        csv.field_size_limit(max(limit, MAX_CELL))
        try:
            return next(reader)
        finally:
            csv.field_size_limit(limit)


def _unreadable(number: int, line: int, error: csv.Error, lines: _Lines) -> RejectedRow:
    """Return the row as rejected; csv tells its two hopeless cases from the others only by their message."""
    message = str(error)
    if "unexpected end of data" in message:
        reason = "opens a quote that is never closed, so nobody can tell where the row ends"
        return RejectedRow(number, line, reason, lines.taken, ends_reading=True)
    if "field larger" in message:
        reason = (
            f"has a cell of more than {MAX_CELL:,} characters, the most that a VARCHAR holds. "
            "Shorten it, or look for a quote that is never closed"
        )
        return RejectedRow(number, line, reason, lines.taken, ends_reading=True)
    return RejectedRow(number, line, f"is not well-formed CSV ({message})", lines.taken)


class _Lines:
    """The text's lines, with their own line ends, and which of them the row under way has taken."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self._n_read = 0
        self._taken: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._n_read += 1
        self._taken.append(line)
        return line

    def begin_row(self) -> int:
        """Forget the lines taken so far, and return the number of the next one."""
        self._taken = []
        return self._n_read + 1

    @property
    def taken(self) -> str:
        return "".join(self._taken)
