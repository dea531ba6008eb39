"""A cascade as one SELECT, without a ledger: for a Task, dbt or a dynamic table."""

from __future__ import annotations

from cortex_tickets._cascading.members import Member, question_of
from cortex_tickets._cascading.settling import is_sure
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.ticket_source import TicketSource

_OWN = ("TICKET_ID", "TEXT_HASH", "NTH", "TICKET_TEXT")
_TOLD = ("LABEL", "OUTCOME", "ANSWER", "ERROR", "REPAIR")
_TOKENS = ("INPUT_TOKENS", "OUTPUT_TOKENS")


def cascade_query(certificate: Certificate, student: Member, teacher: Member, source: TicketSource) -> str:
    """Return one SELECT that labels every row of the source; the teacher is asked about what is uncertain only."""
    id_, text = source.column("id"), source.column("text")
    # Rows equal in id and text stand apart by their number.
    rows = (
        f"(SELECT {id_}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, {text} AS TICKET_TEXT, "
        f"ROW_NUMBER() OVER (PARTITION BY {id_}::VARCHAR, {text_hash(text)} ORDER BY {id_}::VARCHAR) AS NTH "
        f"FROM {source.relation})"
    )
    first = question_of(student).answered(f"{rows} WHERE NOT ({is_blank('TICKET_TEXT')})", "TICKET_TEXT", _OWN)
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
        f"FROM {rows} WHERE {is_blank('TICKET_TEXT')}"
    )
