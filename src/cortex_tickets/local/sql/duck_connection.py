"""One DuckDB connection, in the shape that fakesnow's cursor drives; its results are read as Arrow."""

from __future__ import annotations

import itertools
import re
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa

from cortex_tickets.local.sql.number_macros import NUMBER, NUMBER_OF_TEXT

LEASE_VARIABLE = "engine_lease"
Result = TypeVar("Result")
_READS = re.compile(r"\s*(?:\(|SELECT|WITH|FROM|VALUES|DESCRIBE|SHOW|EXPLAIN)\b|\s*\(", re.IGNORECASE)
_lease_ids = itertools.count(1)


def _first_bindable(sql: str, run: Callable[[str], Result]) -> Result:
    """Run a text; where DuckDB cannot bind it, that with texts as numbers, which Snowflake adds up as floats.

    Nothing has run where a text cannot be bound.
    """
    try:
        return run(sql)
    except duckdb.BinderException:
        if NUMBER not in sql:
            raise
        return run(sql.replace(NUMBER, NUMBER_OF_TEXT))


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
        # DuckDB refuses a second call on a connection instead of making it wait.
        self._guard = threading.RLock()
        self._result: duckdb.DuckDBPyRelation | None = None
        self._rows: deque[tuple[Any, ...]] | None = None
        self._column_types: list[tuple[str, str]] = []
        duck.execute(f"SET VARIABLE {LEASE_VARIABLE} = '{self.lease_id}'")

    def execute(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> DuckConnection:
        """Run one text and keep its result."""
        with self._guard:
            _first_bindable(sql, lambda text: self._run(text, params))
        return self

    def rows(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Run one text and give its rows; nothing is kept.

        A relation, which `execute` makes, is bound once to be made and once more to be read: where nobody wants
        Arrow, this is half the work.
        """
        with self._guard:
            self.forget_result()
            return _first_bindable(sql, lambda text: self.duck.execute(text, params or None).fetchall())

    def bindable(self, sql: str, params: Mapping[str, object] | None) -> str:
        """The text, or the one in its place, that DuckDB can bind; nothing is run.

        Raises:
            duckdb.Error: When it can bind neither.
        """

        def explain(text: str) -> str:
            self.duck.execute(f"EXPLAIN {text}", params or None).fetchall()
            return text

        with self._guard:
            return _first_bindable(sql, explain)

    def _run(self, sql: str, params: Sequence[object] | Mapping[str, object] | None) -> None:
        self.forget_result()
        if _READS.match(sql):
            self._result = self.duck.sql(sql, params=params or None)
        else:
            # Read through a relation, a statement that changes something fails with a misleading message.
            done = self.duck.execute(sql, params or None)
            self._column_types = [(str(item[0]), str(item[1])) for item in done.description or []]
            self._rows = deque(done.fetchall())

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
        if self._result is not None:
            return self._result.to_arrow_table()
        columns = zip(*self.fetchall(), strict=True)
        return pa.table({name: list(values) for (name, _), values in zip(self._column_types, columns, strict=False)})

    @property
    def column_types(self) -> list[tuple[str, str]]:
        """Name and DuckDB type of each column of the last result."""
        if self._result is None:
            return self._column_types
        return [(name, str(kind)) for name, kind in zip(self._result.columns, self._result.types, strict=True)]

    def use(self, database: str | None, schema: str | None) -> None:
        """Resolve unqualified names in `database`.`schema` from now on."""
        if database is None or self.schema == (database, schema):
            return
        path = ".".join('"' + part.replace('"', '""') + '"' for part in (database, schema or "main"))
        self.duck.execute("SET schema = '" + path.replace("'", "''") + "'")
        self.schema = (database, schema)

    def forget_schema(self) -> None:
        """Set the schema anew next time: a statement may have changed it behind us."""
        self.schema = (None, None)

    def cursor(self) -> DuckConnection:
        """Another connection to the same instance."""
        with self._guard:
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
        self._column_types = []

    def close(self) -> None:
        """Close the connection."""
        self._result = None
        self.duck.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
