"""fakesnow's cursor, as the engine drives it: its rewrites, and its handling of all that is no query."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from fakesnow.cursor import FakeSnowflakeCursor
from sqlglot import exp

from cortex_tickets.local.sql.apostrophes import ApostropheConnection, hide_apostrophes
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.rewrites.needed_rewrites import NeededRewrites
from cortex_tickets.local.sql.session import EngineSession

Binds = dict[str, object] | None
"""Bound values by name."""


_REWRITTEN = "engine_rewritten"


def as_rewritten(query: exp.Expr) -> exp.Expr:
    """A query that has been through the rewrites: they leave it alone where it stands in another statement."""
    query.meta[_REWRITTEN] = True
    return query


class EngineCursor(FakeSnowflakeCursor):
    """fakesnow's cursor over one leased connection."""

    @classmethod
    def of(cls, session: EngineSession) -> EngineCursor:
        """A cursor for rewriting only."""
        return cls(conn=session, duck_conn=session.first_connection)  # type: ignore[arg-type] # as in EngineSession

    @classmethod
    def on(cls, session: EngineSession, duck: DuckConnection) -> EngineCursor:
        """A cursor that runs on `duck`."""
        return cls(conn=session, duck_conn=duck)  # type: ignore[arg-type] # as in EngineSession

    def _transform(self, expression: exp.Expr, params: Any) -> exp.Expr:
        """Fakesnow's rewrites, and every name in quotes: DuckDB reserves other words than Snowflake."""
        query = expression.args.get("expression")
        is_rewritten = isinstance(query, exp.Query) and _REWRITTEN in query.meta
        if is_rewritten:
            expression.set("expression", None)
        needed: Any = super()._transform(NeededRewrites(expression), params)  # type: ignore[arg-type] # it has the one method that the chain calls
        transformed: exp.Expr = needed.tree
        for name in transformed.find_all(exp.Identifier):
            name.set("quoted", value=True)
        if is_rewritten:
            transformed.set("expression", query)
        return transformed

    def transformed(self, statement: exp.Expr, params: Binds) -> exp.Expr:
        """Fakesnow's rewrites of one statement."""
        return self._transform(statement, params)

    def run_all(self, statement: exp.Expr, params: Binds) -> pa.Table:
        """Run a statement that fakesnow may split into several; the last one's rows."""
        for part in self._transform_explode(statement):
            self.run_one(part, params)
        return self._arrow_table

    def run_one(self, statement: exp.Expr, params: Binds) -> pa.Table:
        """Rewrite and run one statement with fakesnow's handling of its result."""
        if hide_apostrophes(statement):
            self._duck_conn = ApostropheConnection(self._duck_conn)  # type: ignore[assignment,arg-type] # as above
        transformed = self._transform(statement, params)
        self._execute(transformed, params if transformed.find(exp.Placeholder) else None)
        return self._arrow_table
