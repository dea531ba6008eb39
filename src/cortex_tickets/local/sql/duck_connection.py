"""One DuckDB connection, in the shape that fakesnow's cursor drives; its results are read as Arrow."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

LEASE_VARIABLE = "engine_lease"
_lease_ids = itertools.count(1)


class DuckConnection:
    """A DuckDB connection whose last result is a relation.

    DuckDB warns when Arrow is read from `execute`; read from a relation it does not, and the relation also
    knows its column types. Each connection carries its own number in a DuckDB variable, which is how a
    Cortex function learns which statement asks.
    """

    def __init__(self, duck: duckdb.DuckDBPyConnection) -> None:
        self.duck = duck
        self.lease_id = f"lease-{next(_lease_ids)}"
        self.schema: tuple[str | None, str | None] = (None, None)
        self._result: duckdb.DuckDBPyRelation | None = None
        self._rows: deque[tuple[Any, ...]] | None = None
        duck.execute(f"SET VARIABLE {LEASE_VARIABLE} = '{self.lease_id}'")

    def execute(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> DuckConnection:
        """Run one text and keep its result."""
        self.forget_result()
        self._result = self.duck.sql(sql, params=params if params else None)
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """The rows of the last result that were not fetched yet."""
        if self._rows is None:
            # A relation runs again each time it is read, so it is read once.
            self._rows = deque(self._result.fetchall() if self._result is not None else [])
        rows = list(self._rows)
        self._rows.clear()
        return rows

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row of the last result."""
        if self._rows is None:
            self._rows = deque(self.fetchall())
        return self._rows.popleft() if self._rows else None

    def to_arrow_table(self) -> pa.Table:
        """The last result as an Arrow table; its only reading."""
        return self._result.to_arrow_table() if self._result is not None else pa.table({})

    @property
    def column_types(self) -> list[tuple[str, str]]:
        """Name and DuckDB type of each column of the last result."""
        if self._result is None:
            return []
        return [(name, str(kind)) for name, kind in zip(self._result.columns, self._result.types, strict=True)]

    def use(self, database: str | None, schema: str | None) -> None:
        """Resolve unqualified names in `database`.`schema` from now on."""
        if database is None or self.schema == (database, schema):
            return
        path = ".".join('"' + part.replace('"', '""') + '"' for part in (database, schema or "main"))
        self.duck.execute("SET schema = '" + path.replace("'", "''") + "'")
        self.schema = (database, schema)

    def cursor(self) -> DuckConnection:
        """Another connection to the same instance."""
        return DuckConnection(self.duck.cursor())

    def begin(self) -> None:
        """Open a transaction."""
        self.duck.execute("BEGIN TRANSACTION")

    def commit(self) -> None:
        """Commit the open transaction."""
        self.duck.execute("COMMIT")

    def rollback(self) -> None:
        """Roll the open transaction back."""
        self.duck.execute("ROLLBACK")

    def interrupt(self) -> None:
        """Stop what runs on this connection; safe from another thread."""
        self.duck.interrupt()

    def forget_result(self) -> None:
        """Let the memory of the last result go."""
        self._result = None
        self._rows = None

    def close(self) -> None:
        """Close the connection."""
        self._result = None
        self.duck.close()

    def __enter__(self) -> DuckConnection:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
