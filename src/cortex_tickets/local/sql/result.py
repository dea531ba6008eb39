"""What a statement gave back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Result:
    """What a statement gave back.

    Attributes:
        table: The rows.
        column_types: Name and DuckDB type of each column.
        type_id: Snowflake's number for the kind of statement.
        is_change: Whether the rows are counts of changed rows, which clients read as JSON.
        transfer: For PUT and GET, what tells the client which files to move.
    """

    table: pa.Table
    column_types: tuple[tuple[str, str], ...]
    type_id: int
    is_change: bool = False
    transfer: Mapping[str, object] | None = None


def counts_result(type_id: int, counts: dict[str, int]) -> Result:
    """Counts of changed rows, one column each."""
    table = pa.table({name: pa.array([count], pa.int64()) for name, count in counts.items()})
    return Result(table, tuple((name, "BIGINT") for name in counts), type_id, is_change=True)


def status_result(type_id: int, status: str) -> Result:
    """One row with one text."""
    return Result(pa.table({"status": [status]}), (("status", "VARCHAR"),), type_id)


_ARROW = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}


def rows_result(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[object]], type_id: int = 0) -> Result:
    """Rows that the engine made itself; the columns are VARCHAR or BIGINT."""
    table = pa.table({name: pa.array([row[i] for row in rows], _ARROW[kind]) for i, (name, kind) in enumerate(columns)})
    return Result(table, tuple(columns), type_id)
