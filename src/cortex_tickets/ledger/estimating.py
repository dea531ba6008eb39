"""Counts what a table operation would ask and cost, before anything is billed."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import TICKETS, is_blank, text_hash
from cortex_tickets.errors import UnexpectedAnswerError
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.ledger.written_tokens import written_columns
from cortex_tickets.records.budget import Estimate
from cortex_tickets.records.table_name import TableName

SAMPLE_TEXTS = 10_000
"""Distinct texts whose tokens are counted; beyond them the count is scaled up."""


def estimate_operation(
    client: CortexClient,
    operation: Operation,
    source: WorkSource,
    prices: PriceTable,
    *,
    into: TableName | None,
    timeout: float | None = None,
) -> Estimate:
    """Return what the operation would ask and cost; texts that `into` has answered are not counted.

    One statement. AI_COUNT_TOKENS is free but for the warehouse.

    Raises:
        UnexpectedAnswerError: If it counted no text at all: what is unknown is not 0.
    """
    query = _query(operation, source, into)
    row = client.rows(Statement(query), timeout=timeout)[0]
    n_texts, n_counted = int(row["N_TEXTS"]), int(row["N_COUNTED"])
    if n_texts and not n_counted:
        raise UnexpectedAnswerError(
            f"AI_COUNT_TOKENS counted none of {n_texts} texts for {operation.model}, so there is no estimate",
            answer=dict(row),
            statement=query,
        )
    counted = int(row["TOKENS"])
    input_tokens = round(counted * n_texts / n_counted) if n_counted else 0
    scale = n_texts / n_counted if n_counted else 0.0
    expected, at_most = (round(float(row[name]) * scale) for name in ("WRITTEN", "WRITTEN_AT_MOST"))
    price = prices.price(operation.model)
    credits_ = None if price is None else price.credits(input_tokens, expected)
    return Estimate(
        n_tickets=int(row["N_TICKETS"]),
        n_texts=n_texts,
        input_tokens=input_tokens,
        output_tokens=expected,
        output_tokens_at_most=at_most,
        model=operation.model,
        ai_credits=credits_,
        ai_credits_at_most=None if price is None else price.credits(input_tokens, at_most),
        dollars=None if credits_ is None else credits_ * prices.dollars_per_ai_credit,
        dollars_per_ai_credit=prices.dollars_per_ai_credit,
        price_date=prices.date,
    )


def _query(operation: Operation, source: WorkSource, into: TableName | None) -> str:
    answered = (
        ""
        if into is None
        else f" AND TEXT_HASH NOT IN (SELECT TEXT_HASH FROM {into.sql} "
        f"WHERE CLASSIFIER_HASH = {literal(operation.hash)} AND OUTCOME <> 'error')"
    )
    key, hashed = ("", "INPUT") if source.key is None else (f", {source.key} AS QUESTION", "QUESTION")
    return (
        f"WITH {TICKETS} AS (SELECT {source.id}::VARCHAR AS TICKET_ID, {source.text} AS INPUT{key} "
        f"FROM {source.relation}), "
        f"TICKETS AS (SELECT TICKET_ID, {text_hash(hashed)} AS TEXT_HASH, MIN(INPUT) AS INPUT FROM {TICKETS} "
        "GROUP BY 1, 2), "
        "TEXTS AS (SELECT TEXT_HASH, MIN(INPUT) AS INPUT FROM TICKETS "
        f"WHERE NOT ({is_blank('INPUT')}){answered} GROUP BY TEXT_HASH), "
        # By hash, so that the same tickets give the same sample, and a sample that has nothing to do with the text.
        f"SAMPLED AS (SELECT INPUT, {operation.token_count('INPUT')} AS TOKENS FROM "
        f"(SELECT INPUT FROM TEXTS ORDER BY TEXT_HASH LIMIT {SAMPLE_TEXTS})) "
        "SELECT (SELECT COUNT(*) FROM TICKETS) AS N_TICKETS, (SELECT COUNT(*) FROM TEXTS) AS N_TEXTS, "
        f"COUNT(TOKENS) AS N_COUNTED, COALESCE(SUM(TOKENS), 0) AS TOKENS, {written_columns(operation)} FROM SAMPLED"
    )
