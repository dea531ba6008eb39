"""CREATE, DROP, ALTER and the like, run through fakesnow."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from sqlglot import exp

from cortex_tickets.local.sql.altered_table import alter_to
from cortex_tickets.local.sql.compiled import Compiled
from cortex_tickets.local.sql.cursor import EngineCursor, as_rewritten
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.sql.result import Result, status_result
from cortex_tickets.local.sql.rewrites.table_definitions import define_table, drop_temporary, is_temporary
from cortex_tickets.local.sql.semi_structured import declared_kinds, spell_columns_out, type_name, with_declared_kinds
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.sql.swapped_tables import swap, swapped_with
from cortex_tickets.local.sql.temporary_objects import Name, parts, place, quoted, table_name
from cortex_tickets.local.streams.consuming import consumed

_DONE = "Statement executed successfully."
_FILLED = "engine_filled_table"


class Definitions:
    """Runs one definition on one connection.

    Args:
        session: Whose statement it is.
        duck: Where it runs.
        compiled: The statement.
        binds: Bound values by name.
        stopped: Says whether the statement was cancelled.
    """

    def __init__(
        self,
        session: EngineSession,
        duck: DuckConnection,
        compiled: Compiled,
        binds: dict[str, object] | None,
        stopped: Callable[[], bool],
    ) -> None:
        self._stopped = stopped
        self._session = session
        self._duck = duck
        self._compiled = compiled
        self._binds = binds
        self._cursor = EngineCursor.on(session, duck)

    def run(self) -> Result:
        """What it gives back."""
        compiled = self._compiled
        statement = compiled.expressions[0].copy()
        if isinstance(statement, exp.TruncateTable) and statement.args.get("exists"):
            if not self._session.has_table(compiled.writes or ""):
                return status_result(compiled.type_id, _DONE)
            statement.set("exists", None)
        if isinstance(statement, exp.Create) and statement.kind == "DATABASE":
            return self._create_database(statement)
        if isinstance(statement, exp.Alter) and self._has_streams():
            raise NotImplementedError("ALTER of a table that has a stream")
        if isinstance(statement, exp.Drop) and statement.kind == "DATABASE":
            return self._drop_database(statement)
        table = self._table_of(statement)
        self._duck.forget_schema()  # CREATE SCHEMA moves the session there
        if compiled.writes is not None and compiled.writes.count(".") == 2:  # noqa: PLR2004 - database, schema, name
            self._note(statement, compiled.writes)
        if isinstance(statement, exp.Describe):
            table = self._with_snowflakes_types(statement, table)
        types = tuple(self._duck.column_types)
        if [name for name, _ in types] != table.column_names:
            types = tuple((name, "VARCHAR") for name in table.column_names)
        return Result(table, types, compiled.type_id)

    def _table_of(self, statement: exp.Expr) -> pa.Table:
        if isinstance(statement, exp.Create) and statement.kind in {"TABLE", "VIEW"} and is_temporary(statement):
            return self._create_temporary(statement)
        if isinstance(statement, exp.Create) and statement.kind == "TABLE":
            return self._create_table(statement)
        if (other := swapped_with(statement)) is not None:
            return self._swap(other)
        if isinstance(statement, exp.Alter):
            _rename_by_name_alone(statement)
        return self._cursor.run_all(statement, self._binds)

    def _swap(self, other: exp.Table) -> pa.Table:
        names = parts(self._compiled.writes or ""), table_name(other, self._session.database, self._session.schema)
        if any(name in self._session.temporary.names for name in names):
            raise unsupported("SWAP WITH a temporary table", "such tables have a schema of their own")
        if any(self._session.streams.on(name) for name in names):
            raise NotImplementedError("SWAP WITH of a table that has a stream")
        one, second = (self._stored(name) for name in names)
        self._session.locks.acquire(self._duck, ".".join(names[1]), stopped=self._stopped)
        swap(self._duck, one, second)
        self._session.stages.swap_loaded(".".join(one), ".".join(second))
        return status_result(self._compiled.type_id, _DONE).table

    def _create_database(self, create: exp.Create) -> Result:
        name = self._compiled.writes.rsplit(".", 1)[-1] if self._compiled.writes else ""
        exists_is_fine, replaces = bool(create.args.get("exists")), bool(create.args.get("replace"))
        self._session.create_database(name, exists_is_fine=exists_is_fine, replaces=replaces)
        return status_result(self._compiled.type_id, f"Database {name} successfully created.")

    def _drop_database(self, drop: exp.Drop) -> Result:
        name = self._compiled.writes.rsplit(".", 1)[-1] if self._compiled.writes else ""
        was_there = self._session.drop_database(name, missing_is_fine=bool(drop.args.get("exists")))
        done = "successfully dropped." if was_there else "already dropped, statement succeeded."
        return status_result(self._compiled.type_id, f"{name} {done}")

    def _create_temporary(self, create: exp.Create) -> pa.Table:
        full_name = self._compiled.writes or ""
        was_there = parts(full_name) in self._session.temporary.names
        target = create.this.this if isinstance(create.this, exp.Schema) else create.this
        place(target, self._session.temporary.add(full_name))
        drop_temporary(create)
        try:
            if create.kind == "TABLE":
                return self._create_table(create)
            return self._cursor.run_all(create, self._binds)
        except BaseException:
            if not was_there:
                self._session.temporary.forget(full_name)
            raise

    def _create_table(self, create: exp.Create) -> pa.Table:
        """A table filled by a query is there with its rows or not at all, and the one it replaces stays until then."""
        query = self._spell_columns_out(create)
        table, *fill = define_table(create)
        # A query behind names of columns alone is left to fakesnow, which writes the columns' types into it.
        if query is not None and (fill or not isinstance(create.this, exp.Schema)):
            (fill or [table])[0].set("expression", query)
        if create.args.get("or_alter") and self._session.has_table(self._compiled.writes or ""):
            return self._alter_to(table)
        if create.args.get("exists") and self._session.has_table(self._compiled.writes or ""):
            return self._cursor.run_all(table, self._binds)
        if fill and self._compiled.streams:
            # fakesnow notes the lengths in another database, and DuckDB writes to one in a transaction.
            raise NotImplementedError("a table with lengths of text that is filled from a stream")
        with consumed(self._compiled.streams, self._duck, self._session, self._stopped):
            return self._filled(table, fill)

    def _alter_to(self, table: exp.Expr) -> pa.Table:
        if not isinstance(table, exp.Create) or self._has_streams():
            raise NotImplementedError("CREATE OR ALTER of a table that has a stream")
        stored = self._stored(parts(self._compiled.writes or ""))

        def define(create: exp.Create) -> str:
            return self._cursor.transformed(create, None).sql(dialect="duckdb")

        alter_to(self._duck, stored, define, table)
        # fakesnow notes lengths of texts in a database of its own: it is told of the table as if it were new.
        noted = table.copy()
        noted.set("exists", value=True)
        self._cursor.run_all(noted, self._binds)
        return status_result(self._compiled.type_id, _DONE).table

    def _filled(self, table: exp.Expr, fill: list[exp.Expr]) -> pa.Table:
        if not fill:
            return self._cursor.run_all(table, self._binds)
        filled = exp.Table(this=exp.to_identifier(_FILLED, quoted=True))
        first = table.copy()
        first.this.set("this", filled.copy())
        first.set("properties", exp.Properties(expressions=[exp.TemporaryProperty()]))
        first.set("replace", value=True)
        first.set("exists", value=False)
        insert = fill[0].copy()
        target = insert.this.copy()
        insert.set("this", filled.copy())
        try:
            self._duck.execute(self._cursor.transformed(first, None).sql(dialect="duckdb"))
            self._duck.execute(self._cursor.transformed(insert, None).sql(dialect="duckdb"), self._binds)
            created = self._cursor.run_all(table, None)
            moved = exp.Insert(this=target, expression=exp.select("*").from_(filled))
            self._duck.execute(self._cursor.transformed(moved, None).sql(dialect="duckdb"))
        finally:
            self._duck.execute(f"DROP TABLE IF EXISTS temp.{quoted((_FILLED,))}")
        return created

    def _has_streams(self) -> bool:
        written = self._compiled.writes or ""
        is_full = written.count(".") == 2  # noqa: PLR2004 - database, schema, name
        return is_full and bool(self._session.streams.on(parts(written)))

    def _spell_columns_out(self, create: exp.Create) -> exp.Expr | None:
        """Give the table of a query columns of Snowflake's types, where DuckDB would choose others.

        Returns:
            The query, rewritten; `None` where there is none, or where the columns were declared.
        """
        query = create.args.get("expression")
        if not isinstance(query, exp.Query) or create.find(exp.ColumnDef):
            return None
        rewritten = self._cursor.transformed(query.copy(), None)
        found = self._duck.rows(f"DESCRIBE {rewritten.sql(dialect='duckdb')}", self._binds)
        types = [(str(row[0]), str(row[1])) for row in found]
        spell_columns_out(create, with_declared_kinds(types, self._compiled.origins, self._duck, self._stored))
        return as_rewritten(rewritten)

    def _stored(self, name: Name) -> Name:
        return self._session.temporary.stored(name)

    def _with_snowflakes_types(self, describe: exp.Describe, described: pa.Table) -> pa.Table:
        """DESCRIBE with Snowflake's names of types."""
        if "type" not in described.column_names:
            return described
        table = describe.find(exp.Table)
        declared: dict[str, str] = {}
        if table is not None:
            name = table_name(table, self._session.database, self._session.schema)
            declared = declared_kinds(self._duck, self._stored(name))
        types = [
            declared.get(str(column)) or type_name(str(kind))
            for column, kind in zip(described["name"].to_pylist(), described["type"].to_pylist(), strict=True)
        ]
        place = described.column_names.index("type")
        return described.set_column(place, "type", pa.array(types, pa.string()))

    def _note(self, statement: exp.Expr, full_name: str) -> None:
        """What the definition means for temporary objects and for files that were loaded."""
        stored = ".".join(self._session.temporary.stored(full_name))
        is_altered = isinstance(statement, exp.Create) and statement.args.get("or_alter")
        if isinstance(statement, exp.Create | exp.Drop | exp.TruncateTable) and not is_altered:
            self._session.stages.forget_loaded(stored)
        if isinstance(statement, exp.Drop) or (isinstance(statement, exp.Create) and statement.args.get("replace")):
            self._session.streams.lose_history(self._session.temporary.stored(full_name))
        temporary = self._session.temporary
        if parts(full_name) not in temporary.names:
            return
        if isinstance(statement, exp.Drop):
            temporary.forget(full_name)
        elif isinstance(statement, exp.Alter) and (renamed := _new_name(self._compiled.expressions[0])) is not None:
            temporary.rename(full_name, table_name(renamed, *parts(full_name)[:2])[2])


def _new_name(alter: exp.Expr) -> exp.Table | None:
    for action in alter.args.get("actions") or []:
        if isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
            return action.this
    return None


def _rename_by_name_alone(alter: exp.Alter) -> None:
    """DuckDB takes a new name without database and schema; a table stays where it is."""
    renamed = _new_name(alter)
    if renamed is not None:
        renamed.set("catalog", None)
        renamed.set("db", None)
