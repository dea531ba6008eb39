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
from cortex_tickets.local.sql.quiet_parser import quiet_parser
from cortex_tickets.local.sql.result import Result, counts_result, status_result
from cortex_tickets.local.sql.rewrites.bind_names import bound_values
from cortex_tickets.local.sql.rewrites.bound_rows import TABLE, bound_rows_table
from cortex_tickets.local.sql.rewrites.table_definitions import define_table, is_temporary
from cortex_tickets.local.sql.session import EngineSession, quoted_name

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
        binds = bound_values(values, compiled.binds)
        match compiled.kind:
            case Kind.QUERY:
                result = self._query(compiled, binds)
            case Kind.CHANGE:
                result = self._change(compiled, binds)
            case Kind.MERGE:
                result = self._merge(compiled, binds)
            case Kind.DEFINITION:
                self._session.end_transaction(commit=True)
                result = self._through_fakesnow(compiled, binds)
            case Kind.OTHER:
                result = self._through_fakesnow(compiled, binds)
            case _:
                self._set(compiled)
                result = status_result(compiled.type_id, _DONE)
        return result

    def run_many(self, compiled: Compiled, rows: Sequence[Sequence[object]]) -> Result:
        """Run an INSERT for many bound rows, all or none."""
        if not compiled.many_sql:
            raise NotImplementedError("many bound rows for a statement that is no INSERT of one row of values")
        with self._connection(compiled.writes) as duck:
            duck.duck.register(TABLE, bound_rows_table(rows))
            try:
                changed = duck.execute(compiled.many_sql).fetchone()
            finally:
                duck.duck.unregister(TABLE)
        return _changed(compiled, int(changed[0]) if changed else 0)

    def describe(self, compiled: Compiled, values: Sequence[object]) -> Result:
        """The columns that a query would give, without running it."""
        with self._connection(None) as duck:
            binds = bound_values([*values, *[None] * len(compiled.binds)], compiled.binds)
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

    def _set(self, compiled: Compiled) -> None:
        """What changes the session alone."""
        if compiled.kind is Kind.BEGIN:
            self._session.begin()
        elif compiled.kind is Kind.SETTINGS:
            self._session.apply(compiled.settings or {})
        else:
            self._session.end_transaction(commit=compiled.kind is Kind.COMMIT)

    def _query(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(None) as duck:
            table = duck.execute(compiled.sql, binds).to_arrow_table()
            return Result(table, tuple(duck.column_types), compiled.type_id)

    def _change(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(compiled.writes) as duck:
            changed = duck.execute(compiled.sql, binds).fetchone()
        return _changed(compiled, int(changed[0]) if changed else 0)

    def _merge(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(compiled.writes) as duck:
            actions = duck.execute(compiled.sql, binds).fetchall()
        done = Counter(str(row[0]).lower() for row in actions)
        verbs = {"inserted": "insert", "updated": "update", "deleted": "delete"}
        return counts_result(
            compiled.type_id, {f"number of rows {name}": done[verbs[name]] for name in compiled.operations}
        )

    def _through_fakesnow(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with quiet_parser(), self._connection(compiled.writes) as duck:
            cursor = EngineCursor.on(self._session, duck)
            statement = compiled.expressions[0].copy()
            if isinstance(statement, exp.TruncateTable) and statement.args.get("exists"):
                if not self._session.has_table(compiled.writes or ""):
                    return status_result(compiled.type_id, _DONE)
                statement.set("exists", None)
            if isinstance(statement, exp.Create) and statement.kind == "DATABASE":
                return self._create_database(statement, compiled)
            if isinstance(statement, exp.Create) and statement.kind == "TABLE":
                table = self._create_table(cursor, duck, statement, compiled, binds)
            else:
                table = cursor.run_all(statement, binds)
            duck.forget_schema()  # CREATE SCHEMA moves the session there
            return Result(table, _column_types(table, duck), compiled.type_id)

    def _create_database(self, create: exp.Create, compiled: Compiled) -> Result:
        name = compiled.writes.rsplit(".", 1)[-1] if compiled.writes else ""
        self._session.create_database(name, exists_is_fine=bool(create.args.get("exists")))
        return status_result(compiled.type_id, f"Database {name} successfully created.")

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
        table, *fill = define_table(create)
        created = cursor.run_all(table, None if fill else binds)
        if fill:
            try:
                duck.execute(cursor.transformed(fill[0], None).sql(dialect="duckdb"), binds)
            except BaseException:
                # A table filled by a query is there with its rows or not at all.
                duck.execute(f"DROP TABLE {quoted_name(compiled.writes or '')}")
                raise
        return created


def _column_types(table: pa.Table, duck: DuckConnection) -> tuple[tuple[str, str], ...]:
    """Types of the rows that fakesnow's handling ended with."""
    types = tuple(duck.column_types)
    if [name for name, _ in types] == table.column_names:
        return types
    return tuple((name, "VARCHAR") for name in table.column_names)


def _changed(compiled: Compiled, count: int) -> Result:
    counts = {f"number of rows {_CHANGED[compiled.command]}": count}
    if compiled.command == "UPDATE":
        counts["number of multi-joined rows updated"] = 0
    return counts_result(compiled.type_id, counts)
