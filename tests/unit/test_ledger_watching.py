"""Statements that are looked after while they run, and what dead runs left behind on the server."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

import pytest

from cortex_tickets import LedgerInUseError, TicketClassifier
from cortex_tickets.errors import ConnectionLostError, UnexpectedAnswerError
from cortex_tickets.ledger.interruption import termination_raised
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

ASKS = "^(INSERT|MERGE) .*AI_COMPLETE"
HISTORY = "QUERY_HISTORY_BY_SESSION"
RENEWS = r"^UPDATE \S*_LEASES\S* SET HEARTBEAT"
SEEN, RUNS_ON, UNSEEN = ({"N_SEEN": 3, "N_RUNNING": 0}, {"N_SEEN": 3, "N_RUNNING": 1}, {"N_SEEN": 0, "N_RUNNING": 0})
DEAD = {
    "RUN_ID": "dead",
    "QUERY_TAG": "its tag",
    "SESSION_ID": 7,
    "STARTED_AT": datetime(2026, 11, 23, tzinfo=UTC),
    "UNTIL": datetime(2026, 11, 23, 2, tzinfo=UTC),
    "MAY_GO_ON": True,
}
LedgerSession = Callable[..., FakeSession]


@pytest.fixture
def watched(ledger_session: LedgerSession) -> LedgerSession:
    """Return a maker of sessions that send asynchronously, and whose history others can read."""

    def make(**options: Any) -> FakeSession:
        session = ledger_session(is_asynchronous=True, **options)
        session.answer("^SELECT CURRENT_SESSION", [{"SESSION_ID": "41"}])
        session.answer(HISTORY, [SEEN])
        session.answer(ASKS, [{"number of rows inserted": 1}])
        return session

    return make


def label(session: Any, clock: FakeClock | None = None, **options: Any) -> TableRun:
    classifier = TicketClassifier(session, labels=["A", "B"], model="claude-sonnet-4-6", clock=clock or FakeClock())
    return classifier.classify_table("T", into="DB.S.L", **options)


def sent(session: FakeSession, start: str) -> list[SentStatement]:
    return [statement for statement in session.sent if statement.text.startswith(start)]


class TestWhileItRuns:
    def test_the_statement_is_noted_before_it_is_over(self, watched: LedgerSession) -> None:
        session = watched()
        assert label(session).is_complete
        texts = session.texts()
        noted = next(n for n, text in enumerate(texts) if "SET QUERY_ID = ?" in text)
        assert noted < next(n for n, text in enumerate(texts) if "AI_COMPLETE" in text)
        assert session.sent[noted].values[0].startswith("query-")

    def test_the_run_is_written_down_with_its_session_and_tag(self, watched: LedgerSession) -> None:
        session = watched()
        run = label(session)
        (begun,) = sent(session, 'INSERT INTO "DB"."S"."L_RUNS"')
        assert 41 in begun.values
        assert run.query_tag in begun.values

    def test_the_lease_is_short_and_kept_while_the_statement_runs(self, watched: LedgerSession) -> None:
        clock = FakeClock()
        session = watched()
        session.n_looks = 200
        assert label(session, clock).is_complete
        (take,) = [text for text in session.texts() if "SET HOLDER = ?" in text]
        assert "DATEADD(second, 120, CURRENT_TIMESTAMP())" in take
        passed = sum(clock.slept)
        assert passed > 120
        assert len(sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT')) >= passed // 45

    def test_looking_costs_a_share_of_what_the_statement_takes(self, watched: LedgerSession) -> None:
        clock = FakeClock()
        session = watched()
        session.n_looks = 60
        label(session, clock)
        assert clock.slept[0] < 0.01
        assert max(clock.slept) <= 2.0

    def test_a_run_that_lost_its_lease_cancels_its_statement_and_stops(self, watched: LedgerSession) -> None:
        session = watched(left=5)

        def slow_from_now_on(_: RunProgress) -> None:
            session.n_looks = 500

        session.answer(RENEWS, [{"number of rows updated": 0}])
        session.answer("^SELECT HOLDER", [])
        run = label(session, progress=slow_from_now_on)
        assert (run.state, run.n_texts_asked) == (RunState.INCOMPLETE, 0)
        assert "took over" in (run.reason or "")
        assert len(session.cancelled) == 1
        assert not any("AI_COMPLETE" in text and text.startswith("INSERT") for text in session.texts())

    def test_a_lease_that_is_lost_before_there_is_a_work_list_is_told_with_its_holder(
        self, watched: LedgerSession
    ) -> None:
        session = watched()
        session.n_looks = 500
        session.answer(RENEWS, [{"number of rows updated": 0}])
        session.answer("^SELECT HOLDER", [{"HOLDER": "other", "SINCE": DEAD["UNTIL"], "EXPIRES_AT": DEAD["UNTIL"]}])
        with pytest.raises(LedgerInUseError) as raised:
            label(session)
        assert raised.value.holder == "other"

    def test_signs_of_life_are_given_while_the_work_list_is_made(self, watched: LedgerSession) -> None:
        session = watched()
        session.n_looks = 200
        seen: list[int] = []

        def look(progress: RunProgress) -> None:
            if not progress.n_done:
                seen.append(len(sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT')))
                session.n_looks = 2

        label(session, progress=look)
        assert seen[0] > 0

    def test_a_statement_that_the_fence_held_back_wrote_nothing(self, watched: LedgerSession) -> None:
        session = watched(left=5)
        session.answer(ASKS, [{"number of rows inserted": 0}])
        session.answer(RENEWS, [{"number of rows updated": 0}])
        session.answer("^SELECT HOLDER", [])
        assert label(session).state is RunState.INCOMPLETE

    def test_a_statement_that_wrote_nothing_although_the_lease_is_held_is_unexpected(
        self, watched: LedgerSession
    ) -> None:
        session = watched()
        session.answer(ASKS, [{"number of rows inserted": 0, "number of rows updated": 0}])
        with pytest.raises(UnexpectedAnswerError, match="wrote no row for the texts 0 to 4"):
            label(session)

    def test_every_statement_that_writes_carries_the_fence(self, watched: LedgerSession) -> None:
        session = watched(work={"N_TO_COPY": 2})
        run = label(session)
        writes = [s for s in session.sent if s.text.startswith('INSERT INTO "DB"."S"."L" ')]
        assert len(writes) == 2
        assert all('EXISTS (SELECT 1 FROM "DB"."S"."L_LEASES"' in write.text for write in writes)
        assert all(run.run_id in write.values for write in writes)


class TestInterrupting:
    def test_control_c_cancels_on_the_server_and_says_how_to_resume(self, watched: LedgerSession) -> None:
        class Impatient(FakeClock):
            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                if len(self.slept) == 3:
                    raise KeyboardInterrupt

        session = watched()
        session.n_looks = 1_000
        with pytest.raises(KeyboardInterrupt) as raised:
            label(session, Impatient())
        assert len(session.cancelled) == 1
        (note,) = raised.value.__notes__
        assert "DB.S.L" in note
        assert "asks exactly what is missing" in note
        closed = [s for s in session.sent if "_RUNS" in s.text and "SET STATE = ?" in s.text]
        assert closed[0].values[:2] == ("INTERRUPTED", "KeyboardInterrupt")
        assert "SET HOLDER = NULL" in session.texts()[-1]

    def test_a_statement_that_is_over_is_not_cancelled(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer(ASKS, KeyboardInterrupt_())
        with pytest.raises(KeyboardInterrupt):
            label(session)
        assert session.cancelled == []

    def test_sigterm_is_a_system_exit_while_a_run_is_under_way_and_only_then(self, watched: LedgerSession) -> None:
        def stop(progress: RunProgress) -> None:
            if progress.n_done:
                os.kill(os.getpid(), signal.SIGTERM)

        with pytest.raises(SystemExit) as raised:
            label(watched(), progress=stop)
        assert raised.value.code == 143
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL

    def test_a_handler_of_the_callers_stays(self) -> None:
        told: list[int] = []
        before = signal.signal(signal.SIGTERM, lambda number, _: told.append(number))
        try:
            with termination_raised():
                os.kill(os.getpid(), signal.SIGTERM)
        finally:
            signal.signal(signal.SIGTERM, before)
        assert told == [signal.SIGTERM]


class KeyboardInterrupt_:  # noqa: N801  an answer that raises what no Exception is
    def __call__(self, _: SentStatement) -> NoReturn:
        raise KeyboardInterrupt


class TestOrphans:
    def test_what_a_dead_run_left_behind_is_waited_for_before_the_work_list_is_made(
        self, watched: LedgerSession
    ) -> None:
        clock = FakeClock()
        session = watched()
        session.answer("AS MAY_GO_ON", [DEAD])
        session.answer(HISTORY, [SEEN], [RUNS_ON], [RUNS_ON], [SEEN])
        assert label(session, clock).is_complete
        looks = [n for n, text in enumerate(session.texts()) if HISTORY in text]
        assert len(looks) == 4
        assert "SESSION_ID => 7," in session.texts()[looks[1]]
        assert session.sent[looks[1]].values == ("its tag",)
        given_up = next(n for n, text in enumerate(session.texts()) if "GIVEN_UP" in text)
        work = next(n for n, text in enumerate(session.texts()) if "TEMPORARY TABLE" in text)
        assert looks[-1] < given_up < work
        assert clock.slept[0] < clock.slept[1]

    def test_the_lease_is_kept_meanwhile(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("AS MAY_GO_ON", [DEAD])
        session.answer(HISTORY, [SEEN], *[[RUNS_ON]] * 40, [SEEN])
        assert label(session).is_complete
        assert sent(session, 'UPDATE "DB"."S"."L_LEASES" SET HEARTBEAT_AT')

    @pytest.mark.parametrize("history", [[UNSEEN], snowflake_error("Insufficient privileges", 3001)])
    def test_what_nobody_can_see_may_still_run(self, watched: LedgerSession, history: Any) -> None:
        session = watched()
        session.answer("AS MAY_GO_ON", [DEAD])
        session.answer(HISTORY, [SEEN], history)
        with pytest.raises(LedgerInUseError) as raised:
            label(session)
        assert (raised.value.holder, raised.value.until) == ("dead", DEAD["UNTIL"])
        assert not any("TEMPORARY TABLE" in text for text in session.texts())
        assert "SET HOLDER = NULL" in session.texts()[-1]

    def test_after_its_time_it_runs_no_more(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("AS MAY_GO_ON", [{**DEAD, "MAY_GO_ON": False}])
        session.answer(HISTORY, [SEEN], [UNSEEN])
        assert label(session).is_complete

    def test_a_run_whose_statements_ended_within_its_lease_left_nothing(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("AS MAY_GO_ON", [{**DEAD, "SESSION_ID": None}])
        assert label(session).is_complete
        assert len([text for text in session.texts() if HISTORY in text]) == 1

    def test_waiting_for_an_orphan_ends_with_the_runs_time(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer("AS MAY_GO_ON", [DEAD])
        session.answer(HISTORY, [SEEN], [RUNS_ON])
        clock = FakeClock()
        with pytest.raises(TimeoutError):
            label(session, clock, timeout=30)
        assert clock.monotonic() == pytest.approx(30, abs=1)


class TestSessionsThatCannot:
    def test_an_account_that_shows_no_history_has_the_long_lease(self, watched: LedgerSession) -> None:
        session = watched()
        session.answer(HISTORY, [UNSEEN])
        assert label(session).is_complete
        (take,) = [text for text in session.texts() if "SET HOLDER = ?" in text]
        assert "DATEADD(second, 3600, CURRENT_TIMESTAMP())" in take
        assert not any("SET QUERY_ID" in text for text in session.texts())

    def test_snowpark_in_a_stored_procedure_without_asynchronous_statements(self, watched: LedgerSession) -> None:
        def refuse(_: SentStatement) -> NoReturn:
            raise NotImplementedError("Async query is not supported in stored procedure yet")

        session = watched()
        session.answer("^SELECT CURRENT_SESSION", refuse)
        assert label(session).is_complete

    def test_a_connection_that_is_gone_is_told(self, watched: LedgerSession) -> None:
        def broken(_: SentStatement) -> NoReturn:
            raise ZeroDivisionError

        session = watched()
        session.answer("^SELECT CURRENT_SESSION", broken)
        with pytest.raises(ZeroDivisionError):
            label(session)
        session = watched()
        session.answer(ASKS, snowflake_error("Session no longer exists. New login required", 390111))
        with pytest.raises(ConnectionLostError):
            label(session)


def test_dead_runs_are_those_of_the_classifier_that_never_ended(watched: LedgerSession) -> None:
    session = watched()
    label(session)
    (query,) = [statement for statement in session.sent if "AS MAY_GO_ON" in statement.text]
    assert "STATE = 'RUNNING'" in query.text
    assert "DATEADD(second, 7200, ALIVE_AT)" in query.text


def test_times_of_dead_runs_are_told_in_utc(watched: LedgerSession) -> None:
    session = watched()
    local = (DEAD["UNTIL"]).astimezone(None) + timedelta(hours=0)  # type: ignore[attr-defined] # a mixed dictionary
    session.answer("AS MAY_GO_ON", [{**DEAD, "UNTIL": local}])
    session.answer(HISTORY, [SEEN], [UNSEEN])
    with pytest.raises(LedgerInUseError) as raised:
        label(session)
    assert raised.value.until is not None
    assert raised.value.until.tzinfo is UTC


def test_a_chunk_is_looked_at_little_until_it_is_due(watched: LedgerSession) -> None:
    """The second chunk has as many texts as the first one, and so will take as long."""
    clock = FakeClock()
    session = watched(chunks=((5, 500), (5, 500)), work={"N_TO_ASK": 10, "N_WAITING": 10})
    seconds = 30.0
    looks: list[int] = []

    def slow(lazy: Any) -> Any:
        class Slow:
            def collect_nowait(self, **options: Any) -> Any:
                job = lazy.collect_nowait(**options)
                due = clock.monotonic() + seconds
                looks.append(0)

                def is_done() -> bool:
                    looks[-1] += 1
                    return clock.monotonic() >= due

                job.is_done = is_done
                return job

        return Slow()

    class Session:
        def sql(self, query: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
            lazy = session.sql(query, params, *args, **kwargs)
            return slow(lazy) if "AI_COMPLETE" in query and query.startswith("INSERT") else lazy

    assert label(Session(), clock=clock, chunk_rows=5).is_complete
    first, second = looks
    assert second < first / 2
    assert clock.monotonic() < 2 * seconds * 1.1
