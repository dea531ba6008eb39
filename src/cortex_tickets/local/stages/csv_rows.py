"""Rows of a delimited file, as Snowflake reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cortex_tickets.local.stages.file_format import FileFormat

_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row.

    Attributes:
        line: Number of the line that it begins on, from 1.
        fields: Its values; empty where it cannot be read.
        places: Where each field begins in its line, from 1.
        problem: What Snowflake says of a row that cannot be read; empty for others.
    """

    line: int
    fields: list[str | None]
    places: list[int]
    problem: str = ""


def csv_rows(text: str, file_format: FileFormat) -> Iterator[CsvRow]:
    """The rows after the header."""
    place, line = _after_header(text, file_format)
    pattern = _field_pattern(file_format)
    while place < len(text):
        row, end = _row(text, place, line, pattern, file_format)
        line += len(_LINE_END.findall(text, place, end))
        is_blank = not text[place:end].strip("\r\n")
        place = end
        if not (is_blank and file_format.skips_blank_lines):
            yield row


def csv_header(text: str, file_format: FileFormat) -> list[str]:
    """The names in the first line."""
    row, _ = _row(text, 0, 1, _field_pattern(file_format), file_format)
    return [field or "" for field in row.fields]


def _after_header(text: str, file_format: FileFormat) -> tuple[int, int]:
    place, line = 0, 1
    for _ in range(file_format.skipped_lines + file_format.has_header):
        end = _LINE_END.search(text, place)
        if end is None:
            return len(text), line
        place, line = end.end(), line + 1
    return place, line


def _field_pattern(file_format: FileFormat) -> re.Pattern[str]:
    ends = rf"{re.escape(file_format.delimiter)}|\r\n|\n|\r|\Z"
    plain = rf"(?P<plain>(?:{_escaped(file_format)}(?!{ends}).)*)"
    if len(file_format.delimiter) == 1:
        plain = rf"(?P<plain>(?:{_escaped(file_format)}[^\r\n{re.escape(file_format.delimiter)}])*)"
    if not file_format.enclosing:
        return re.compile(rf"{plain}(?P<end>{ends})", re.DOTALL)
    quote = re.escape(file_format.enclosing)
    inner = rf"[^{quote}]|{quote}{quote}"
    if file_format.escape and file_format.escape != file_format.enclosing:
        escape = re.escape(file_format.escape)
        inner = rf"{escape}.|[^{quote}{escape}]|{quote}{quote}"
    space = "[ ]*" if file_format.trims else ""
    return re.compile(rf"(?:{space}{quote}(?P<enclosed>(?:{inner})*){quote}{space}|{plain})(?P<end>{ends})", re.DOTALL)


def _escaped(file_format: FileFormat) -> str:
    """Pattern of a character that stands for itself in a field without quotes, a delimiter or a line end too."""
    escape = file_format.escape_unenclosed
    return rf"{re.escape(escape)}(?:\r\n|.)|" if escape else ""


def _row(text: str, start: int, line: int, pattern: re.Pattern[str], file_format: FileFormat) -> tuple[CsvRow, int]:
    fields: list[str | None] = []
    places: list[int] = []
    place = start
    while True:
        found = pattern.match(text, place)
        places.append(place - max(text.rfind("\n", 0, place), text.rfind("\r", 0, place)))
        if found is None:
            end = _LINE_END.search(text, place)
            problem = f"Found character '{text[place]}' instead of field delimiter '{file_format.delimiter}'"
            return CsvRow(line, [], places, problem), len(text) if end is None else end.end()
        fields.append(_value(found, file_format))
        place = found.end()
        if found["end"] != file_format.delimiter:
            return CsvRow(line, fields, places), place


def _value(found: re.Match[str], file_format: FileFormat) -> str | None:
    enclosed = found.groupdict().get("enclosed")
    if enclosed is not None:
        quote = file_format.enclosing
        value = enclosed.replace(quote * 2, quote)
        return _unescaped(value, file_format.escape) if file_format.escape else value
    value = found["plain"].strip() if file_format.trims else found["plain"]
    if value in file_format.nulls or (not value and file_format.empty_is_null):
        return None
    return _unescaped(value, file_format.escape_unenclosed)


def _unescaped(value: str, escape: str) -> str:
    if not escape or escape not in value:
        return value
    return re.sub(re.escape(escape) + "(.)", lambda found: _ESCAPES.get(found[1], found[1]), value, flags=re.DOTALL)
