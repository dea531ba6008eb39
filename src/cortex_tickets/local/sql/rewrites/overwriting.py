"""INSERT OVERWRITE: the query's rows first, which may be the table's own, then the table emptied, then the rows in."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.rewrites.made_source import made_source


def overwriting_query(statement: exp.Expr) -> exp.Expr | None:
    """Take the query out of an INSERT OVERWRITE, which then inserts the table made of it; `None` for any other."""
    if not isinstance(statement, exp.Insert) or not statement.args.get("overwrite"):
        return None
    query: exp.Expr = statement.expression
    statement.set("overwrite", None)
    statement.set("expression", exp.select("*").from_(made_source()))
    return query


def emptying(target: exp.Expr) -> exp.Delete:
    """The statement that removes what the table has."""
    table = target.this if isinstance(target, exp.Schema) else target
    return exp.Delete(this=table.copy())
