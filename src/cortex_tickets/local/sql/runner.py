"""Runs a compiled statement in a session, and says what it gave back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from sqlglot import exp

from cortex_tickets.local.sql.compiled import Compiled, Kind
from cortex_tickets.local.sql.cursor import EngineCursor
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, counts_result, status_result
from cortex_tickets.local.sql.rewrites.bind_names import bound_values
from cortex_tickets.local.sql.rewrites.table_definitions import define_table, is_temporary
from cortex_tickets.local.sql.session import EngineSession

_DONE = "Statement executed successfully."
_CHANGED = {"INSERT": "inserted", "UPDATE": "updated", "DELETE": "deleted"}


class Runner:
    """Runs one statement.

    Args:
        session: Whose statement it is.
        watch: Called with the connection while the statement runs on it, and with `None` afterwards, so that
            somebody else can interrupt it and a Cortex function can tell who asks.
        stopped: Says whether the statement was cancelled.
    """

    def __init__(
        self,
        session: EngineSession,
        watch: Callable[[DuckConnection | None], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._session = session
        self._watch = watch
        self._stopped = stopped

    def run(self, compiled: Compiled, values: Sequence[object]) -> Result:
        """Run it once."""
        binds = bound_values(values, compiled.n_binds)
        match compiled.kind:
            case Kind.QUERY:
                with self._connection(None) as duck:
                    return _rows(duck.execute(compiled.sql, binds), compiled.type_id)
            case Kind.CHANGE:
                with self._connection(compiled.writes) as duck:
                    changed = duck.execute(compiled.sql, binds).fetchone()
                return _changed(compiled, int(changed[0]) if changed else 0)
            case Kind.MERGE:
                return self._merge(compiled, binds)
            case Kind.BEGIN:
                self._session.begin()
                return status_result(compiled.type_id, _DONE)
            case Kind.COMMIT | Kind.ROLLBACK:
                self._session.end_transaction(commit=compiled.kind is Kind.COMMIT)
                return status_result(compiled.type_id, _DONE)
            case Kind.DEFINITION:
                self._session.end_transaction(commit=True)
                return self._through_fakesnow(compiled, binds)
            case Kind.OTHER:
                return self._through_fakesnow(compiled, binds)

    def run_many(self, compiled: Compiled, rows: Sequence[Sequence[object]]) -> Result:
        """Run an INSERT for many bound rows, all or none."""
        changed = 0
        with self._connection(compiled.writes) as duck:
            duck_was_open = self._session.in_transaction
            if not duck_was_open:
                duck.begin()
            try:
                for row in rows:
                    counted = duck.execute(compiled.sql, bound_values(row, compiled.n_binds)).fetchone()
                    changed += int(counted[0]) if counted else 0
            except BaseException:
                if not duck_was_open:
                    duck.rollback()
                raise
            if not duck_was_open:
                duck.commit()
        return _changed(compiled, changed)

    def describe(self, compiled: Compiled, values: Sequence[object]) -> Result:
        """The columns that a query would give, without running it."""
        with self._connection(None) as duck:
            binds = bound_values([*values, *[None] * compiled.n_binds], compiled.n_binds)
            described = duck.execute(f"DESCRIBE {compiled.sql}", binds).fetchall()
        return Result(pa.table({}), tuple((str(row[0]), str(row[1])) for row in described), compiled.type_id)

    @contextmanager
    def _connection(self, writes: str | None) -> Iterator[DuckConnection]:
        with self._session.connection(writes=writes, stopped=self._stopped) as duck:
            self._watch(duck)
            try:
                if self._stopped():
                    raise duckdb.InterruptException("cancelled before it began")
                yield duck
            finally:
                self._watch(None)

    def _merge(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(compiled.writes) as duck:
            actions = duck.execute(compiled.sql, binds).fetchall()
        done = Counter(str(row[0]).lower() for row in actions)
        verbs = {"inserted": "insert", "updated": "update", "deleted": "delete"}
        return counts_result(
            compiled.type_id, {f"number of rows {name}": done[verbs[name]] for name in compiled.operations}
        )

    def _through_fakesnow(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(compiled.writes) as duck:
            cursor = EngineCursor.on(self._session, duck)
            statement = compiled.expressions[0].copy()
            if isinstance(statement, exp.Create) and statement.kind == "TABLE":
                table = self._create_table(cursor, duck, statement, compiled, binds)
            else:
                table = cursor.run_all(statement, binds)
            return Result(table, tuple(duck.column_types), compiled.type_id)

    def _create_table(
        self,
        cursor: EngineCursor,
        duck: DuckConnection,
        create: exp.Create,
        compiled: Compiled,
        binds: dict[str, object] | None,
    ) -> pa.Table:
        if is_temporary(create) and compiled.writes is not None:
            self._session.drop_at_end(compiled.writes)
        parts = define_table(create)
        if len(parts) == 1:
            return cursor.run_all(parts[0], binds)
        # A table filled by a query is there with its rows or not at all.
        duck.begin()
        try:
            cursor.run_all(parts[0], None)
            insert = cursor.transformed(parts[1], None).sql(dialect="duckdb")
            duck.execute(insert, binds)
        except BaseException:
            duck.rollback()
            raise
        duck.commit()
        created = f"Table {create.find(exp.Table).name} successfully created."  # type: ignore[union-attr] # a CREATE TABLE names a table
        return duck.execute("SELECT $1 AS status", [created]).to_arrow_table()


def _rows(duck: DuckConnection, type_id: int) -> Result:
    table = duck.to_arrow_table()
    return Result(table, tuple(duck.column_types), type_id)


def _changed(compiled: Compiled, count: int) -> Result:
    counts = {f"number of rows {_CHANGED[compiled.command]}": count}
    if compiled.command == "UPDATE":
        counts["number of multi-joined rows updated"] = 0
    return counts_result(compiled.type_id, counts)
