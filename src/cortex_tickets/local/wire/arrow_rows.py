"""Rows as Snowflake's driver reads them from Arrow: times as structs, vectors as they are, lists as JSON text."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
from fakesnow.arrow import to_ipc, to_sf_schema
from fakesnow.rowtype import ColumnInfo

_UTC_OFFSET = 1440
"""Snowflake's zero: minutes east of UTC plus 1440."""


def ipc_bytes(table: pa.Table, rowtype: list[ColumnInfo], kinds: Sequence[str]) -> bytes:
    """The rows as one Arrow stream; `kinds` are DuckDB's types of the columns."""
    columns = [
        column if info["type"] == "vector" else _plain(column, kind)
        for column, info, kind in zip(table.columns, rowtype, kinds, strict=True)
    ]
    plain = pa.Table.from_arrays(columns, names=table.column_names)
    schema = to_sf_schema(plain.schema, rowtype)
    columns = [_for_driver(column) for column in plain.columns]
    fields = [field.with_type(column.type) for field, column in zip(schema, columns, strict=True)]
    return bytes(to_ipc(pa.Table.from_arrays(columns, schema=pa.schema(fields))))


def _plain(column: pa.ChunkedArray, duck_kind: str) -> pa.ChunkedArray:
    """Lists and objects as JSON text, which is how the driver hands a VARIANT on."""
    kind = column.type
    if pa.types.is_nested(kind):
        values = column.to_pylist(maps_as_pydicts="strict")
        if duck_kind == "JSON[]":
            # Objects in an array are their JSON's text in Arrow.
            values = [value and [item and json.loads(item) for item in value] for value in values]
        texts = [None if value is None else json.dumps(value, default=str) for value in values]
        return pa.chunked_array([pa.array(texts, pa.string())])
    if pa.types.is_float32(kind):
        return column.cast(pa.float64())
    if pa.types.is_null(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.unit != "us":
        return column.cast(pa.timestamp("us", kind.tz))
    return column


def _for_driver(column: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        return _timestamps(column.combine_chunks())
    if pa.types.is_time(column.type):
        return pc.multiply(column.cast(pa.int64()), 1000)
    if pa.types.is_uint64(column.type):
        return column.cast(pa.decimal128(38, 0))
    return column


def _timestamps(values: pa.Array) -> pa.StructArray:
    """Seconds, nanoseconds and the offset; fakesnow's own conversion makes NULL the year 1970."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    micros = pc.fill_null(values.cast(pa.int64()), 0)
    seconds = pc.cast(pc.floor(pc.divide(micros.cast(pa.float64()), 1e6)), pa.int64())
    # Float seconds are exact to the microsecond for some centuries; the rest is computed in integers.
    fraction = pc.multiply(pc.subtract(micros, pc.multiply(seconds, 1_000_000)), 1000).cast(pa.int32())
    parts = [seconds, fraction]
    fields = [pa.field("epoch", pa.int64(), nullable=False), pa.field("fraction", pa.int32(), nullable=False)]
    if values.type.tz:
        parts.append(pa.repeat(pa.scalar(_UTC_OFFSET, pa.int32()), len(values)))
        fields.append(pa.field("timezone", pa.int32(), nullable=False))
    return pa.StructArray.from_arrays(parts, fields=fields, mask=values.is_null())
