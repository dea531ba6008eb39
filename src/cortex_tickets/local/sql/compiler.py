"""From Snowflake's text to DuckDB's: parse, bind, rewrite; kept by text, since a ledger asks the same often."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from fakesnow.statement_type import statement_type_id
from sqlglot import exp

from cortex_tickets.local.account.roles import role_functions
from cortex_tickets.local.account.statements import account_task
from cortex_tickets.local.scripting.script import script_of
from cortex_tickets.local.sql.administration import administration_statement
from cortex_tickets.local.sql.altered_table import mark_or_alter
from cortex_tickets.local.sql.column_origins import column_origins
from cortex_tickets.local.sql.compiled import Compiled, Kind, Task
from cortex_tickets.local.sql.cursor import EngineCursor
from cortex_tickets.local.sql.dialect import parse_statement
from cortex_tickets.local.sql.quiet_parser import quiet_parser
from cortex_tickets.local.sql.refusals import refuse_by_text, refuse_by_tree, without_leading_comments
from cortex_tickets.local.sql.rewrites.asof_joins import asof_joins
from cortex_tickets.local.sql.rewrites.bind_names import (
    bind_numbers,
    inline_bound_names,
    name_binds,
    name_identifiers,
    values_in,
)
from cortex_tickets.local.sql.rewrites.bottom_up import rewrite_bottom_up
from cortex_tickets.local.sql.rewrites.bound_rows import over_bound_rows
from cortex_tickets.local.sql.rewrites.column_names import name_result_columns, name_window_columns
from cortex_tickets.local.sql.rewrites.dates import dates
from cortex_tickets.local.sql.rewrites.exact_numbers import exact_numbers
from cortex_tickets.local.sql.rewrites.generated_rows import generated_rows
from cortex_tickets.local.sql.rewrites.last_queries import name_last_queries
from cortex_tickets.local.sql.rewrites.made_source import make_source
from cortex_tickets.local.sql.rewrites.merge_source import rows_met_twice, source_query
from cortex_tickets.local.sql.rewrites.merge_targets import merge_operations, plain_merge_targets
from cortex_tickets.local.sql.rewrites.mixed_arrays import mixed_arrays
from cortex_tickets.local.sql.rewrites.number_literals import number_literals
from cortex_tickets.local.sql.rewrites.number_texts import number_texts
from cortex_tickets.local.sql.rewrites.overwriting import emptying, overwriting_query
from cortex_tickets.local.sql.rewrites.pivots import spell_pivots_out
from cortex_tickets.local.sql.rewrites.plain_tables import plain_tables
from cortex_tickets.local.sql.rewrites.plain_values import plain_values
from cortex_tickets.local.sql.rewrites.query_history import query_history
from cortex_tickets.local.sql.rewrites.repeatable import is_repeatable, reads_other_tables
from cortex_tickets.local.sql.rewrites.session_context import session_context
from cortex_tickets.local.sql.rewrites.session_settings import session_settings
from cortex_tickets.local.sql.rewrites.table_functions import table_functions
from cortex_tickets.local.sql.rewrites.text_values import text_values
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.sql.session_variables import inline_variables
from cortex_tickets.local.sql.show_settings import show_settings
from cortex_tickets.local.sql.temporary_objects import folded
from cortex_tickets.local.sql.type_literals import inline_type_literals
from cortex_tickets.local.sql.warehouses import warehouse_statement
from cortex_tickets.local.stages.context import StageContext
from cortex_tickets.local.stages.staged_query import StagedQuery, reads_stage
from cortex_tickets.local.stages.tasks import stage_task
from cortex_tickets.local.streams.reading import read_streams
from cortex_tickets.local.streams.statements import stream_statement
from cortex_tickets.local.tasks.history import show_history

_KEPT = 512
_LONGEST_KEPT = 100_000

_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_CHANGES = (exp.Insert, exp.Update, exp.Delete)
_DEFINITIONS = (exp.Create, exp.Drop, exp.Alter, exp.TruncateTable, exp.Comment)
_TRANSACTIONS: dict[type[exp.Expr], Kind] = {
    exp.Transaction: Kind.BEGIN,
    exp.Commit: Kind.COMMIT,
    exp.Rollback: Kind.ROLLBACK,
}


class Binder(Protocol):
    """Whoever knows the functions that Snowflake has and DuckDB has not."""

    def bind(self, statement: exp.Expr) -> exp.Expr:
        """The statement with its calls bound."""


class TaskStatements(Protocol):
    """Whoever knows the statements on tasks."""

    def statement(self, sql: str, session: EngineSession) -> Task | None:
        """The statement, when it is one on tasks."""


class Compiler:
    """Makes statements ready to run; safe to share between threads."""

    def __init__(self, binder: Binder, tasks: TaskStatements) -> None:
        self._binder = binder
        self._tasks = tasks
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[object, ...], Compiled] = OrderedDict()

    def compile(self, text: str, session: EngineSession, values: Sequence[object] = ()) -> Compiled:
        """The statement ready to run in `session`.

        Args:
            text: The statement as it came.
            session: Whose names and variables it uses.
            values: Bound values; only those that stand for names are read here.

        Raises:
            ProgrammingError: For what does not parse, or names what is not there.
        """
        sql = inline_type_literals(inline_variables(text, session.variable_texts))
        key = (sql, session.temporary.key, session.streams.version, *session.context_values().values())
        with self._lock:
            if kept := self._kept.get(key):
                self._kept.move_to_end(key)
                return kept
        with quiet_parser():
            compiled = self._compile(sql, session, values)
        if compiled.is_kept and len(sql) <= _LONGEST_KEPT:
            with self._lock:
                self._kept[key] = compiled
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return compiled

    def _compile(self, sql: str, session: EngineSession, values: Sequence[object]) -> Compiled:
        script = script_of(sql)
        if script is not None:
            again = partial(self._compile_again, session)
            return Compiled(Kind.SCRIPT, statement_type_id(exp.Select()), script=script, compile=again)
        context = StageContext(session, session.stages, partial(self._duck_text, session=session), values)
        head = without_leading_comments(sql)
        task = (
            stage_task(sql, context)
            or account_task(head, session, values, lambda text: self._compile(text, session, values))
            or show_settings(head, session)
            or warehouse_statement(head, session)
            or administration_statement(head)
            or stream_statement(sql, session)
            or self._tasks.statement(sql, session)
        )
        if task is not None:
            return Compiled(Kind.TASK, statement_type_id(exp.Select()), task=task)
        refuse_by_text(head)
        statement = parse_statement(sql)
        refuse_by_tree(statement)
        mark_or_alter(statement, head)
        name_binds(statement)
        is_of_the_moment = inline_bound_names(statement, values) | name_last_queries(statement, session.past_results)
        name_identifiers(statement)
        binds = bind_numbers(statement)
        streams = read_streams(statement, session)
        show_history(statement)
        is_of_the_moment |= spell_pivots_out(statement, partial(self._values_of, session=session, values=values))
        if isinstance(statement, _QUERIES):
            name_result_columns(statement, sql)
            if reads_stage(statement):
                return Compiled(Kind.TASK, statement_type_id(exp.Select()), task=StagedQuery(statement, context))
        compiled = self._by_kind(statement, session)
        is_kept = bool(compiled.sql) and not is_of_the_moment
        return replace(compiled, binds=binds, streams=streams, is_kept=is_kept)

    def _values_of(self, query: exp.Expr, session: EngineSession, values: Sequence[object]) -> list[object]:
        """The one column of a query that says what another statement is."""
        sql = self._duck_text(query, session)
        with session.connection(writes=None, stopped=lambda: False) as duck:
            return [row[0] for row in duck.execute(sql, values_in(sql, values)).fetchall()]

    def _compile_again(self, session: EngineSession, text: str, values: Sequence[object]) -> Compiled:
        return self.compile(text, session, values)

    def _by_kind(self, statement: exp.Expr, session: EngineSession) -> Compiled:
        type_id = statement_type_id(statement)
        if kind := _TRANSACTIONS.get(type(statement)):
            compiled = Compiled(kind, type_id)
        elif (settings := session_settings(statement)) is not None:
            compiled = Compiled(Kind.SETTINGS, type_id, settings=settings)
        elif isinstance(statement, _QUERIES):
            compiled = self._query(statement, session)
        elif isinstance(statement, exp.Merge):
            compiled = self._merge(statement, session)
        elif isinstance(statement, _CHANGES):
            compiled = self._change(statement, session)
        else:
            writes = isinstance(statement, _DEFINITIONS)
            query = statement.expression if isinstance(statement, exp.Create) else None
            compiled = Compiled(
                Kind.DEFINITION if isinstance(statement, _DEFINITIONS) else Kind.OTHER,
                type_id,
                writes=target_name(statement, session) if writes else None,
                origins=None if query is None else column_origins(query, session.database, session.schema),
                expressions=(self._rewritten(statement, session),),
            )
        return compiled

    def _query(self, statement: exp.Expr, session: EngineSession) -> Compiled:
        type_id = statement_type_id(exp.Select())
        # Looked at first: the rewrites change the statement.
        reads_log, reads_history = _reads_log(statement), _reads_history(statement)
        origins = column_origins(statement, session.database, session.schema)
        sql = self._duck_text(statement, session)
        return Compiled(Kind.QUERY, type_id, sql=sql, reads_log=reads_log, reads_history=reads_history, origins=origins)

    def _change(self, statement: exp.Insert | exp.Update | exp.Delete, session: EngineSession) -> Compiled:
        # Looked at first: the rewrites below change the statement.
        reads_log, reads_history = _reads_log(statement), _reads_history(statement)
        many = over_bound_rows(statement)
        target = statement.this.copy()
        query = overwriting_query(statement)
        return Compiled(
            Kind.CHANGE,
            statement_type_id(statement),
            writes=target_name(statement, session),
            command=statement.key.upper(),
            reads_log=reads_log,
            reads_history=reads_history,
            is_repeatable=is_repeatable(statement) and (query is None or is_repeatable(query)),
            reads_others=query is not None or reads_other_tables(statement),
            source_sql="" if query is None else make_source(self._duck_text(query, session)),
            empties="" if query is None else self._duck_text(emptying(target), session),
            sql=self._duck_text(statement, session),
            many_sql="" if many is None else self._duck_text(many, session),
        )

    def _merge(self, statement: exp.Merge, session: EngineSession) -> Compiled:
        operations = merge_operations(statement)
        writes = target_name(statement, session)
        can_be_repeated, reads_others = is_repeatable(statement), reads_other_tables(statement)
        plain_merge_targets(statement)
        query = source_query(statement)
        check = rows_met_twice(statement)
        return Compiled(
            source_sql="" if query is None else make_source(self._duck_text(query, session)),
            check_sql="" if check is None else self._duck_text(check, session),
            kind=Kind.MERGE,
            type_id=statement_type_id(statement),
            sql=self._duck_text(statement, session) + " RETURNING merge_action",
            writes=writes,
            operations=operations,
            is_repeatable=can_be_repeated,
            reads_others=reads_others,
        )

    def _duck_text(self, statement: exp.Expr, session: EngineSession) -> str:
        rewritten = self._rewritten(statement, session)
        return EngineCursor.of(session).transformed(rewritten, None).sql(dialect="duckdb")

    def _rewritten(self, statement: exp.Expr, session: EngineSession) -> exp.Expr:
        """The engine's own rewrites, which come before fakesnow's."""
        name_window_columns(statement)
        session.temporary.name_tables(statement, session.database, session.schema)
        statement = self._binder.bind(statement)
        return rewrite_bottom_up(
            statement,
            number_literals,
            mixed_arrays,
            dates,
            number_texts,
            plain_values,
            text_values,
            exact_numbers,
            generated_rows,
            query_history,
            asof_joins,
            table_functions,
            partial(session_context, values=session.context_values()),
            partial(role_functions, values=session.context_values()),
            plain_tables,
        )


def target_name(statement: exp.Expr, session: EngineSession) -> str | None:
    """Full name of the table that the statement changes, upper case where unquoted."""
    target = statement.this
    if isinstance(statement, exp.TruncateTable):
        target = statement.expressions[0]
    if isinstance(statement, exp.Drop):
        target = (statement.args.get("tables") or [target])[0]
    if isinstance(target, exp.Schema):
        target = target.this
    if not isinstance(target, exp.Table) or not isinstance(target.this, exp.Identifier):
        return None
    parts = (target.args.get("catalog"), target.args.get("db"), target.this)
    defaults = (session.database, session.schema, None)
    return ".".join(
        folded(part) if isinstance(part, exp.Identifier) else str(default)
        for part, default in zip(parts, defaults, strict=True)
    )


_LOGS = frozenset({"ASKED", "ASKED_REMOVED", "FAULTS", "CORTEX_AI_FUNCTIONS_USAGE_HISTORY"})


def _reads_log(statement: exp.Expr) -> bool:
    return any(table.name.upper() in _LOGS for table in statement.find_all(exp.Table))


def _reads_history(statement: exp.Expr) -> bool:
    return any(call.name.upper().startswith("QUERY_HISTORY") for call in statement.find_all(exp.Anonymous))
