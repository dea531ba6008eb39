"""Reads replies that stand in a ledger, beside their tickets; nothing is asked and nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.problems import whole_number_problems
from cortex_tickets.records.reply import ReplyStatus

MAX_REPLIES = 10_000
"""Replies that come to the client in one call, at most."""


def limit_problems(limit: object) -> list[str]:
    """Return what is wrong with a `limit=` of replies."""
    wrong = whole_number_problems("limit", limit)
    if not wrong and not (isinstance(limit, int) and 1 <= limit <= MAX_REPLIES):
        wrong = [f"limit={limit} must be 1 to {MAX_REPLIES:,}: the replies come to the client."]
    return wrong


def stored_rows(client: CortexClient, ledger: ReplyLedger, limit: int) -> list[Row]:
    """Return replies in the order of ticket id and key."""
    return client.run(f"{ledger.stored()} ORDER BY L.TICKET_ID, L.TEXT_HASH LIMIT {limit}")


def rows_to_review(client: CortexClient, ledger: ReplyLedger, statuses: Sequence[ReplyStatus], limit: int) -> list[Row]:
    """Return replies of these statuses, those that need review before the drafts."""
    listed = ", ".join(literal(status.value) for status in statuses)
    return client.run(
        f"{ledger.stored(f'L.STATUS IN ({listed})')} "
        f"ORDER BY L.STATUS = 'needs_review' DESC, L.TICKET_ID, L.TEXT_HASH LIMIT {limit}"
    )


def rows_by_key(client: CortexClient, ledger: ReplyLedger, keys: Iterable[str]) -> dict[str, Row]:
    """Return the replies of these keys, by key; one that is not there is left out."""
    where = "L.TEXT_HASH IN (SELECT F.VALUE::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
    rows = client.rows(Statement(ledger.stored(where), (json.dumps(list(keys)),)))
    return {str(row["TEXT_HASH"]): row for row in rows}
