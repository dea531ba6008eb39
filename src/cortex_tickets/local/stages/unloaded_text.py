"""Rows as the text of a delimited file or of JSON, as Snowflake unloads them."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.semi_structured import kind_of_duck_type
from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.words import Option, text_option

Types = Sequence[tuple[str, str]]
_NUMBERS = ("BIGINT", "DECIMAL", "DOUBLE", "FLOAT", "HUGEINT", "INTEGER", "SMALLINT", "TINYINT", "UBIGINT", "BOOLEAN")


def csv_text(
    rows: pa.Table, types: Types, file_format: FileFormat, options: Mapping[str, Option], *, has_header: bool
) -> str:
    """The rows, a line each; with a header the names of the columns first.

    Raises:
        ProgrammingError: 100093, for an empty text where nothing tells it from NULL.
    """
    end = text_option(options, "RECORD_DELIMITER", "\n")
    is_text = [not kind.startswith(_NUMBERS) for _, kind in types]
    lines = [[_field(name, file_format, is_text=True) for name, _ in types]] if has_header else []
    for row in zip(*(column.to_pylist(maps_as_pydicts="strict") for column in rows.columns), strict=True):
        values = (_plain(value, kind) for value, (_, kind) in zip(row, types, strict=True))
        lines.append([_field(value, file_format, is_text=text) for value, text in zip(values, is_text, strict=True)])
    return "".join(file_format.delimiter.join(line) + end for line in lines)


def json_text(rows: pa.Table, types: Types) -> str:
    """The documents of the one column, a line each.

    Raises:
        ProgrammingError: 002019, for more columns than one, or one of another type.
    """
    if len(types) != 1 or (types[0][1] != "JSON" and kind_of_duck_type(types[0][1]) is None):
        raise ProgrammingError(
            msg="SQL compilation error:\nJSON file format can produce one and only one column of type variant, "
            "object, or array.",
            errno=2019,
            sqlstate="0A000",
        )
    values = rows.column(0).to_pylist(maps_as_pydicts="strict")
    return "".join(f"{_plain(value, types[0][1])}\n" for value in values if value is not None)


def _plain(value: Any, kind: str) -> str | None:
    if value is None:
        return None
    match value:
        case bool():
            return "true" if value else "false"
        case bytes():
            return value.hex().upper()
        case dt.datetime():
            return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}{value:%z}".replace("+0000", " Z")
        case list() | dict():
            return json.dumps(_documents(value) if kind == "JSON[]" else value, ensure_ascii=False, default=str)
        case _:
            return str(value)


def _documents(values: Any) -> Any:
    """Objects in an array are their JSON's text in Arrow."""
    return [value and json.loads(value) for value in values]


def _field(value: str | None, file_format: FileFormat, *, is_text: bool) -> str:
    if value is None:
        return file_format.nulls[0] if file_format.nulls else ""
    quote = file_format.enclosing
    if quote and is_text:
        return f"{quote}{value.replace(quote, (file_format.escape or quote) + quote)}{quote}"
    if not value and file_format.empty_is_null and not quote:
        raise ProgrammingError(
            msg="Cannot unload empty string without file format option field_optionally_enclosed_by being specified.",
            errno=100093,
            sqlstate="22000",
        )
    return _escaped(value, file_format)


def _escaped(value: str, file_format: FileFormat) -> str:
    """Delimiters and line ends inside a field without quotes."""
    escape = file_format.escape_unenclosed
    if not escape:
        return value
    value = value.replace(escape, escape * 2).replace(file_format.delimiter, escape + file_format.delimiter)
    return value.replace("\r", f"{escape}r").replace("\n", f"{escape}n")
