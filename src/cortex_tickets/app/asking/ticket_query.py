"""The one query that says of each ticket what a model and what people made of it."""

from __future__ import annotations

from cortex_tickets import TicketSource
from cortex_tickets.app.desk import Desk, quoted

NOT_ASKED = "not asked"
"""What stands for the outcome of a ticket that has no answer yet."""


def ticket_key(source: TicketSource) -> str:
    """Return the columns TICKET_ID and TEXT_HASH of a source, as ledgers and gold have them.

    A ticket without a text has the hash of the empty one: it is in the ledger, with the outcome `blank`.
    """
    return f"{source.column('id')}::VARCHAR AS TICKET_ID, SHA2(COALESCE({source.column('text')}, ''), 256) AS TEXT_HASH"


def newest_corrections(gold: str) -> str:
    """Return a SELECT of the newest correction of each ticket: TICKET_ID, TEXT_HASH, LABEL and LABELLED_AT."""
    return (
        f"SELECT TICKET_ID, TEXT_HASH, LABEL, LABELLED_AT FROM {quoted(gold)} WHERE SOURCE = 'correction' "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH ORDER BY LABELLED_AT DESC NULLS LAST, LABEL) = 1"
    )


def ticket_query(desk: Desk, classifier_hash: str) -> tuple[str, tuple[str, ...]]:
    """Return a SELECT with a row for each ticket, and the values that are bound in it.

    Rows that are equal in id and text are one ticket, as they are in the ledger.

    Columns: TICKET_ID, TEXT_HASH, ID_AS_STORED (to order by: a number where the table has numbers), TEXT,
    CUSTOMER_NAME, CREATED_AT, MODEL_LABEL, OUTCOME (`not asked` without an answer), ANSWERED_BY, CORRECTION (a person's
    newest label, NULL without one), LABEL (the correction, else the model's).

    Args:
        desk: Where the tables are.
        classifier_hash: Whose answers.
    """
    source, settings = desk.tickets, desk.settings
    has_answers, has_gold = desk.has(settings.ledger), desk.has(settings.gold)
    answers = (
        f"SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWERED_BY FROM {quoted(settings.ledger)} "
        "WHERE CLASSIFIER_HASH = ? "
        "QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH ORDER BY ANSWERED_AT DESC, LABEL) = 1"
        if has_answers
        else _nothing("TICKET_ID", "TEXT_HASH", "LABEL", "OUTCOME", "ANSWERED_BY")
    )
    corrections = newest_corrections(settings.gold) if has_gold else _nothing("TICKET_ID", "TEXT_HASH", "LABEL")
    query = f"""
        SELECT T.*, A.LABEL AS MODEL_LABEL, COALESCE(A.OUTCOME, '{NOT_ASKED}') AS OUTCOME, A.ANSWERED_BY,
               C.LABEL AS CORRECTION, COALESCE(C.LABEL, A.LABEL) AS LABEL
        FROM (
            SELECT {ticket_key(source)}, MIN({source.column("id")}) AS ID_AS_STORED,
                   MIN({source.column("text")}) AS TEXT,
                   MIN({source.column("customer_name")}::VARCHAR) AS CUSTOMER_NAME,
                   MIN({source.column("created_at")}) AS CREATED_AT
            FROM {source.relation}
            GROUP BY 1, 2
        ) T
        LEFT JOIN ({answers}) A ON A.TICKET_ID = T.TICKET_ID AND A.TEXT_HASH = T.TEXT_HASH
        LEFT JOIN ({corrections}) C ON C.TICKET_ID = T.TICKET_ID AND C.TEXT_HASH = T.TEXT_HASH
    """
    return query, (classifier_hash,) if has_answers else ()


def _nothing(*columns: str) -> str:
    """Return a SELECT of no rows: the table is not there yet."""
    return f"SELECT {', '.join(f'NULL::VARCHAR AS {name}' for name in columns)} WHERE 1 = 0"
