"""Runs a compiled statement in a session, and says what it gave back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import TypeVar

import duckdb
import pyarrow as pa

from cortex_tickets.local.sql.compiled import Compiled, Kind
from cortex_tickets.local.sql.definitions import Definitions
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.quiet_parser import quiet_parser
from cortex_tickets.local.sql.result import Result, counts_result, status_result
from cortex_tickets.local.sql.rewrites.bind_names import bound_values, values_in
from cortex_tickets.local.sql.rewrites.bound_rows import TABLE, bound_rows_table
from cortex_tickets.local.sql.rewrites.made_source import DROP_SOURCE
from cortex_tickets.local.sql.rewrites.merge_source import check_rows_meet_one
from cortex_tickets.local.sql.semi_structured import with_declared_kinds
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.sql.transaction import Step
from cortex_tickets.local.streams.consuming import consumed

Given = TypeVar("Given")
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
                result = self._change(compiled, values)
            case Kind.MERGE:
                result = self._merge(compiled, values)
            case Kind.DEFINITION:
                self._session.transaction.end(commit=True)
                result = self._through_fakesnow(compiled, binds)
            case Kind.TASK if compiled.task is not None:
                result = compiled.task.run(self._connection)
            case Kind.SCRIPT if compiled.script is not None and compiled.compile is not None:
                result = compiled.script.run(partial(self._run_text, compiled.compile), self._stopped)
            case Kind.OTHER:
                result = self._through_fakesnow(compiled, binds)
            case _:
                self._set(compiled)
                result = status_result(compiled.type_id, _DONE)
        return result

    def _run_text(
        self, compile_: Callable[[str, Sequence[object]], Compiled], text: str, values: Sequence[object]
    ) -> Result:
        """Run one statement of a script."""
        return self.run(compile_(text, values), values)

    def run_many(self, compiled: Compiled, rows: Sequence[Sequence[object]]) -> Result:
        """Run an INSERT for many bound rows, all or none."""
        if not compiled.many_sql:
            raise NotImplementedError("many bound rows for a statement that is no INSERT of one row of values")
        bound = bound_rows_table(rows)

        def make(duck: DuckConnection) -> int:
            duck.duck.register(TABLE, bound)
            try:
                return _count(duck.execute(compiled.many_sql))
            finally:
                with suppress(duckdb.Error):  # a failed transaction takes no statement; the next rows take the name
                    duck.duck.unregister(TABLE)

        return _changed(compiled, self._made(compiled, make))

    def describe(self, compiled: Compiled, values: Sequence[object]) -> Result:
        """The columns that a query would give, without running it."""
        with self._session.connection_apart() as duck:
            binds = bound_values([*values, *[None] * len(compiled.binds)], compiled.binds)
            if compiled.kind is Kind.CHANGE:
                duck.rows(f"EXPLAIN {compiled.sql}", binds)
                counts = _changed(compiled, 0)
                return replace(counts, table=counts.table.slice(0, 0))
            described = duck.rows(f"DESCRIBE {compiled.sql}", binds)
            types = self._types(compiled, duck, [(str(row[0]), str(row[1])) for row in described])
        return Result(pa.table({}), types, compiled.type_id)

    @contextmanager
    def _connection(self, writes: str | None, *, is_apart: bool = False) -> Iterator[DuckConnection]:
        with self._session.connection(writes=writes, stopped=self._stopped, is_apart=is_apart) as duck:
            self._watch(duck)
            try:
                if self._stopped():
                    raise duckdb.InterruptException("cancelled before it began")
                yield duck
            finally:
                self._watch(None)

    def _consumed(self, compiled: Compiled, duck: DuckConnection) -> AbstractContextManager[None]:
        return consumed(compiled.streams, duck, self._session, self._stopped)

    def _set(self, compiled: Compiled) -> None:
        """What changes the session alone."""
        if compiled.kind is Kind.BEGIN:
            self._session.transaction.begin()
        elif compiled.kind is Kind.SETTINGS:
            self._session.apply(compiled.settings or {})
        else:
            self._session.transaction.end(commit=compiled.kind is Kind.COMMIT)

    def _query(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with self._connection(None) as duck:
            table = duck.execute(self._text(compiled, binds), binds).to_arrow_table()
            return Result(table, self._types(compiled, duck, duck.column_types), compiled.type_id)

    def _types(
        self, compiled: Compiled, duck: DuckConnection, types: Sequence[tuple[str, str]]
    ) -> tuple[tuple[str, str], ...]:
        return with_declared_kinds(types, compiled.origins, duck, self._session.temporary.stored)

    def _change(self, compiled: Compiled, values: Sequence[object]) -> Result:
        binds = bound_values(values, compiled.binds)
        text = self._text(compiled, binds)

        def make(duck: DuckConnection) -> int:
            if not compiled.source_sql:
                return _count(duck.execute(text, binds))
            with self._source(duck, compiled, values), self._all_or_nothing(duck, compiled):
                duck.execute(compiled.empties)
                return _count(duck.execute(compiled.sql))

        return _changed(compiled, self._made(compiled, make))

    def _merge(self, compiled: Compiled, values: Sequence[object]) -> Result:
        def make(duck: DuckConnection) -> Counter[str]:
            with self._source(duck, compiled, values):
                if compiled.check_sql:
                    check_rows_meet_one(duck, compiled.check_sql, values_in(compiled.check_sql, values))
                actions = duck.execute(compiled.sql, values_in(compiled.sql, values)).fetchall()
            return Counter(str(row[0]).lower() for row in actions)

        done = self._made(compiled, make)
        verbs = {"inserted": "insert", "updated": "update", "deleted": "delete"}
        return counts_result(
            compiled.type_id, {f"number of rows {name}": done[verbs[name]] for name in compiled.operations}
        )

    def _text(self, compiled: Compiled, binds: dict[str, object] | None) -> str:
        """DuckDB's text; in a transaction one that is known to bind, since a failure there undoes all of it."""
        if not self._session.transaction.has_changes or compiled.source_sql:
            return compiled.sql
        with self._session.connection_apart() as duck:
            return duck.bindable(compiled.sql, binds)

    def _made(self, compiled: Compiled, make: Callable[[DuckConnection], Given]) -> Given:
        """Make a change; an open transaction is told how to make it again."""
        with self._connection(compiled.writes) as duck, self._consumed(compiled, duck):
            given = make(duck)
            session = self._session
            if session.in_transaction and compiled.is_repeatable and not self._fills_in(compiled):
                names = (session.database, session.schema)
                session.transaction.note(Step(make, given, compiled.reads_others, names))
            return given

    def _fills_in(self, compiled: Compiled) -> bool:
        """Whether the table gives values of its own to new rows, a number or the time."""
        return compiled.command != "DELETE" and self._session.has_defaults(compiled.writes or "")

    @contextmanager
    def _source(self, duck: DuckConnection, compiled: Compiled, values: Sequence[object]) -> Iterator[None]:
        """The table of the rows that a statement reads, while it runs."""
        try:
            if compiled.source_sql:
                duck.execute(compiled.source_sql, values_in(compiled.source_sql, values))
            yield
        finally:
            if compiled.source_sql:
                with suppress(duckdb.Error):  # a failed transaction takes no statement; the next one replaces it
                    duck.execute(DROP_SOURCE)

    @contextmanager
    def _all_or_nothing(self, duck: DuckConnection, compiled: Compiled) -> Iterator[None]:
        """A transaction of several statements' own, unless one is open."""
        if self._session.in_transaction or compiled.streams:
            yield
            return
        duck.begin()
        try:
            yield
        except BaseException:
            duck.rollback()
            raise
        duck.commit()

    def _through_fakesnow(self, compiled: Compiled, binds: dict[str, object] | None) -> Result:
        with quiet_parser(), self._connection(compiled.writes, is_apart=True) as duck:
            return Definitions(self._session, duck, compiled, binds, self._stopped).run()


def _count(done: DuckConnection) -> int:
    changed = done.fetchone()
    return int(changed[0]) if changed else 0


def _changed(compiled: Compiled, count: int) -> Result:
    counts = {f"number of rows {_CHANGED[compiled.command]}": count}
    if compiled.command == "UPDATE":
        counts["number of multi-joined rows updated"] = 0
    return counts_result(compiled.type_id, counts)
