"""ASOF JOIN .. MATCH_CONDITION (..): DuckDB writes the condition among the others."""

from __future__ import annotations

from sqlglot import exp


def asof_joins(node: exp.Expr) -> exp.Expr:
    """One node; every row on the left is kept, as Snowflake keeps it.

    Source:
        docs.snowflake.com/en/sql-reference/constructs/asof-join, read 2026-11-25.
    """
    if isinstance(node, exp.Join) and (condition := node.args.get("match_condition")) is not None:
        node.set("match_condition", None)
        node.set("side", "LEFT")
        node.set("on", exp.and_(node.args.get("on"), condition))
    return node
