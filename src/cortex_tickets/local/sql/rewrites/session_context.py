"""CURRENT_USER() and its like, as constants of the session; the names of unnamed result columns."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

_NAMES = {
    exp.CurrentUser: "user",
    exp.CurrentRole: "role",
    exp.CurrentRegion: "region",
    exp.CurrentAccount: "account",
    exp.CurrentWarehouse: "warehouse",
    exp.CurrentDatabase: "database",
    exp.CurrentSchema: "schema",
    exp.CurrentSession: "session",
}


def name_result_columns(statement: exp.Expr) -> None:
    """Give every unnamed column of the outermost SELECT the name that Snowflake gives it: its own text."""
    select = statement.find(exp.Select) if isinstance(statement, exp.SetOperation) else statement
    if not isinstance(select, exp.Select):
        return
    named = []
    for column in select.expressions:
        if isinstance(column, exp.Column | exp.Alias | exp.Aliases | exp.Star | exp.Dot) and not _is_call(column):
            named.append(column)
        elif isinstance(column, exp.Parameter):
            named.append(exp.alias_(column, f"${column.name}", quoted=True))
        else:
            named.append(exp.alias_(column, _text(column), quoted=True))
    select.set("expressions", named)


def session_context(node: exp.Expr, values: Mapping[str, str | None]) -> exp.Expr:
    """One node, with the session's own values for context functions."""
    name = _NAMES.get(type(node))
    if name is None:
        return node
    value = values[name]
    return exp.Null() if value is None else exp.Literal.string(value)


def _is_call(column: exp.Expr) -> bool:
    return isinstance(column, exp.Dot) and column.find(exp.Func) is not None


def _text(column: exp.Expr) -> str:
    return column.sql(dialect="snowflake").upper()
