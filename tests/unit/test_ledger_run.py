"""A run over a table: what is written down, whatever happens, and that its first failure is what is told."""

import logging
import re
from collections.abc import Callable
from typing import Any, NoReturn

import pytest

from cortex_tickets import TicketClassifier
from cortex_tickets.errors import (
    ConnectionLostError,
    CortexError,
    ObjectNotFoundError,
    StatementTimeoutError,
)
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

INTO = "DB.S.L"
LedgerSession = Callable[..., FakeSession]
ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"
CLOSES = r"^UPDATE \S*_RUNS\S* SET STATE = \?"


def label(session: FakeSession, clock: FakeClock | None = None, **options: Any) -> TableRun:
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6", clock=clock or FakeClock())
    return classifier.classify_table("T", **{"into": INTO, **options})


def closing(session: FakeSession) -> dict[str, Any]:
    """Return what the run's row was closed with."""
    (sent,) = [sent for sent in session.sent if re.match(CLOSES, sent.text)]
    names = [
        part.split(" = ")[0]
        for part in sent.text.split(" SET ")[1].split(" WHERE ")[0].split(", ")
        if part.endswith("= ?")
    ]
    return dict(zip(names, sent.values, strict=False))


def after(clock: FakeClock, seconds: float, error: Exception | None = None) -> Callable[[SentStatement], list[Any]]:
    def answer(_: SentStatement) -> list[Any]:
        clock.sleep(seconds)
        if error is not None:
            raise error
        return []

    return answer


def test_a_run_that_does_all_is_complete_and_its_row_says_so(ledger_session: LedgerSession) -> None:
    session = ledger_session(outcomes={"valid": 4, "blank": 1}, work={"N_TO_ASK": 4, "N_TO_COPY": 1})
    run = label(session)
    assert (run.state, run.n_rows, run.n_tickets, run.n_left, run.n_texts_asked) == (RunState.COMPLETE, 5, 5, 0, 4)
    assert (run.source, run.into, run.input_tokens, run.output_tokens) == ("T", INTO, 500, 25)
    assert run.ai_credits == pytest.approx((500 * 1.65 + 25 * 8.25) / 1e6)
    assert closing(session) == {
        "STATE": "COMPLETE",
        "REASON": None,
        "N_TICKETS": 5,
        "N_LEFT": 0,
        "N_TEXTS_ASKED": 4,
        "INPUT_TOKENS": 500,
        "OUTPUT_TOKENS": 25,
        "AI_CREDITS": run.ai_credits,
    }


def test_nothing_to_do_asks_nothing_and_costs_nothing(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 0}, used=[(0, 0)])
    run = label(session)
    assert (run.n_texts_asked, run.ai_credits, run.is_complete) == (0, 0.0, True)
    assert not any("AI_COMPLETE" in text for text in session.texts())


