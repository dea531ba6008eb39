"""A cascade as one SELECT, without a ledger: for a Task, dbt or a dynamic table."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cascading.members import Member, heads_of, question_of
from cortex_tickets._cascading.settling import is_sure
from cortex_tickets._cortex.head_sql import is_intact, no_head
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.ticket_source import TicketSource

_OWN = ("TICKET_ID", "TEXT_HASH", "NTH", "TICKET_TEXT")
_TOLD = ("LABEL", "OUTCOME", "ANSWER", "ERROR", "REPAIR")
_TOKENS = ("INPUT_TOKENS", "OUTPUT_TOKENS")


def cascade_query(certificate: Certificate, student: Member, teacher: Member, source: TicketSource) -> str:
    """Return one SELECT that labels every row of the source; the teacher is asked about what is uncertain only.

    Where the rows of a head are not what was certified, neither is asked: every row is an error that says so. Else all
    tickets would go to the teacher, and nobody would notice but whoever pays.
    """
    id_, text = source.column("id"), source.column("text")
    # Rows equal in id and text stand apart by their number.
    rows = (
        f"(SELECT {id_}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, {text} AS TICKET_TEXT, "
        f"ROW_NUMBER() OVER (PARTITION BY {id_}::VARCHAR, {text_hash(text)} ORDER BY {id_}::VARCHAR) AS NTH "
        f"FROM {source.relation})"
    )
    heads = heads_of(student, teacher)
    asked, broken = f"NOT ({is_blank('TICKET_TEXT')})", ""
    if heads:
        rows = f"({rows} CROSS JOIN (SELECT {_broken(heads)} AS BROKEN))"
        broken = (
            " UNION ALL SELECT TICKET_ID, TEXT_HASH, NULL, 'error', NULL, BROKEN, NULL, NULL, NULL, NULL, NULL "
            f"FROM {rows} WHERE {asked} AND BROKEN IS NOT NULL"
        )
        asked += " AND BROKEN IS NULL"
    first = question_of(student).answered(f"{rows} WHERE {asked}", "TICKET_TEXT", _OWN)
    sure = is_sure("OUTCOME", "PROBABILITY", certificate.threshold)
    kept = ", ".join(f"{name} AS S_{name}" for name in (*_TOLD, *_TOKENS, "PROBABILITY"))
    # A NULL prompt is answered with NULL and not sent to a model.
    judged = (
        f"(SELECT {', '.join(_OWN)}, {kept}, {sure} AS IS_SURE, IFF({sure}, NULL, TICKET_TEXT) AS ASKED FROM ({first}))"
    )
    passed = (*_OWN, *(f"S_{name}" for name in (*_TOLD, *_TOKENS, "PROBABILITY")), "IS_SURE")
    second = question_of(teacher).answered(judged, "ASKED", passed)
    told = ", ".join(f"IFF(IS_SURE, S_{name}, {name}) AS {name}" for name in (*_TOLD, *_TOKENS))
    return (
        f"SELECT TICKET_ID, TEXT_HASH, {told}, "
        f"IFF(IS_SURE, {literal(student.model)}, {literal(teacher.model)}) AS ANSWERED_BY, "
        f"IFF(IS_SURE, S_PROBABILITY, NULL) AS PROBABILITY FROM ({second}) "
        "UNION ALL SELECT TICKET_ID, TEXT_HASH, NULL, 'blank', NULL, NULL, NULL, NULL, NULL, NULL, NULL "
        f"FROM {rows} WHERE {is_blank('TICKET_TEXT')}{broken}"
    )


def _broken(heads: Sequence[EmbeddingHead]) -> str:
    """Return an expression of what is wrong with the heads, the first that is; NULL if they are as they were."""
    return f"CASE {' '.join(f'WHEN NOT {is_intact(head)} THEN {literal(no_head(head))}' for head in heads)} END"
