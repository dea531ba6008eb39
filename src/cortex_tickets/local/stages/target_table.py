"""The table that COPY fills: its columns, their types and lengths."""

from __future__ import annotations

import re
from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.stages.store import Name

_LENGTH = re.compile(r'length\("?((?:[^"]|"")+?)"?\) > (\d+)')


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        name: Its name.
        position: Its place in the table, from 1.
        kind: DuckDB's type.
        nullable: Whether it may be NULL.
        length: Most characters; `None` for no limit.
    """

    name: str
    position: int
    kind: str
    nullable: bool
    length: int | None


def columns_of(duck: DuckConnection, table: Name) -> list[Column]:
    """The columns, in order.

    Raises:
        ProgrammingError: 002003, when there is no such table.
    """
    names = {"d": table[0], "s": table[1], "t": table[2]}
    where = "WHERE database_name = $d AND schema_name = $s AND table_name = $t"
    checks = duck.execute(
        f"SELECT constraint_text FROM duckdb_constraints() {where} AND constraint_type = 'CHECK'", names
    ).fetchall()
    lengths = {found[1].replace('""', '"'): int(found[2]) for row in checks if (found := _LENGTH.search(str(row[0])))}
    rows = duck.execute(
        f"SELECT column_name, data_type, is_nullable FROM duckdb_columns() {where} ORDER BY column_index", names
    ).fetchall()
    if not rows:
        raise ProgrammingError(
            msg=f"SQL compilation error:\nTable '{'.'.join(table)}' does not exist or not authorized.",
            errno=2003,
            sqlstate="42S02",
        )
    return [
        Column(str(name), place, str(kind), bool(nullable), lengths.get(str(name)))
        for place, (name, kind, nullable) in enumerate(rows, start=1)
    ]


def chosen(columns: list[Column], names: list[str]) -> list[Column]:
    """The named columns, in the order of the names.

    Raises:
        ProgrammingError: 000904, for a name that is no column.
    """
    by_name = {column.name: column for column in columns}
    for name in names:
        if name not in by_name:
            raise ProgrammingError(
                msg=f"SQL compilation error: error line 1 at position 0\ninvalid identifier '{name}'",
                errno=904,
                sqlstate="42000",
            )
    return [by_name[name] for name in names] if names else columns


def insert_into(table: Name, columns: list[Column]) -> str:
    """The beginning of an INSERT."""
    full = ".".join(map(quoted_name_of, table))
    names = ", ".join(quoted_name_of(column.name) for column in columns)
    return f"INSERT INTO {full} ({names})"


def quoted_name_of(name: str) -> str:
    """One name in quotes."""
    return '"' + name.replace('"', '""') + '"'
