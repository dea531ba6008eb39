"""Every statement that replies send, word for word."""

from __future__ import annotations

from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from cortex_tickets._replies.review_file import review_text
from cortex_tickets._replies.settling import stored_reply
from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.table_run import TableRun
from cortex_tickets.testing import FakeSession
from unit.reply_ledger import LedgerSession, failing_session, row, writer
from unit.statement_layout import sent


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
    session = failing_session(ledger_session)
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
