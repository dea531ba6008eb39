"""Counts what a table of replies would ask and cost: first tries, and the second ones that are due."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.work import first_tries, replies_to, second_tries
from cortex_tickets.ledger.estimating import estimate_operation
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.records.budget import Estimate
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import TableRun


def estimate_replies(
    client: CortexClient,
    maker: ReplyMaker,
    source: TicketSource,
    labels: TableRun,
    prices: PriceTable,
    *,
    into: TableName | None,
) -> Estimate:
    """Return what would be asked; what stands in `into` is not counted.

    Raises:
        UnexpectedAnswerError: If the model's tokens cannot be counted.
    """
    existing = into if into is not None and described_columns(client, into) is not None else None
    # Without a ledger its name is never sent.
    ledger = replies_to(source, labels, maker, existing or TableName.parse(labels.into))
    first = estimate_operation(client, maker.operation, first_tries(ledger, source), prices, into=existing)
    if existing is None:
        return first
    operation = maker.operation.second_try()
    due = estimate_operation(client, operation, second_tries(ledger, maker.prompt, str(source)), prices, into=existing)
    return first.model_copy(
        update={
            "n_texts": first.n_texts + due.n_texts,
            "input_tokens": first.input_tokens + due.input_tokens,
            "output_tokens": first.output_tokens + due.output_tokens,
            "output_tokens_at_most": first.output_tokens_at_most + due.output_tokens_at_most,
            "ai_credits_at_most": None
            if first.ai_credits_at_most is None
            else first.ai_credits_at_most + (due.ai_credits_at_most or 0.0),
            "ai_credits": None if first.ai_credits is None else first.ai_credits + (due.ai_credits or 0.0),
            "dollars": None if first.dollars is None else first.dollars + (due.dollars or 0.0),
        }
    )
