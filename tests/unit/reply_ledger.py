"""A ledger of replies on a fake session: rows as they stand in it, and the answers that a run over it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.records.playbook import Playbook, PlaybookEntry
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.testing import FakeClock, FakeSession

PLAYBOOK = Playbook(
    entries=(PlaybookEntry(label="Roaming fees", goal="Help.", facts=("It's reviewed.",), may_offer=True),),
    generic=PlaybookEntry(label="Other", goal="Answer."),
    tone="Calm.",
    signature="Support",
)
GOOD = "Dear Ann,\n\nIt's reviewed.\n\nSupport"
LedgerSession = Callable[..., FakeSession]


def writer(session: FakeSession, **options: Any) -> ResponseGenerator:
    return ResponseGenerator(
        session, model="claude-sonnet-4-6", playbook=PLAYBOOK, clock=FakeClock(), campaign="A plan", **options
    )


def row(**changes: Any) -> Mapping[str, Any]:
    """Return a reply that stands in the ledger and was not checked yet."""
    empty = dict.fromkeys(
        (
            *("CUSTOMER_EMAIL", "SERVICE_TYPE", "ERROR", "STATUS", "FINDINGS", "N_TRIES", "KEPT_TRY", "FEEDBACK"),
            *(
                "CHECKED_WITH",
                "REVIEWED_BY",
                "REVIEWED_AT",
                "IS_EDITED",
                "AGAIN_OUTCOME",
                "AGAIN_ANSWER",
                "AGAIN_ERROR",
            ),
            *("AGAIN_SUBJECT", "AGAIN_BODY", "AGAIN_ANSWERED_BY", "AGAIN_INPUT_TOKENS", "AGAIN_OUTPUT_TOKENS"),
        )
    )
    values = {
        "TICKET_ID": "1", "TICKET_TEXT": "I was charged.", "CUSTOMER_NAME": "Ann", "CONTACT_PREFERENCE": "Email",
        "TICKET_LABEL": "Roaming fees", "TEXT_HASH": "k" * 64, "RUN_ID": "r", "OUTCOME": "valid", "ANSWER": "{}",
        "SUBJECT": "Your charge", "BODY": GOOD, "ANSWERED_BY": "m", "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1,
    }  # fmt: skip
    return {**empty, **values, **changes}


def failing_session(ledger_session: LedgerSession, **options: Any) -> FakeSession:
    """Return a session over whose table T five replies are written, of which one fails a check and is due."""
    columns = ("TICKET_ID", "REQUEST", "CUSTOMER_NAME", "CONTACT_PREFERENCE")
    session = ledger_session(columns=columns, **options)
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer("AS N_MISSING", [{"N_ROWS": 5, "N_MISSING": 0}])
    session.answer("^SELECT BLOCK", [{"BLOCK": 0, "N": 1}])
    failed = row(BODY="Dear Bob, hi.")
    again = {"OUTCOME": "valid", "ANSWER": "{}", "SUBJECT": "Your charge", "BODY": GOOD, "ANSWERED_BY": "m"}
    settled = {**failed, "N_TRIES": 1, "KEPT_TRY": 1, "FEEDBACK": "f"}
    session.answer(
        r"^SELECT \* FROM .*_CHECK_",
        [failed],
        [{**settled, **{f"AGAIN_{name}": value for name, value in again.items()}}],
    )
    session.answer("AS N_DUE", [{"N_DUE": 5, "N_RUNNING": 0}])
    session.answer(r"^SELECT COUNT\(\*\) FROM \(SELECT D", [{"N": 0}])
    session.answer("AS STATUS, COUNT", [{"STATUS": "draft", "N": 5}])
    return session
