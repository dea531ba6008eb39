"""The lease on a ledger, on a scripted session: what is sent when, and what becomes of the answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from cortex_tickets import LedgerInUseError, TicketClassifier
from cortex_tickets.errors import ConnectionLostError, ObjectNotFoundError
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

TAKES = r"^UPDATE \S*_LEASES\S* SET HOLDER = \?"
RENEWS = r"^UPDATE \S*_LEASES\S* SET HEARTBEAT"
RELEASES = r"^UPDATE \S*_LEASES\S* SET HOLDER = NULL"
HOLDER = "^SELECT HOLDER"
ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"
SINCE = datetime(2026, 11, 23, 3, 0, tzinfo=timezone(timedelta(hours=1)))
HELD = [{"HOLDER": "other", "SINCE": SINCE, "EXPIRES_AT": SINCE + timedelta(hours=1)}]
NONE, ONE = [{"number of rows updated": 0}], [{"number of rows updated": 1}]
LedgerSession = Callable[..., FakeSession]


def label(session: FakeSession, clock: FakeClock | None = None, **options: Any) -> TableRun:
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6", clock=clock or FakeClock())
    return classifier.classify_table("T", into="DB.S.L", **options)


def asking(clock: FakeClock, seconds: float) -> Callable[[SentStatement], list[Any]]:
    def answer(_: SentStatement) -> list[Any]:
        clock.sleep(seconds)
        return []

    return answer


def limits(session: FakeSession) -> list[int]:
    return [
        sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"]
        for sent in session.sent
        if sent.text.startswith("INSERT") and "AI_COMPLETE" in sent.text
    ]


def n_sent(session: FakeSession, start: str) -> int:
    return sum(text.startswith(start) for text in session.texts())


def test_a_ledger_that_is_held_is_refused_before_anything_is_asked_or_written(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(TAKES, NONE)
    session.answer(HOLDER, HELD)
    with pytest.raises(LedgerInUseError) as raised:
        label(session)
    assert (raised.value.into, raised.value.holder) == ("DB.S.L", "other")
    assert raised.value.since == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert raised.value.until == datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
    assert raised.value.since.tzinfo is UTC
    written = [text for text in session.texts() if text.startswith("INSERT") and "_LEASES" not in text]
    assert written == []
    assert not any("_WORK_" in text or '_RUNS" SET' in text for text in session.texts())


def test_a_lease_that_became_free_meanwhile_is_taken(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(TAKES, NONE, ONE)
    session.answer(HOLDER, [])
    assert label(session).is_complete


def test_leases_that_change_too_fast_are_not_waited_for(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(TAKES, NONE)
    session.answer(HOLDER, [])
    with pytest.raises(LedgerInUseError, match="one after the other") as raised:
        label(session)
    assert (raised.value.holder, raised.value.until) == (None, None)


def test_a_take_whose_answer_was_lost_is_given_back(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(TAKES, snowflake_error("Session no longer exists. New login required", 390111))
    with pytest.raises(ConnectionLostError):
        label(session)
    assert session.texts()[-1].startswith('UPDATE "DB"."S"."L_LEASES" SET HOLDER = NULL')


def test_a_lease_that_cannot_be_given_back_does_not_spoil_a_run(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(RELEASES, snowflake_error("Insufficient privileges", 3001))
    assert label(session).is_complete


def test_the_work_list_is_made_after_the_lease_is_taken_and_the_lease_ends_last(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    label(session)
    texts = session.texts()
    takes = next(n for n, text in enumerate(texts) if "SET HOLDER = ?" in text)
    work = next(n for n, text in enumerate(texts) if "TEMPORARY TABLE" in text)
    assert takes < work
    assert "SET HOLDER = NULL" in texts[-1]
    assert "_RUNS" in texts[-2]


def test_a_sign_of_life_is_given_when_a_third_of_the_lease_has_passed(ledger_session: LedgerSession) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    session.answer(ASKS, asking(clock, 700))
    assert label(session, clock, chunk_rows=1).is_complete
    assert n_sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT') == 1
    # Each chunk has until a minute before the lease is over; the third one comes after a sign of life.
    assert limits(session) == [3540, 2840, 3540, 2840]


def test_a_short_run_sends_no_sign_of_life(ledger_session: LedgerSession) -> None:
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4})
    label(session, chunk_rows=1)
    assert n_sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT') == 0


@pytest.mark.parametrize(("timeout", "seconds"), [(None, 3600), (60, 900), (2000, 2000), (86_400, 3600)])
def test_a_lease_is_as_long_as_the_run_may_take_within_bounds(
    ledger_session: LedgerSession, timeout: float | None, seconds: int
) -> None:
    session = ledger_session()
    label(session, timeout=timeout)
    (take,) = [text for text in session.texts() if "SET HOLDER = ?" in text]
    assert f"DATEADD(second, {seconds}, CURRENT_TIMESTAMP())" in take


def test_a_clock_that_stood_while_the_computer_slept_deceives_nobody(ledger_session: LedgerSession) -> None:
    class Sleeper(FakeClock):
        asleep = 0.0

        def now(self) -> datetime:
            return super().now() + timedelta(seconds=self.asleep)

    clock = Sleeper()
    session = ledger_session(work={"N_TO_ASK": 2, "N_WAITING": 2})

    def wake(progress: RunProgress) -> None:
        if progress.n_done:
            clock.asleep = 7200.0

    label(session, clock, chunk_rows=1, progress=wake)
    assert n_sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT') == 1


@pytest.mark.parametrize(("holder", "said"), [(HELD, "run other took over"), ([], "another run took over")])
def test_a_run_whose_lease_was_taken_asks_no_further_chunk(
    ledger_session: LedgerSession, holder: list[Any], said: str
) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_ASK": 4, "N_WAITING": 4}, left=3)
    session.answer(ASKS, asking(clock, 3000))
    session.answer(RENEWS, NONE)
    session.answer(HOLDER, holder)
    run = label(session, clock, chunk_rows=1)
    assert (run.state, run.n_texts_asked, run.n_left) == (RunState.INCOMPLETE, 1, 3)
    assert run.reason == f"{said}, since this one gave no sign of life for 3600 s"


def test_known_answers_are_not_written_without_the_lease(ledger_session: LedgerSession) -> None:
    clock = FakeClock()
    session = ledger_session(work={"N_TO_COPY": 3}, left=8)
    session.answer("^CREATE OR REPLACE TEMPORARY", asking(clock, 4000))
    session.answer(RENEWS, NONE)
    session.answer(HOLDER, HELD)
    run = label(session, clock)
    assert (run.state, run.n_texts_asked, run.n_left) == (RunState.INCOMPLETE, 0, 8)
    assert not any(text.startswith("INSERT") and "'copy', 'blank'" in text for text in session.texts())


def test_a_run_row_that_cannot_be_written_gives_the_lease_back(ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer("^INSERT .*_RUNS", snowflake_error("Object 'L_RUNS' does not exist", 2003))
    with pytest.raises(ObjectNotFoundError):
        label(session)
    assert "SET HOLDER = NULL" in session.texts()[-1]
