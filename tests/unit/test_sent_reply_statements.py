"""Every statement that replies send, word for word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from syrupy.assertion import SnapshotAssertion

from cortex_tickets._replies.review_file import review_text
from cortex_tickets._replies.settling import stored_reply
from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.records.playbook import Playbook, PlaybookEntry
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeClock, FakeSession
from unit.statement_layout import sent

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


def test_many_replies(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    bad = {"ANSWER": "x", "ERROR": None, "OUTCOME": "valid", "SUBJECT": "S", "BODY": "Dear Bob, hi."}
    session.answer("AI_COMPLETE", [{**bad, "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1}])
    ticket = Ticket(id="1", text="I was charged.", customer_name="Ann")
    writer(session, guardrails=True).reply(ticket, label="Roaming fees")
    assert sent(session) == snapshot


def test_a_table_whose_replies_fail_and_are_asked_about_again(
    snapshot: SnapshotAssertion, ledger_session: LedgerSession, label_run: TableRun
) -> None:
    session = ledger_session(columns=("TICKET_ID", "REQUEST", "CUSTOMER_NAME", "CONTACT_PREFERENCE"))
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
    session.answer(r"^SELECT COUNT\(\*\) FROM \(SELECT D", [{"N": 5}], [{"N": 0}])
    session.answer("AS STATUS, COUNT", [{"STATUS": "draft", "N": 5}])
    run = writer(session).reply_table("T", labels=label_run, into="R")
    assert (run.is_complete, run.n_texts_asked) == (True, 10)
    assert sent(session) == snapshot


def test_a_review_that_comes_back(
    snapshot: SnapshotAssertion, ledger_session: LedgerSession, label_run: TableRun, tmp_path: Path
) -> None:
    session = ledger_session(columns=("TICKET_ID", "REQUEST", "CUSTOMER_NAME", "CONTACT_PREFERENCE"))
    generator = writer(session)
    columns = [*LEDGER_COLUMNS, *generator._maker.operation.extra_columns, "CHANNEL", "CUSTOMER_NAME"]
    columns += ["CUSTOMER_EMAIL", "CONTACT_PREFERENCE", "TICKET_LABEL", "TICKET_TEXT_HASH"]
    session.answer('^DESCRIBE TABLE .*"R"$', [{"name": name} for name in columns])
    session.answer('^DESCRIBE TABLE .*"L"$', [{"name": name} for name in LEDGER_COLUMNS])
    session.answer("^SELECT BLOCK", [])
    checked = row(STATUS="draft", FINDINGS="[]", N_TRIES=1, KEPT_TRY=1, CHECKED_WITH=generator._maker.checks.hash)
    session.answer("^SELECT S.TICKET_ID", [checked])
    session.answer("^MERGE", [{"number of rows updated": 1}])
    text = review_text([(stored_reply(generator._maker, checked), "")])
    path = tmp_path / "review.csv"
    path.write_text(text.replace(",,,v", ",approved,Rita,v"), encoding="utf-8")
    report = generator.import_review("T", labels=label_run, into="R", path=path)
    assert report.n_approved == 1
    assert sent(session) == snapshot