def test_an_unknown_model_price_is_unknown_credits(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    run = TicketClassifier(session, labels=["A", "B"], model="claude-opus-5").classify_table("T", into=INTO)
    assert run.ai_credits is None
    assert "AI credits unknown" in str(run)


def test_tokens_that_the_server_does_not_tell_are_unknown_credits_too(ledger_session: LedgerSession) -> None:
    session = ledger_session(used=[(0, 0)])
    managed = TicketClassifier(
        session, labels=["A", "B"], function="AI_CLASSIFY", prices={"AI_CLASSIFY": ModelPrice(input=1, output=1)}
    )
    assert managed.classify_table("T", into=INTO).ai_credits is None


def test_every_statement_of_a_run_carries_its_id(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    run = label(session)
    written = [sent for sent in session.sent if sent.text.startswith(("CREATE", "INSERT", "UPDATE", "DROP"))]
    assert len(written) == 12
    assert all(run.run_id in str(sent.parameters["QUERY_TAG"]) for sent in written)


def test_a_failing_chunk_leaves_the_row_failed_and_drops_the_work_list(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, used=[(200, 10)])
    session.answer(ASKS, [], snowflake_error("Numeric value 'x' is not recognized", 100038))
    with pytest.raises(CortexError) as raised:
        label(session, chunk_rows=2)
    closed = closing(session)
    assert (closed["STATE"], closed["REASON"]) == ("FAILED", raised.type.__name__)
    assert (closed["N_LEFT"], closed["N_TEXTS_ASKED"], closed["INPUT_TOKENS"]) == (None, 2, 200)
    assert any(text.startswith("DROP TABLE IF EXISTS") for text in session.texts())


@pytest.mark.parametrize(
    "error",
    [
        snowflake_error("Session no longer exists. New login required", 390111),
        KeyboardInterrupt(),
        SystemExit(143),
        ZeroDivisionError("a bug"),
    ],
)
def test_a_statement_that_may_still_run_keeps_its_run_open_and_its_lease_taken(
    ledger_session: LedgerSession, error: BaseException
) -> None:
    def fail(_: SentStatement) -> NoReturn:
        raise error

    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, used=[(200, 10)])
    session.answer(ASKS, [], fail)
    with pytest.raises((ConnectionLostError, KeyboardInterrupt, SystemExit, ZeroDivisionError)) as raised:
        label(session, chunk_rows=2)
    # Nobody can find a synchronous statement; the lease lasts for as long as the server lets it run.
    assert not any(re.match(CLOSES, text) for text in session.texts())
    assert not any("SET HOLDER = NULL" in text for text in session.texts())
    is_stopped = isinstance(error, KeyboardInterrupt | SystemExit)
    assert any("same method" in note for note in getattr(raised.value, "__notes__", [])) == is_stopped


def test_an_interrupt_before_the_run_is_written_down_says_how_to_go_on_too(ledger_session: LedgerSession) -> None:
    def stop(_: SentStatement) -> NoReturn:
        raise KeyboardInterrupt

    session = ledger_session()
    session.answer("AS MAY_GO_ON", stop)
    with pytest.raises(KeyboardInterrupt) as raised:
        label(session)
    assert "same method" in raised.value.__notes__[0]
    assert "SET HOLDER = NULL" in session.texts()[-1]


def test_a_connection_that_is_gone_is_the_failure_that_is_told(ledger_session: LedgerSession) -> None:
    gone = snowflake_error("Session no longer exists. New login required", 390111)
    session = ledger_session()
    session.answer(ASKS, gone)
    broken = snowflake_error("something else is broken, too", 1)
    for rule in ("^DROP", CLOSES, "AS READ_TOKENS"):
        session.answer(rule, broken)
    session.answer("^UPDATE .*_LEASES", [{"number of rows updated": 1}], broken)
    with pytest.raises(ConnectionLostError):
        label(session)


def test_a_work_list_that_cannot_be_dropped_does_not_spoil_a_run(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^DROP", snowflake_error("Insufficient privileges", 3001))
    assert label(session).is_complete


def test_a_run_that_cannot_be_begun_leaves_no_work_list(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^INSERT .*_RUNS", snowflake_error("Insufficient privileges", 3001))
    with pytest.raises(CortexError):
        label(session)
    assert not any("_WORK_" in text for text in session.texts())


def test_a_listener_is_told_after_each_chunk(ledger_session: LedgerSession) -> None:
    seen: list[RunProgress] = []
    clock = FakeClock()
    session = ledger_session(work={"N_TO_ASK": 5, "N_WAITING": 5}, used=[(40, 4), (80, 8), (100, 10)])
    session.answer(ASKS, after(clock, 10))
    run = label(session, clock, chunk_rows=2, progress=seen.append)
    assert [(step.n_done, step.n_all) for step in seen] == [(0, 5), (2, 5), (4, 5), (5, 5)]
    assert [step.texts_per_second for step in seen] == [None, 0.2, 0.2, pytest.approx(5 / 30)]
    assert [step.seconds_left for step in seen] == [None, 15.0, 5.0, 0.0]
    assert [step.input_tokens for step in seen] == [0, 40, 80, 100]
    assert [step.ai_credits for step in seen][1] == pytest.approx((40 * 1.65 + 4 * 8.25) / 1e6)
    assert {(step.run_id, step.operation, step.model) for step in seen} == {(run.run_id, "classify", run.model)}


def test_a_listener_that_fails_ends_the_run_as_failed(ledger_session: LedgerSession) -> None:
    def broken(progress: RunProgress) -> None:
        if progress.n_done:
            raise RuntimeError("the caller's own bug")

    session = ledger_session()
    with pytest.raises(RuntimeError, match="own bug"):
        label(session, progress=broken)
    assert closing(session)["STATE"] == "FAILED"
    assert closing(session)["N_TEXTS_ASKED"] == 5


def test_progress_is_a_bar_on_standard_error(ledger_session: LedgerSession, capsys: pytest.CaptureFixture[str]) -> None:
    label(ledger_session(), progress=True)
    assert "labelling  100%  5 of 5" in capsys.readouterr().err


def test_when_the_time_is_over_no_further_chunk_begins(ledger_session: LedgerSession) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, left=2)
    session.answer(ASKS, after(clock, 30))
    run = label(session, clock, chunk_rows=1, timeout=50)
    assert (run.state, run.reason, run.n_texts_asked, run.n_left) == (
        RunState.INCOMPLETE,
        "the timeout of 50 s is over",
        2,
        2,
    )
    asked = [sent for sent in session.sent if "AI_COMPLETE" in sent.text]
    assert [sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for sent in asked] == [50, 20]
    assert closing(session)["STATE"] == "INCOMPLETE"
    assert closing(session)["N_LEFT"] == 2


def test_a_chunk_that_the_time_stops_is_left_and_not_a_failure(ledger_session: LedgerSession) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, left=4)
    session.answer(ASKS, after(clock, 50, snowflake_error("Statement reached its timeout", 630)))
    run = label(session, clock, timeout=50)
    assert (run.state, run.n_texts_asked, run.n_left) == (RunState.INCOMPLETE, 0, 4)


def test_tickets_that_were_to_be_copied_are_left_too_when_the_time_stops_that(ledger_session: LedgerSession) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_COPY": 3}, left=8)
    session.answer("^INSERT .*'copy', 'blank'", after(clock, 50, snowflake_error("Statement reached its timeout", 630)))
    run = label(session, clock, timeout=50)
    assert run.n_left == 8
    (counted,) = [text for text in session.texts() if text.startswith("SELECT COUNT(*) AS N FROM")]
    assert counted.endswith("WHERE (STATE = 'ask' AND N >= 0) OR STATE IN ('copy', 'blank')")


def test_the_accounts_own_time_limit_is_a_failure(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(ASKS, snowflake_error("Statement reached its timeout", 630))
    with pytest.raises(StatementTimeoutError):
        label(session, timeout=50)
    assert closing(session)["STATE"] == "FAILED"


def test_the_checks_before_a_run_have_its_time_and_the_last_notes_have_none(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    label(session, timeout=50)
    limited = ["STATEMENT_TIMEOUT_IN_SECONDS" in sent.parameters for sent in session.sent]
    last = next(n for n, sent in enumerate(session.sent) if "AI_COMPLETE" in sent.text and "INSERT" in sent.text)
    assert all(limited[: last + 1])
    assert not any(limited[last + 1 :])


def test_a_passing_failure_of_a_chunk_is_tried_again(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(ASKS, snowflake_error("remote service error: '429 'too many requests''", 100351), [])
    assert label(session).is_complete


def test_a_table_that_goes_away_meanwhile_is_snowflakes_failure(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^CREATE OR REPLACE TEMPORARY", snowflake_error("Object 'T' does not exist", 2003))
    with pytest.raises(ObjectNotFoundError):
        label(session)
    assert closing(session)["STATE"] == "FAILED"


def test_logs_tell_of_runs_and_never_of_texts(ledger_session: LedgerSession, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        run = label(ledger_session())
    assert f"run {run.run_id}: COMPLETE, 5 texts asked" in caplog.text
    assert "REQUEST" not in caplog.text
