"""What a client is killed at: each kind of table operation, over copies of the same tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cortex_tickets.records.budget import Budget
from cortex_tickets.records.draft import Draft
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import TableRun
from cortex_tickets.ticket_classifier import TicketClassifier
from cortex_tickets.ticket_insights import TicketInsights

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
MODEL = "claude-sonnet-4-6"
CHUNK_ROWS = 50
TOO_LITTLE = Budget(ai_credits=0.05)
"""Enough for some of the chunks."""


@dataclass(frozen=True)
class Work:
    """A table operation over T in the session's schema.

    Args:
        into: Its ledger, in that schema.
        columns: Columns of the ledger that are the same whatever happens on the way, the key first.
        begin: Begins it; what a client does that is killed.
        go_on: Does what is left; the labels' run is what replies need.
        tables: What is there before it begins.
        prepare: What is done to these tables before.
    """

    into: str
    columns: str
    begin: Callable[[Any, TableRun], TableRun]
    go_on: Callable[[Any, TableRun], TableRun]
    tables: tuple[str, ...] = ("T",)
    prepare: str | None = None


def classify(session: Any, _: TableRun | None = None) -> TableRun:
    return TicketClassifier(session, labels=LABELS, model=MODEL).classify_table("T", into="L", chunk_rows=CHUNK_ROWS)


def classify_within_a_budget(session: Any, _: TableRun) -> TableRun:
    classifier = TicketClassifier(session, labels=LABELS, model=MODEL)
    return classifier.classify_table("T", into="L", chunk_rows=CHUNK_ROWS, budget=TOO_LITTLE)


def in_its_own_words(draft: Draft) -> str | None:
    """Find fault with some replies, so that these are asked about again."""
    return 'Do not say "specialist".' if "specialist" in draft.body else None


def reply(session: Any, labels: TableRun) -> TableRun:
    writer = ResponseGenerator(session, model="claude-haiku-4-5", checks=[in_its_own_words])
    return writer.reply_table("T", labels=labels, into="R", chunk_rows=CHUNK_ROWS)


def sentiment(session: Any, _: TableRun) -> TableRun:
    return TicketInsights(session).sentiment_table("T", into="S", chunk_rows=CHUNK_ROWS)


_LABEL_COLUMNS = "TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWER"
WORKS = {
    "classify": Work("L", _LABEL_COLUMNS, classify, classify),
    "budget": Work("L", _LABEL_COLUMNS, classify_within_a_budget, classify),
    "mend": Work(
        "L",
        _LABEL_COLUMNS,
        classify,
        classify,
        tables=("T", "L", "L_RUNS", "L_LEASES"),
        prepare="UPDATE L SET OUTCOME = 'error', LABEL = NULL, ANSWER = NULL, ERROR = 'No answer came.' "
        "WHERE OUTCOME = 'valid' AND MOD(TICKET_ID::INTEGER, 3) = 0",
    ),
    "reply": Work("R", "TICKET_ID, TEXT_HASH, OUTCOME, ANSWER, BODY, STATUS, N_TRIES", reply, reply),
    "sentiment": Work("S", "TICKET_ID, TEXT_HASH, OUTCOME, SENTIMENT, SCORE", sentiment, sentiment),
}
