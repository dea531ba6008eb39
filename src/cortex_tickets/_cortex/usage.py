"""What Snowflake says that statements cost, by their query tag.

Source:
    docs.snowflake.com/en/sql-reference/account-usage/cortex_ai_functions_usage_history, read 2026-11-22: windows of an
    hour, data after some minutes, METRICS as a list of `{"key": {"metric", "unit"}, "value"}`.
"""

from __future__ import annotations

from datetime import datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.records.actual_cost import ActualCost

_VIEW = "SNOWFLAKE.ACCOUNT_USAGE.CORTEX_AI_FUNCTIONS_USAGE_HISTORY"


def compile_usage(client: CortexClient) -> None:
    """Have a query of the usage view compiled: what this role may not read does not compile. Nothing is run.

    Raises:
        ObjectNotFoundError: If this role may not read it.
        CortexError: If the statement fails otherwise.
    """
    client.run(f"EXPLAIN USING TEXT SELECT CREDITS FROM {_VIEW} WHERE FALSE")


def actual_cost(client: CortexClient, tag: str, since: datetime) -> ActualCost:
    """Return what the usage view says of the statements with this tag since then."""
    # Windows begin with the hour, so the run's first one began before the run did.
    mine = f"FROM {_VIEW} WHERE QUERY_TAG = ? AND END_TIME >= ?::TIMESTAMP_TZ"
    spent = client.run(
        "SELECT COALESCE(SUM(CREDITS), 0) AS AI_CREDITS, COUNT(DISTINCT QUERY_ID) AS N_STATEMENTS, "
        f"COUNT_IF(NOT IS_COMPLETED) AS N_OPEN {mine}",
        tag,
        since.isoformat(),
    )[0]
    told = client.run(
        "SELECT M.VALUE:key:metric::VARCHAR AS METRIC, SUM(M.VALUE:value::NUMBER) AS N_TOKENS "
        f"FROM (SELECT METRICS {mine}) U, LATERAL FLATTEN(INPUT => U.METRICS) M "
        "WHERE M.VALUE:key:unit::VARCHAR = 'tokens' GROUP BY 1",
        tag,
        since.isoformat(),
    )
    tokens = {str(row["METRIC"]): int(row["N_TOKENS"]) for row in told}
    return ActualCost(
        ai_credits=float(spent["AI_CREDITS"]),
        input_tokens=tokens.get("input", 0),
        output_tokens=tokens.get("output", 0),
        n_statements=int(spent["N_STATEMENTS"]),
        is_final=not int(spent["N_OPEN"] or 0) and int(spent["N_STATEMENTS"]) > 0,
    )
