"""DATE_TRUNC gives what it is given: a DATE for a DATE."""

from __future__ import annotations

from sqlglot import exp


def dates(node: exp.Expr) -> exp.Expr:
    """One node; DuckDB makes a timestamp of every date that it truncates.

    Source:
        docs.snowflake.com/en/sql-reference/functions/date_trunc, read 2026-11-25.
    """
    if not isinstance(node, exp.TimestampTrunc | exp.DateTrunc):
        return node
    value = node.this
    if isinstance(value, exp.Literal):
        # Snowflake reads a text as a moment; only a value has a type to keep.
        node.set("this", exp.Cast(this=value, to=exp.DataType(this=exp.DType.TIMESTAMP)))
        return node
    if isinstance(node.parent, exp.Anonymous) and node.parent.name == "cast_to_type":
        return node
    return exp.Anonymous(this="cast_to_type", expressions=[node.copy(), value.copy()])
