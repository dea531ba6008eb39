"""INFER_SCHEMA: the columns of staged files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.parquet as pq

from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.staged_tables import FILE_NAME, ROW_NUMBER, staged_table
from cortex_tickets.local.stages.store import StagedFile
from cortex_tickets.local.stages.types_of_texts import common_type, type_of_texts


def inferred_schema(files: Sequence[StagedFile], file_format: FileFormat) -> pa.Table:
    """A row per column, in the order of the first file; a CSV file's columns have the types of their texts.

    Raises:
        NotImplementedError: For JSON files.

    Source:
        docs.snowflake.com/en/sql-reference/functions/infer_schema, read 2026-11-25.
    """
    if file_format.kind == "JSON":
        raise NotImplementedError("INFER_SCHEMA of JSON files")
    is_csv = file_format.kind == "CSV"
    found: dict[str, _Column] = {}
    for file in files:
        for name, kind, nullable in _csv_columns(file, file_format) if is_csv else _parquet_columns(file):
            column = found.setdefault(name, _Column())
            column.kinds.append(kind)
            column.nullable &= nullable
            column.files.append(file.path)
    types = {name: common_type(column.kinds) for name, column in found.items()}
    expressions = [f"${place}" if is_csv else f"$1:{name}" for place, name in enumerate(found, start=1)]
    return pa.table(
        {
            "COLUMN_NAME": list(found),
            "TYPE": pa.array(list(types.values()), pa.string()),
            "NULLABLE": pa.array([column.nullable for column in found.values()], pa.bool_()),
            "EXPRESSION": pa.array(
                [f"{value}::{kind}" for value, kind in zip(expressions, types.values(), strict=True)], pa.string()
            ),
            "FILENAMES": pa.array([", ".join(column.files) for column in found.values()], pa.string()),
            "ORDER_ID": pa.array(range(len(found)), pa.int64()),
        }
    )


@dataclass(slots=True)
class _Column:
    kinds: list[str | None] = field(default_factory=list)
    nullable: bool = True
    files: list[str] = field(default_factory=list)


def _parquet_columns(file: StagedFile) -> Iterator[tuple[str, str | None, bool]]:
    for column in pq.read_schema(file.file):
        yield column.name, None if pa.types.is_null(column.type) else _type(column.type), column.nullable


def _csv_columns(file: StagedFile, file_format: FileFormat) -> Iterator[tuple[str, str | None, bool]]:
    table = staged_table(file, file_format).table
    for name in table.column_names:
        if name not in {FILE_NAME, ROW_NUMBER}:
            yield name, type_of_texts(table.column(name).to_pylist()), True


def _type(kind: pa.DataType) -> str:
    """Snowflake's type for an Arrow type."""
    if pa.types.is_decimal(kind):
        return f"NUMBER({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "TIMESTAMP_TZ" if kind.tz else "TIMESTAMP_NTZ"
    for is_kind, name in _TYPES:
        if is_kind(kind):
            return name
    return "VARIANT"


_TYPES = (
    (pa.types.is_integer, "NUMBER(38, 0)"),
    (pa.types.is_floating, "REAL"),
    (pa.types.is_boolean, "BOOLEAN"),
    (pa.types.is_date, "DATE"),
    (pa.types.is_time, "TIME"),
    (pa.types.is_string, "TEXT"),
    (pa.types.is_large_string, "TEXT"),
    (pa.types.is_binary, "BINARY"),
)
