"""Checks the replies of a ledger, block after block, and writes what was found beside each.

The checks need ticket and reply side by side, so both come to the client: a block of at most 500 replies and about a
million characters at a time, whatever the table's size. Nothing here asks a model.
"""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._replies.making import ReplyMaker, is_better, read_loosely, rewritable, text_hash, total
from cortex_tickets.prompts.reply_prompt import feedback
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Finding, Reply, ReplyStatus
from cortex_tickets.records.ticket import Ticket

_AGAIN = "AGAIN_"


@dataclass(frozen=True, slots=True)
class _Settled:
    """A reply after its checks."""

    reply: Reply
    kept_try: int
    feedback: str | None
    """What the model is to be told about its first try; `None` where it is not asked again."""


def settle(client: CortexClient, maker: ReplyMaker, ledger: ReplyLedger) -> int:
    """Check the replies that were not checked yet, weigh the second tries that came, and return how many it looked at.

    Two statements, and two for each block. What a person decided about, or an operation wrote anew, in the meantime is
    left alone.
    """
    table = ledger.into.sibling(f"_CHECK_{uuid.uuid4().hex[:12].upper()}")
    try:
        client.run(ledger.create_unsettled(table, maker.checks.hash))
        found = client.run(f"SELECT BLOCK, COUNT(*) AS N FROM {table.sql} GROUP BY BLOCK ORDER BY BLOCK")
        for block in found:
            rows = client.run(f"SELECT * FROM {table.sql} WHERE BLOCK = ?", int(block["BLOCK"]))
            written = json.dumps([_as_written(row, _settled(maker, row)) for row in rows], ensure_ascii=False)
            client.rows(Statement(ledger.write_settled(maker.checks.hash), (written,)))
        return sum(int(block["N"]) for block in found)
    finally:
        # A temporary table goes with its session anyhow.
        with suppress(Exception):
            client.without_deadline().run(f"DROP TABLE IF EXISTS {table.sql}")


def stored_reply(maker: ReplyMaker, row: Row) -> Reply:
    """Return a reply that stands in the ledger, with what its checks found; those that are missing are made here."""
    is_settled = row["STATUS"] is not None and (
        row["CHECKED_WITH"] == maker.checks.hash or row["STATUS"] not in (ReplyStatus.DRAFT, ReplyStatus.NEEDS_REVIEW)
    )
    reply = _as_stored(maker, row) if is_settled else _settled(maker, row).reply
    return reply.model_copy(
        update={
            "input_tokens": total(row["INPUT_TOKENS"], row[f"{_AGAIN}INPUT_TOKENS"]),
            "output_tokens": total(row["OUTPUT_TOKENS"], row[f"{_AGAIN}OUTPUT_TOKENS"]),
            "reviewed_by": row["REVIEWED_BY"],
            "reviewed_at": _utc(row["REVIEWED_AT"]),
            "is_edited": bool(row["IS_EDITED"]),
        }
    )


def ticket_of(row: Row) -> Ticket:
    """Return the ticket that a row of the ledger's select is about."""
    return Ticket(
        id=row["TICKET_ID"],
        text=row["TICKET_TEXT"] or "",
        customer_name=row["CUSTOMER_NAME"],
        customer_email=row["CUSTOMER_EMAIL"],
        service_type=row["SERVICE_TYPE"],
        contact_preference=row["CONTACT_PREFERENCE"],
    )


def findings_json(findings: tuple[Finding, ...]) -> str:
    """Return the findings as FINDINGS has them."""
    return json.dumps([finding.model_dump() for finding in findings], ensure_ascii=False)


def letter_hash(subject: str | None, body: str | None) -> str:
    """Return what tells whether subject or body have changed, as `_cortex.reply_ledger.letter_hash` gives it in SQL."""
    return text_hash(text_hash(subject or "") + text_hash(body or ""))


def _settled(maker: ReplyMaker, row: Row) -> _Settled:
    n_tries, kept_try = int(row["N_TRIES"] or 1), int(row["KEPT_TRY"] or 1)
    has_second = row[f"{_AGAIN}OUTCOME"] is not None
    is_edited = bool(row["IS_EDITED"])
    first = _made(maker, row, row if is_edited else read_loosely(row), n_tries=n_tries, is_edited=is_edited)
    if is_edited or n_tries > 1:
        return _Settled(first, kept_try, row["FEEDBACK"])
    if not has_second:
        return _Settled(first, kept_try, feedback(rewritable(first)) or None)
    said = {name.removeprefix(_AGAIN): value for name, value in row.items() if name.startswith(_AGAIN)}
    second = _made(maker, row, read_loosely(said), n_tries=2)
    if is_better(first, second):
        return _Settled(second, 2, row["FEEDBACK"])
    return _Settled(first.model_copy(update={"n_tries": 2}), 1, row["FEEDBACK"])


def _as_stored(maker: ReplyMaker, row: Row) -> Reply:
    findings = tuple(Finding(**finding) for finding in json.loads(row["FINDINGS"] or "[]"))
    is_mended = row["OUTCOME"] == Outcome.ERROR and row["BODY"] is not None
    said = {**row, "OUTCOME": Outcome.REPAIRED, "ERROR": None} if is_mended else row
    reply = _made(maker, row, said, n_tries=int(row["N_TRIES"] or 0), findings=findings)
    return reply.model_copy(update={"status": ReplyStatus(row["STATUS"])})


def _made(
    maker: ReplyMaker,
    row: Row,
    said: Row,
    *,
    n_tries: int,
    findings: tuple[Finding, ...] | None = None,
    is_edited: bool = False,
) -> Reply:
    return maker.made(
        ticket_of(row),
        said,
        label=row["TICKET_LABEL"],
        key=row["TEXT_HASH"],
        n_tries=n_tries,
        findings=findings,
        is_edited=is_edited,
    )


def _as_written(row: Row, settled: _Settled) -> dict[str, Any]:
    reply = settled.reply
    return {
        "ticket_id": row["TICKET_ID"],
        "text_hash": row["TEXT_HASH"],
        "run_id": row["RUN_ID"],
        "was": letter_hash(row["SUBJECT"], row["BODY"]),
        "status": reply.status.value,
        "findings": findings_json(reply.findings),
        "n_tries": reply.n_tries,
        "kept_try": settled.kept_try,
        "feedback": settled.feedback,
        "subject": reply.subject,
        "body": reply.body,
    }


def _utc(moment: object) -> datetime | None:
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None
