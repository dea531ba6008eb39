"""The library itself on a bad day: what it retries, what it finds again, and what it tells."""

from collections.abc import Iterator
from typing import Any

import pytest

from cortex_tickets import (
    Budget,
    ConnectionLostError,
    CortexError,
    FineTuneFailedError,
    FineTuneJob,
    FineTuneTimeoutError,
    InvalidInputError,
    ModelNotFoundError,
    Outcome,
    TicketClassifier,
    TransientCortexError,
    load_tickets,
    local,
    samples,
)
from cortex_tickets.local import Engine, Fault, Faults, RetiredModel
from cortex_tickets.records.training_queries import TrainingQueries
from cortex_tickets.testing import FakeClock

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
TEXTS = [f"I lost my phone on day {number}." for number in range(40)]


def at_once() -> Iterator[int]:
    """The connector's pauses before it sends a request again."""
    while True:
        yield 0


class StandingClock(FakeClock):
    """Stands even while somebody sleeps: nothing is sent because time went by, as signs of life are."""

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def counted(session: Any) -> dict[str, int]:
    rows = session.sql("SELECT FAULT, COUNT(*) AS N FROM SNOWFLAKE.ENGINE.FAULTS GROUP BY FAULT").collect()
    return {row["FAULT"]: row["N"] for row in rows}


def classifier(session: Any, clock: FakeClock | None = None, model: str = "claude-sonnet-4-6") -> TicketClassifier:
    return TicketClassifier(session, labels=LABELS, model=model, clock=clock or FakeClock())


def queries(session: Any) -> TrainingQueries:
    session.sql(
        "CREATE TABLE PAIRS AS SELECT IFF(SEQ4() < 30, 'training', 'validation') AS SPLIT, "
        "IFF(MOD(SEQ4(), 2) = 0, 'roaming fees abroad ', 'my phone is lost ') || SEQ4() AS PROMPT, "
        "IFF(MOD(SEQ4(), 2) = 0, 'Roaming fees', 'Lost phone') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 40))"
    ).collect()
    select = "SELECT PROMPT, COMPLETION FROM CORTEX_TICKETS.PUBLIC.PAIRS WHERE SPLIT ="
    return TrainingQueries(training_query=f"{select} 'training'", validation_query=f"{select} 'validation'")


def started(session: Any, clock: FakeClock) -> FineTuneJob:
    return FineTuneJob.start(
        session, name="CORTEX_TICKETS.PUBLIC.MINE", base_model="llama3.1-8b", training_set=queries(session), clock=clock
    )


@pytest.mark.parametrize("kind", ["too_many_requests", "throttled", "server_errors", "timeouts"])
def test_many_tickets_are_labelled_through_a_throttle(kind: str) -> None:
    faults: dict[str, Any] = {kind: Fault(nth=(1, 2))}
    clock = FakeClock()
    with local.connect(faults=Faults(**faults)) as session:
        predictions = classifier(session, clock).classify_many(TEXTS)
        assert {prediction.label for prediction in predictions} == {"Lost phone"}
        assert counted(session) == {kind: 2}
        # Each text was asked once all the same.
        asked = "SELECT COUNT(*) AS N, COUNT(DISTINCT TEXT) AS D FROM SNOWFLAKE.ENGINE.ASKED WHERE MODEL <> ''"
        assert session.sql(asked).collect()[0].as_dict() == {"N": 40, "D": 40}
    assert len(clock.slept) == 2


def test_a_throttle_without_an_end_is_an_error_after_a_bounded_number_of_attempts() -> None:
    clock = FakeClock()
    with local.connect(faults=Faults(throttled=1.0)) as session:
        with pytest.raises(TransientCortexError, match="throttled"):
            classifier(session, clock).classify(TEXTS[0])
        assert counted(session) == {"throttled": 5}
    assert len(clock.slept) == 4


def test_rows_that_are_struck_have_an_outcome_of_their_own_and_the_others_their_label() -> None:
    faults = Faults(seed=7, null_rows=0.2, truncated_json=0.2, off_label=0.2)
    with local.connect(faults=faults) as session:
        predictions = classifier(session).classify_many(TEXTS)
        n = counted(session)
    outcomes = [prediction.outcome for prediction in predictions]
    assert n["null_rows"] == outcomes.count(Outcome.ERROR) > 0
    assert n["truncated_json"] + n["off_label"] == outcomes.count(Outcome.OFF_LABEL) > 1
    assert outcomes.count(Outcome.VALID) == len(TEXTS) - sum(n.values())
    assert all(prediction.error for prediction in predictions if prediction.outcome is Outcome.ERROR)
    assert all(prediction.label is None for prediction in predictions if prediction.outcome is not Outcome.VALID)


