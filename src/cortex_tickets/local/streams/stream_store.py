"""All streams of an engine, in the engine's own table, so that they outlive the process when it has a path."""

from __future__ import annotations

import threading
from dataclasses import replace

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.streams.stream import ROOM, Name, Stream

ACTION = "METADATA$ACTION"


class StreamStore:
    """Makes, finds and drops streams. A stream keeps its table's rows as they were at its offset.

    Args:
        root: Where the tables are.
        table: Full name of the engine's own table of streams.

    Attributes:
        version: Another one whenever a name may mean something else than before.
    """

    def __init__(self, root: DuckConnection, table: str) -> None:
        self._root = root
        self._table = table
        self._lock = threading.Lock()
        self.version = 0
        root.execute(f"CREATE TABLE IF NOT EXISTS {table} (NAME VARCHAR[3], SOURCE VARCHAR[3], IS_STALE BOOLEAN)")
        rows = root.execute(f"SELECT NAME, SOURCE, IS_STALE FROM {table}").fetchall()
        self._streams = {_name(row[0]): Stream(_name(row[0]), _name(row[1]), bool(row[2])) for row in rows}

    def find(self, name: Name) -> Stream | None:
        """The stream of that name."""
        return self._streams.get(name)

    def on(self, table: Name) -> list[Stream]:
        """Streams that show the changes of a table."""
        return [stream for stream in self._streams.values() if stream.table == table and not stream.is_stale]

    def create(self, stream: Stream) -> None:
        """Make a stream whose offset is now; one of the same name is replaced."""
        table, offset, changes = _sql(stream.table), _sql(stream.offset), _sql(stream.changes)
        with self._lock, self._root.cursor() as duck:
            self._drop(duck, stream.name)
            duck.execute(f"CREATE SCHEMA IF NOT EXISTS {_sql((stream.table[0], ROOM))}")
            duck.execute(f"CREATE OR REPLACE TABLE {offset} AS SELECT * FROM {table}")
            duck.execute(
                f"CREATE OR REPLACE VIEW {changes} AS "
                f"SELECT *, 'INSERT' AS \"{ACTION}\" FROM (SELECT * FROM {table} EXCEPT ALL SELECT * FROM {offset}) "
                f"UNION ALL SELECT *, 'DELETE' FROM (SELECT * FROM {offset} EXCEPT ALL SELECT * FROM {table})"
            )
            self._keep(duck, stream)

    def drop(self, name: Name) -> bool:
        """Drop a stream; says whether there was one."""
        with self._lock, self._root.cursor() as duck:
            return self._drop(duck, name)

    def lose_history(self, table: Name) -> None:
        """The table was dropped or replaced: its streams are stale."""
        with self._lock, self._root.cursor() as duck:
            for stream in self.on(table):
                self._drop(duck, stream.name)
                self._keep(duck, replace(stream, is_stale=True))

    def _keep(self, duck: DuckConnection, stream: Stream) -> None:
        duck.execute(
            f"INSERT INTO {self._table} VALUES ($name, $source, $stale)",
            {"name": list(stream.name), "source": list(stream.table), "stale": stream.is_stale},
        )
        self._streams[stream.name] = stream
        self.version += 1

    def _drop(self, duck: DuckConnection, name: Name) -> bool:
        stream = self._streams.pop(name, None)
        if stream is None:
            return False
        duck.execute(f"DROP VIEW IF EXISTS {_sql(stream.changes)}")
        duck.execute(f"DROP TABLE IF EXISTS {_sql(stream.offset)}")
        duck.execute(f"DELETE FROM {self._table} WHERE NAME = $name::VARCHAR[3]", {"name": list(name)})
        self.version += 1
        return True


def no_stream(name: Name) -> ProgrammingError:
    """002003: there is no such stream."""
    return ProgrammingError(
        msg=f"SQL compilation error:\nStream '{'.'.join(name)}' does not exist or not authorized.",
        errno=2003,
        sqlstate="42S02",
    )


def _name(parts: list[str]) -> Name:
    database, schema, name = parts
    return database, schema, name


def _sql(name: tuple[str, ...]) -> str:
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)
