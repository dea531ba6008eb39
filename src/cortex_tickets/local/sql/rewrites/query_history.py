"""TABLE(INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION(...)) over the engine's own memory of statements."""

from __future__ import annotations

from sqlglot import exp, parse_one

_FUNCTIONS = frozenset({"QUERY_HISTORY", "QUERY_HISTORY_BY_SESSION", "QUERY_HISTORY_BY_USER"})
_DEFAULT_LIMIT = 100
TABLE_NAME = "QUERY_HISTORY"


def query_history(node: exp.Expr) -> exp.Expr:
    """One node, with a history function as a query.

    Statements that still run are among its rows, as Snowflake has it where no end of the time range is given.

    Source:
        docs.snowflake.com/en/sql-reference/functions/query_history, read 2026-11-25.
    """
    if not isinstance(node, exp.TableFromRows):
        return node
    call = node.this
    while isinstance(call, exp.Dot):
        call = call.expression
    if not isinstance(call, exp.Anonymous) or call.name.upper() not in _FUNCTIONS:
        return node
    given = {item.this.name.upper(): item.expression.copy() for item in call.expressions if isinstance(item, exp.Kwarg)}
    if unknown := sorted(set(given) - {"SESSION_ID", "USER_NAME", "RESULT_LIMIT"}):
        raise NotImplementedError(f"{call.name.upper()} with {', '.join(unknown)}")
    query = exp.select("*").from_(f"SNOWFLAKE.ENGINE.{TABLE_NAME}")
    session = given.get("SESSION_ID", exp.CurrentSession() if call.name.upper().endswith("SESSION") else None)
    if session is not None:
        query = query.where(exp.EQ(this=exp.column("SESSION_ID"), expression=exp.cast(session, "BIGINT")))
    user = given.get("USER_NAME", exp.CurrentUser() if call.name.upper().endswith("USER") else None)
    if user is not None:
        query = query.where(exp.EQ(this=exp.column("USER_NAME"), expression=user))
    limit = given.get("RESULT_LIMIT", exp.Literal.number(_DEFAULT_LIMIT))
    query = query.order_by(parse_one("START_TIME DESC", into=exp.Ordered)).limit(limit)
    return exp.Subquery(this=query, alias=node.args.get("alias") or exp.TableAlias(this=exp.to_identifier("_H")))
