"""What becomes of a run over a table of replies when something stands in its way."""

from __future__ import annotations

from pathlib import Path

import pytest

from cortex_tickets import InvalidInputError, StatementTimeoutError
from cortex_tickets._replies import exporting, review_file
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.review_file import read_review, review_text
from cortex_tickets._replies.settling import stored_reply
from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.records.budget import Budget
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeSession, snowflake_error
from unit.reply_ledger import LedgerSession, failing_session, row, writer


def test_first_tries_that_cost_more_than_expected_leave_nothing_for_second_ones(
    ledger_session: LedgerSession, label_run: TableRun
) -> None:
    session = failing_session(ledger_session, used=[(10_000_000, 25)])
    session.answer("AS N_DUE", [{"N_DUE": 3, "N_RUNNING": 0}])
    session.answer(r"^SELECT COUNT\(\*\) FROM \(SELECT D", [{"N": 3}])
    session.answer("AS STATUS, COUNT", [{"STATUS": "draft", "N": 2}, {"STATUS": "needs_review", "N": 3}])
    run = writer(session).reply_table("T", labels=label_run, into="R", budget=Budget(ai_credits=1))
    assert (run.state, run.n_left, run.n_texts_asked) == (RunState.INCOMPLETE, 3, 5)
    assert run.reason == "the budget of 1 AI credits is spent, and 3 replies are to be asked again"
    assert run.n_by_status == {"draft": 2, "needs_review": 3}


def test_a_limit_of_the_account_is_an_error_and_no_end_of_our_time(
    ledger_session: LedgerSession, label_run: TableRun
) -> None:
    session = failing_session(ledger_session)
    session.answer("^CREATE .*_CHECK_", snowflake_error("Statement reached its statement or warehouse timeout", 630))
    with pytest.raises(StatementTimeoutError):
        writer(session).reply_table("T", labels=label_run, into="R", timeout=600)
    assert session.texts()[-1].startswith("DROP TABLE IF EXISTS")


def test_what_others_wrote_in_the_meantime_is_left_for_the_next_run(
    ledger_session: LedgerSession, label_run: TableRun
) -> None:
    session = failing_session(ledger_session)
    session.answer("AS N_DUE", [{"N_DUE": 5, "N_RUNNING": 0}])
    session.answer("AS STATUS, COUNT", [{"STATUS": "draft", "N": 4}, {"STATUS": "unchecked", "N": 1}])
    run = writer(session).reply_table("T", labels=label_run, into="R")
    assert (run.state, run.n_left) == (RunState.INCOMPLETE, 1)
    assert run.reason == "replies were written while the others were checked"


def review_session(ledger_session: LedgerSession, maker: ReplyMaker) -> FakeSession:
    """Return a session whose ledger has one reply, which is checked."""
    session = failing_session(ledger_session)
    columns = [*LEDGER_COLUMNS, *maker.operation.extra_columns, "CHANNEL", "CUSTOMER_NAME"]
    columns += ["CUSTOMER_EMAIL", "CONTACT_PREFERENCE", "TICKET_LABEL", "TICKET_TEXT_HASH"]
    session.answer('^DESCRIBE TABLE .*"R"$', [{"name": name} for name in columns])
    session.answer("^SELECT BLOCK", [])
    session.answer(
        "^SELECT S.TICKET_ID",
        [row(STATUS="draft", FINDINGS="[]", N_TRIES=1, KEPT_TRY=1, CHECKED_WITH=maker.checks.hash)],
    )
    return session


def test_a_file_that_cannot_be_written_says_why(
    ledger_session: LedgerSession, label_run: TableRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    maker = writer(FakeSession())._maker
    generator = writer(review_session(ledger_session, maker))
    assert generator.models == ("claude-sonnet-4-6",)
    monkeypatch.setattr(exporting, "write_whole", full)
    with pytest.raises(InvalidInputError, match="No space left on device"):
        generator.export_for_review("T", labels=label_run, into="R", path=tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_body_that_was_emptied_is_no_reply(
    ledger_session: LedgerSession, label_run: TableRun, tmp_path: Path
) -> None:
    generator = writer(review_session(ledger_session, writer(FakeSession())._maker))
    path = tmp_path / "r.csv"
    generator.export_for_review("T", labels=label_run, into="R", path=path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"Dear Ann,\n\nIt\'s reviewed.\n\nSupport"', " "), encoding="utf-8")
    with pytest.raises(InvalidInputError, match="Row 1: BODY was emptied"):
        generator.import_review("T", labels=label_run, into="R", path=path, reviewer="Rita")
    assert not any(sent.startswith("MERGE") for sent in generator._session.texts())  # type: ignore[attr-defined]  # a fake


def test_a_file_has_so_many_rows_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_file, "MAX_ROWS", 1)
    maker = writer(FakeSession())._maker
    replies = [stored_reply(maker, row(TEXT_HASH=key)) for key in ("a", "b")]
    path = tmp_path / "r.csv"
    path.write_text(review_text((reply, "x" * 40_000) for reply in replies), encoding="utf-8")
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) < 33_000
    with pytest.raises(InvalidInputError, match="has 2 rows; split it"):
        read_review(path)
