"""INFER_SCHEMA: the columns of staged files."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from cortex_tickets.local.stages.file_format import FileFormat
from cortex_tickets.local.stages.staged_tables import FILE_NAME, ROW_NUMBER, staged_table
from cortex_tickets.local.stages.store import StagedFile


def inferred_schema(files: Sequence[StagedFile], file_format: FileFormat) -> pa.Table:
    """A row per column, in the order of the first file.

    Raises:
        NotImplementedError: For JSON files.
    """
    if file_format.kind == "JSON":
        raise NotImplementedError("INFER_SCHEMA of JSON files")
    columns: dict[str, tuple[pa.DataType, bool, list[str]]] = {}
    for file in files:
        is_parquet = file_format.kind == "PARQUET"
        schema = pq.read_schema(file.file) if is_parquet else staged_table(file, file_format).table.schema
        for column in schema:
            if column.name in {FILE_NAME, ROW_NUMBER}:
                continue
            kind, nullable, names = columns.get(column.name, (column.type, True, []))
            kind = column.type if pa.types.is_null(kind) else kind
            columns[column.name] = (kind, nullable and column.nullable, [*names, file.path])
    return pa.table(
        {
            "COLUMN_NAME": list(columns),
            "TYPE": pa.array([_type(kind) for kind, _, _ in columns.values()], pa.string()),
            "NULLABLE": pa.array([nullable for _, nullable, _ in columns.values()], pa.bool_()),
            "EXPRESSION": pa.array(
                [f"$1:{name}::{_type(kind)}" for name, (kind, _, _) in columns.items()], pa.string()
            ),
            "FILENAMES": pa.array([", ".join(names) for _, _, names in columns.values()], pa.string()),
            "ORDER_ID": pa.array(range(len(columns)), pa.int64()),
        }
    )


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
    (pa.types.is_null, "TEXT"),
)
