"""LAST_QUERY_ID() as the id itself."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.past_results import PastResults


def name_last_queries(statement: exp.Expr, past: PastResults) -> bool:
    """Write the id in the call's place; says whether there was such a call."""
    calls = [call for call in statement.find_all(exp.Anonymous) if call.name.upper() == "LAST_QUERY_ID"]
    for call in calls:
        query_id = past.query_id(_place(call.expressions[0]) if call.expressions else -1)
        call.replace(exp.Null() if query_id is None else exp.Literal.string(query_id))
    return bool(calls)


def _place(number: exp.Expr) -> int:
    if isinstance(number, exp.Neg):
        return -_place(number.this)
    return int(number.name) if isinstance(number, exp.Literal) and not number.is_string else -1
