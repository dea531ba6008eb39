"""FROM (T), as Snowpark writes it, as FROM T: DuckDB 2.0.1 takes brackets around queries only."""

from __future__ import annotations

from sqlglot import exp


def plain_tables(node: exp.Expr) -> exp.Expr:
    """One node, with a table, or a query that has a name, without the brackets of its own around it."""
    table = node.this if isinstance(node, exp.Subquery) else None
    if not isinstance(table, exp.Table) and not (isinstance(table, exp.Subquery) and table.args.get("alias")):
        return node
    if table.args.get("joins") or (node.args.get("alias") and table.args.get("alias")):
        return node
    if alias := node.args.get("alias"):
        table.set("alias", alias)
    if joins := node.args.get("joins"):
        table.set("joins", joins)
    return table
