"""PIVOT: its columns under Snowflake's names, and ANY or a subquery as the values that are there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.sql.rewrites.repeatable import is_repeatable

Fetch = Callable[[exp.Expr], Sequence[object]]
"""Runs a query and gives the values of its one column."""


def spell_pivots_out(statement: exp.Expr, fetch: Fetch) -> bool:
    """Give each PIVOT a list of values with names; says whether a list was read from the rows of now.

    Raises:
        ProgrammingError: 000002, for DEFAULT ON NULL, and for ANY over rows that a model or chance makes.

    Source:
        docs.snowflake.com/en/sql-reference/constructs/pivot, read 2026-11-25.
    """
    has_read = False
    # Inner ones first: an outer one reads what they give.
    for pivot in reversed([node for node in statement.find_all(exp.Pivot) if not node.args.get("unpivot")]):
        if pivot.args.get("default_on_null"):
            raise unsupported("PIVOT .. DEFAULT ON NULL", "DuckDB has none")
        for field in pivot.args.get("fields") or []:
            query = _query_of_values(field, pivot)
            if query is not None:
                has_read = True
                field.set("query", None)
                field.set("expressions", [_literal(value) for value in fetch(query) if value is not None])
            field.set("expressions", [_named(value) for value in field.expressions])
            pivot.set("columns", None)
    return has_read


def _query_of_values(field: exp.Expr, pivot: exp.Pivot) -> exp.Expr | None:
    """The query that gives the values; `None` where they are listed."""
    first = field.args.get("query") or (field.expressions[0] if field.expressions else None)
    if isinstance(first, exp.Query | exp.Subquery):
        query: exp.Expr = first.copy()
    elif isinstance(first, exp.PivotAny):
        if pivot.parent is None:
            return None
        source = pivot.parent.copy()
        source.set("pivots", None)
        source.set("alias", None)
        query = exp.select(field.this.copy()).distinct().from_(source)
        order = first.this.copy() if isinstance(first.this, exp.Order) else exp.Order(expressions=[field.this.copy()])
        query.set("order", order)
    else:
        return None
    if not is_repeatable(query):
        raise unsupported(
            "PIVOT .. ANY over such a query", "its rows are read twice, and would be asked or drawn twice"
        )
    return query


def _named(value: exp.Expr) -> exp.Expr:
    """A text's column is named with its quotes, as in Snowflake."""
    if not isinstance(value, exp.Literal | exp.Boolean):
        return value
    name = f"'{value.name}'" if isinstance(value, exp.Literal) and value.is_string else value.sql().upper()
    return exp.PivotAlias(this=value, alias=exp.to_identifier(name, quoted=True))


def _literal(value: object) -> exp.Expr:
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | float):
        return exp.Literal.number(value)
    return exp.Literal.string(str(value))
