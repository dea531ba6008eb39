"""The source of a MERGE: a query is run once, and no row of the target may meet two rows of it."""

from __future__ import annotations

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.rewrites.made_source import made_source


def source_query(merge: exp.Merge) -> exp.Expr | None:
    """Take the query out of `USING (query) AS s`, which then reads the table made of it; `None` for a table."""
    using = merge.args["using"]
    if not isinstance(using, exp.Subquery):
        return None
    query: exp.Expr = using.this
    merge.set("using", made_source(using.args.get("alias")))
    return query


def rows_met_twice(merge: exp.Merge) -> exp.Select | None:
    """The query for target rows that more than one source row would change; `None` where none can be.

    https://docs.snowflake.com/en/sql-reference/sql/merge, "Duplicate join behavior", read 2026-11-22
    """
    whens = merge.args["whens"]
    matched = [when for when in whens.expressions if when.args.get("matched")]
    target = merge.this
    if not matched or not isinstance(target, exp.Table):
        return None
    conditions = [when.args.get("condition") for when in matched]
    row = exp.column("rowid", table=target.alias_or_name)
    query = (
        exp.select(exp.Literal.number(1))
        .from_(target.copy())
        .join(merge.args["using"].copy(), on=merge.args["on"].copy())
        .group_by(row)
        .having(exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1)))
        .limit(1)
    )
    if all(condition is not None for condition in conditions):
        query = query.where(exp.or_(*[condition.copy() for condition in conditions if condition is not None]))
    return query


def check_rows_meet_one(duck: DuckConnection, sql: str, binds: dict[str, object] | None) -> None:
    """Refuse what would be up to chance.

    Raises:
        ProgrammingError: 100090, when a row of the target meets more than one of the source.
    """
    if duck.execute(sql, binds).fetchone() is not None:
        raise ProgrammingError(msg="Duplicate row detected during DML action", errno=100090, sqlstate="42P18")
