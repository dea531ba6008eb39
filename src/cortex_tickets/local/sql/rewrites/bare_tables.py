"""A table in parentheses, which Snowpark writes over its temporary tables, is the table."""

from __future__ import annotations

from sqlglot import exp


def bare_tables(statement: exp.Expr) -> None:
    """Rewrite in place; DuckDB takes parentheses around a query or a join only."""
    # Inner ones first, so that `((T))` ends as T.
    for wrapped in reversed(list(statement.find_all(exp.Subquery))):
        table = wrapped.this
        if not isinstance(table, exp.Table | exp.TableFromRows) or table.args.get("joins") or wrapped.parent is None:
            continue
        around = {key: value for key, value in wrapped.args.items() if value and key != "this"}
        if any(table.args.get(key) for key in around):
            continue
        for key, value in around.items():
            table.set(key, value)
        wrapped.replace(table)
