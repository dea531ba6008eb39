"""Two runs into one ledger: never two rows for a ticket, never a text asked twice, and nobody waits for the dead."""

import threading
from typing import Any

import pytest

from cortex_tickets import LedgerInUseError, TicketClassifier, load_tickets, samples
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
COUNTS = "SELECT COUNT(*), COUNT(DISTINCT TICKET_ID || TEXT_HASH), COUNT(INPUT_TOKENS) FROM L"


@pytest.fixture
def tickets(session: Any) -> Any:
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    return session


def teacher(session: Any, model: str = "claude-sonnet-4-6", clock: Clock = SYSTEM_CLOCK) -> TicketClassifier:
    return TicketClassifier(session, labels=LABELS, model=model, clock=clock)


def values(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query).collect()]


def label(classifier: TicketClassifier, **options: Any) -> TableRun:
    return classifier.classify_table("SUPPORT_TICKETS", into="L", chunk_rows=50, **options)


def test_threads_with_one_classifier_ask_each_text_once(tickets: Any) -> None:
    classifier = teacher(tickets)
    start = threading.Barrier(4)
    runs: list[TableRun] = []
    refused: list[LedgerInUseError] = []

    def work() -> None:
        start.wait()
        try:
            runs.append(label(classifier))
        except LedgerInUseError as error:
            refused.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(runs) + len(refused) == 4
    assert all(run.is_complete for run in runs)
    assert sum(run.n_texts_asked for run in runs) == 130
    assert values(tickets, COUNTS) == [(151, 151, 130)]


def test_the_second_run_says_who_holds_the_ledger_and_writes_nothing(tickets: Any) -> None:
    refused: list[LedgerInUseError] = []

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 50:
            before = values(tickets, COUNTS)
            with pytest.raises(LedgerInUseError) as raised:
                label(teacher(tickets))
            refused.append(raised.value)
            assert values(tickets, COUNTS) == before

    run = label(teacher(tickets), progress=meanwhile)
    (error,) = refused
    assert (run.state, error.holder) == (RunState.COMPLETE, run.run_id)
    assert error.into == run.into
    assert error.since is not None
    assert error.until is not None
    assert 0 < (error.until - error.since).total_seconds() < 3700
    assert run.run_id in str(error)
    assert f"{error.until:%Y-%m-%d %H:%M:%S} UTC" in str(error)
    assert values(tickets, "SELECT STATE FROM L_RUNS") == [("COMPLETE",)]
    assert values(tickets, "SELECT HOLDER, EXPIRES_AT FROM L_LEASES") == [(None, None)]


def test_two_classifiers_work_into_one_ledger_at_once(tickets: Any) -> None:
    small = teacher(tickets, "llama3.1-8b")
    others: list[TableRun] = []

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 50:
            others.append(label(small))

    run = label(teacher(tickets), progress=meanwhile)
    assert run.is_complete
    assert others[0].is_complete
    assert values(tickets, COUNTS) == [(302, 151, 260)]


def test_a_run_that_was_taken_for_dead_stops_before_it_asks(tickets: Any) -> None:
    others: list[TableRun] = []
    clock = FakeClock()

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 50:
            clock.sleep(3600)
            tickets.sql("UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()
            others.append(label(teacher(tickets)))

    run = label(teacher(tickets, clock=clock), progress=meanwhile)
    (other,) = others
    assert (run.state, run.n_texts_asked) == (RunState.INCOMPLETE, 50)
    assert "took over" in str(run.reason)
    assert (other.state, other.n_texts_asked) == (RunState.COMPLETE, 80)
    assert values(tickets, COUNTS) == [(151, 151, 130)]
    resumed = run.resume()
    assert (resumed.state, resumed.n_texts_asked) == (RunState.COMPLETE, 0)


def test_a_run_that_does_not_know_that_it_was_taken_over_is_held_back_by_the_fence(tickets: Any) -> None:
    others: list[TableRun] = []

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 50:
            tickets.sql("UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()
            others.append(label(teacher(tickets)))

    # It gave a sign of life a moment ago, so it sends its next statement; the server lets that do nothing.
    run = label(teacher(tickets), progress=meanwhile)
    assert (run.state, run.n_texts_asked, others[0].n_texts_asked) == (RunState.INCOMPLETE, 50, 80)
    assert values(tickets, COUNTS) == [(151, 151, 130)]


def test_a_lease_that_is_over_and_that_nobody_took_is_renewed(tickets: Any) -> None:
    clock = FakeClock()

    def meanwhile(progress: RunProgress) -> None:
        if progress.n_done == 50:
            clock.sleep(3600)
            tickets.sql("UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())").collect()

    assert label(teacher(tickets, clock=clock), progress=meanwhile).is_complete


def test_the_lease_of_a_run_that_died_is_taken_over_and_its_row_says_so(tickets: Any) -> None:
    first = label(teacher(tickets))
    tickets.sql("UPDATE L_RUNS SET STATE = 'RUNNING', FINISHED_AT = NULL").collect()
    tickets.sql(
        f"UPDATE L_LEASES SET HOLDER = '{first.run_id}', EXPIRES_AT = DATEADD(second, 60, CURRENT_TIMESTAMP())"
    ).collect()
    with pytest.raises(LedgerInUseError, match=first.run_id):
        label(teacher(tickets))
    tickets.sql("UPDATE L_LEASES SET EXPIRES_AT = DATEADD(second, -60, CURRENT_TIMESTAMP())").collect()
    second = label(teacher(tickets))
    assert values(tickets, "SELECT RUN_ID, STATE, REASON FROM L_RUNS ORDER BY STARTED_AT") == [
        (first.run_id, "GIVEN_UP", f"it gave no sign of life, and run {second.run_id} took over"),
        (second.run_id, "COMPLETE", None),
    ]


def test_a_lease_that_stands_there_twice_does_no_harm(tickets: Any) -> None:
    label(teacher(tickets))
    tickets.sql("INSERT INTO L_LEASES SELECT * FROM L_LEASES").collect()
    refused: list[bool] = []

    def meanwhile(progress: RunProgress) -> None:
        if not progress.n_done:
            return
        with pytest.raises(LedgerInUseError):
            label(teacher(tickets))
        refused.append(True)

    tickets.sql("DELETE FROM L").collect()
    assert label(teacher(tickets), progress=meanwhile).is_complete
    assert len(refused) == 3
    tickets.sql("UPDATE L_LEASES SET HOLDER = NULL, EXPIRES_AT = NULL").collect()
    assert label(teacher(tickets)).is_complete


def test_a_run_that_fails_gives_its_lease_back(tickets: Any) -> None:
    def broken(progress: RunProgress) -> None:
        if progress.n_done:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        label(teacher(tickets), progress=broken)
    assert label(teacher(tickets)).n_texts_asked == 80