def test_a_table_is_labelled_the_same_way_twice_on_the_same_bad_day() -> None:
    def run(seed: int) -> tuple[Any, Any]:
        dropped = Fault(0.1, nth=5)
        faults = Faults(
            seed=seed, throttled=Fault(0.3, nth=2), null_rows=0.1, off_label=0.1, dropped_connections=dropped
        )
        with Engine(faults=faults) as engine, engine.session(backoff_policy=at_once) as session:
            load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
            done = classifier(session, StandingClock()).classify_table(
                "SUPPORT_TICKETS", into="LABELS", budget=Budget(ai_credits=2), chunk_rows=20
            )
            assert str(done.state) == "COMPLETE"
            ledger = session.sql("SELECT TICKET_ID, LABEL, OUTCOME FROM LABELS ORDER BY 1, 2, 3").collect()
            return counted(session), ledger

    first = run(7)
    assert set(first[0]) == {"throttled", "null_rows", "off_label", "dropped_connections"}
    assert run(7) == first
    assert run(8) != first


def test_a_lost_answer_is_a_connection_that_was_lost() -> None:
    with local.connect(faults=Faults(lost_answers=Fault(nth=1, only_cortex=True))) as session:
        with pytest.raises(ConnectionLostError, match="ChunkedEncodingError"):
            classifier(session).classify(TEXTS[0])
        assert classifier(session).classify(TEXTS[0]).label == "Lost phone"


def test_a_model_that_is_retired_is_named() -> None:
    with local.connect(faults=Faults(retired=RetiredModel("claude-sonnet-4-6", 2, "LEGACY"))) as session:
        assert classifier(session).classify(TEXTS[0]).label == "Lost phone"
        with pytest.raises(InvalidInputError, match="'claude-sonnet-4-6' is not one that this account lists") as raised:
            classifier(session).classify(TEXTS[0])
        cause = raised.value.__cause__
        assert isinstance(cause, ModelNotFoundError)
        assert cause.model == "claude-sonnet-4-6"


def test_a_row_that_fails_the_statement_is_told() -> None:
    with local.connect(faults=Faults(failing_rows=Fault(1.0, matching="day 13"))) as session:
        with pytest.raises(CortexError, match="max tokens of 128000 exceeded"):
            classifier(session).classify_many(TEXTS)
        assert len(classifier(session).classify_many(TEXTS[:13])) == 13


def test_a_job_whose_create_was_never_answered_is_found_and_not_paid_for_twice() -> None:
    clock = FakeClock()
    with local.connect(faults=Faults(lost_creates=1.0)) as session:
        job = started(session, clock)
        assert [found.job_id for found in FineTuneJob.list(session)] == [job.id]
        model = job.wait(timeout=None)
        assert model.name == "CORTEX_TICKETS.PUBLIC.MINE"
        assert counted(session) == {"lost_creates": 1}


def test_a_status_that_nobody_knows_is_waited_through() -> None:
    seen: list[str] = []
    with local.connect(faults=Faults(unknown_statuses=1.0)) as session:
        started(session, FakeClock()).wait(timeout=None, progress=lambda status: seen.append(status.status))
    assert "FINALIZING" in seen
    assert seen[-1] == "SUCCESS"


def test_a_job_that_hangs_ends_the_wait_and_not_the_job() -> None:
    clock = FakeClock()
    with local.connect(faults=Faults(hung_jobs=1.0)) as session:
        job = started(session, clock)
        with pytest.raises(FineTuneTimeoutError, match="The job goes on"):
            job.wait(timeout=3600)
        assert sum(clock.slept) >= 3600
        assert job.refresh().status in {"PENDING", "IN_PROGRESS"}
        job.cancel()


def test_a_job_that_fails_is_told_with_its_id_and_the_next_start_is_a_new_job() -> None:
    clock = FakeClock()
    with local.connect(faults=Faults(failed_jobs=Fault(nth=1))) as session:
        job = started(session, clock)
        with pytest.raises(FineTuneFailedError, match="internal error") as raised:
            job.wait(timeout=None)
        assert raised.value.job_id == job.id
        session.sql("DROP TABLE PAIRS").collect()
        again = started(session, clock)
        assert (again.reused, again.id == job.id) == (False, False)
        again.wait(timeout=None)


def test_looking_at_a_job_survives_throttles() -> None:
    clock = FakeClock()
    with local.connect(faults=Faults(too_many_requests=Fault(nth=1, matching="'DESCRIBE'"))) as session:
        started(session, clock).wait(timeout=None)
        assert counted(session)["too_many_requests"] == 1
