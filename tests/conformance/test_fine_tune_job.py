"""Fine-tune jobs on the embedded engine: trained, found again, started once from two threads, refused."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from cortex_tickets import samples
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.jobs_table import JobsTable
from cortex_tickets.clock import SystemClock
from cortex_tickets.errors import (
    FineTuneCancelledError,
    FineTuneError,
    FineTuneFailedError,
    FineTuneTimeoutError,
    InvalidInputError,
    InvalidTrainingSetError,
)
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.training_queries import TrainingQueries
from cortex_tickets.ticket_classifier import TicketClassifier
from cortex_tickets.ticket_loading import load_tickets
from cortex_tickets.training_set import TrainingSet
from cortex_tickets.training_set_builder import TrainingSetBuilder

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]


class Impatient(SystemClock):
    """Real time, but whoever sleeps is woken soon: the engine trains in less than a second."""

    def sleep(self, seconds: float) -> None:
        time.sleep(min(seconds, 0.02))


CLOCK = Impatient()


@pytest.fixture
def queries(session: Any) -> TrainingQueries:
    session.sql("CREATE TABLE PAIRS (SPLIT VARCHAR, PROMPT VARCHAR, COMPLETION VARCHAR)").collect()
    rows = [
        (split, f"It's ticket {number}: {text}", label)
        for split, n_rows in (("training", 12), ("validation", 4))
        for number in range(n_rows)
        for text, label in (("I was charged for roaming", "Roaming fees"), ('My phone is "lost"', "Lost phone"))
    ]
    marks = ", ".join("(?, ?, ?)" for _ in rows)
    values = [value for row in rows for value in row]
    session.sql(f"INSERT INTO PAIRS VALUES {marks}", params=values).collect()
    table = f"{session.get_current_database()}.{session.get_current_schema()}.PAIRS"
    return TrainingQueries(
        training_query=f"SELECT PROMPT, COMPLETION FROM {table} WHERE SPLIT = 'training'",
        validation_query=f"SELECT PROMPT, COMPLETION FROM {table} WHERE SPLIT = 'validation'",
    )


def start(session: Any, training_set: TrainingSet | TrainingQueries, **changes: Any) -> FineTuneJob:
    arguments = {"name": "TICKETS_LLAMA", "base_model": "llama3.1-8b", "training_set": training_set, "clock": CLOCK}
    return FineTuneJob.start(session, **{**arguments, **changes})


def table_of(session: Any) -> str:
    return f"{session.get_current_database()}.{session.get_current_schema()}.CORTEX_TICKETS_JOBS".replace('"', "")


def test_from_tickets_to_a_student_and_back_in_another_process(session: Any) -> None:
    load_tickets(session, samples.support_tickets(), table="SUPPORT_TICKETS")
    teacher = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    run = teacher.classify_table("SUPPORT_TICKETS", into="TICKET_LABELS")
    training_set = TrainingSetBuilder(session, seed=7).build("SUPPORT_TICKETS", into="TICKETS_FT", labels=run)

    estimate = FineTuneJob.estimate(session, base_model="llama3.1-8b", training_set=training_set)
    assert estimate.n_training == training_set.n_training
    assert estimate.platform_credits is None

    seen: list[FineTuneStatus] = []
    job = start(session, training_set)
    assert job.reused is False
    model = job.wait(timeout=60, progress=seen.append)
    assert seen[-1].state is FineTuneState.SUCCESS
    assert model.name == job.name
    assert model.prompt == training_set.prompt
    assert model.training_set_id == training_set.id
    assert model.training_loss is not None
    assert model.trained_tokens == estimate.trained_tokens
    assert abs((model.finished_at or datetime.min.replace(tzinfo=UTC)) - datetime.now(UTC)) < timedelta(minutes=5)

    again = start(session, training_set, name="ANOTHER_NAME")
    assert (again.id, again.reused, again.name) == (job.id, True, model.name)
    attached = FineTuneJob.attach(session, job.id, clock=CLOCK)
    assert (attached.id, attached.name) == (job.id, job.name)
    assert attached.wait(timeout=60) == model
    assert FineTunedModel.load(session, model.name) == model
    assert FineTunedModel.load(session, "TICKETS_LLAMA").prompt == training_set.prompt

    student = TicketClassifier.from_model(session, model)
    assert student.classify("I was charged $90 for roaming in Japan.").label == "Roaming fees"


def test_a_job_of_own_queries_trains_and_has_no_prompt(session: Any, queries: TrainingQueries) -> None:
    model = start(session, queries, max_epochs=2).wait(timeout=60)
    assert (model.prompt, model.training_set_id) == (None, None)
    job = FineTuneJob.attach(session, model.job_id)
    assert job.status.max_epochs == 2
    assert job.status.validation_query == queries.validation_query
    assert job.id in {listed.job_id for listed in FineTuneJob.list(session)}


def test_a_job_whose_id_was_not_stored_is_found(session: Any, queries: TrainingQueries) -> None:
    job = start(session, queries)
    # As a client leaves it that dies between CREATE and writing the id down, once its lease has run out.
    session.sql(
        f"UPDATE {table_of(session)} SET JOB_ID = NULL, HOLDER = 'the dead one', "
        "LEASE_UNTIL = DATEADD(second, -1, CURRENT_TIMESTAMP())"
    ).collect()
    again = start(session, queries)
    assert (again.id, again.reused) == (job.id, True)
    assert session.sql(f"SELECT JOB_ID FROM {table_of(session)}").collect()[0][0] == job.id


def test_a_job_of_a_starter_that_died_is_found_while_its_lease_lives(session: Any, queries: TrainingQueries) -> None:
    job = start(session, queries)
    session.sql(
        f"UPDATE {table_of(session)} SET JOB_ID = NULL, HOLDER = 'the dead one', "
        "LEASE_UNTIL = DATEADD(second, 60, CURRENT_TIMESTAMP())"
    ).collect()
    again = start(session, queries, timeout=30)
    assert (again.id, again.reused) == (job.id, True)


def request_of(session: Any, queries: TrainingQueries) -> FineTuneRequest:
    database, schema, _ = table_of(session).split(".")
    return FineTuneRequest(
        model=TableName((database, schema, "M")),
        base_model="llama3.1-8b",
        training_query=queries.training_query,
        validation_query=queries.validation_query,
        max_epochs=None,
    )


def test_a_starter_waits_for_a_living_lease_and_not_for_ever(session: Any, queries: TrainingQueries) -> None:
    n_jobs = len(FineTuneJob.list(session))
    request = request_of(session, queries)
    table = JobsTable(CortexClient(session), request.model)
    table.note_intent(request)
    assert table.take_lease(request, "another", instead_of=None)
    with pytest.raises(FineTuneTimeoutError):
        start(session, queries, timeout=0.2)
    assert len(FineTuneJob.list(session)) == n_jobs


def test_two_threads_start_one_job(engine: Any, session: Any, queries: TrainingQueries) -> None:
    n_jobs = len(FineTuneJob.list(session))
    sessions = [engine.session() for _ in range(4)]
    barrier = Barrier(len(sessions))
    name = table_of(session).replace("CORTEX_TICKETS_JOBS", "TICKETS_LLAMA")

    def start_together(own: Any) -> FineTuneJob:
        barrier.wait()
        return start(own, queries, name=name, timeout=60)

    try:
        with ThreadPoolExecutor(len(sessions)) as pool:
            jobs = list(pool.map(start_together, sessions))
    finally:
        for own in sessions:
            own.close()
    assert len({job.id for job in jobs}) == 1
    assert sorted(job.reused for job in jobs) == [False, True, True, True]
    assert len(FineTuneJob.list(session)) == n_jobs + 1


def test_the_lease_is_compare_and_swap(session: Any, queries: TrainingQueries) -> None:
    request = request_of(session, queries)
    table = JobsTable(CortexClient(session), request.model)
    table.note_intent(request)
    table.note_intent(request)
    assert len(session.sql(f"SELECT 1 FROM {table_of(session)}").collect()) == 1
    assert table.read(request.identity).is_leased is False
    assert table.take_lease(request, "one", instead_of=None) is True
    assert table.take_lease(request, "two", instead_of=None) is False
    row = table.read(request.identity)
    assert (row.is_leased, row.job_id, row.model_name) == (True, None, str(request.model))
    assert row.intent_at is not None
    assert abs(row.intent_at - datetime.now(UTC)) < timedelta(minutes=5)
    assert (table.heartbeat(request.identity, "one"), table.heartbeat(request.identity, "two")) == (True, False)
    assert (table.store_job(request.identity, "two", "ft_2"), table.store_job(request.identity, "one", "ft_1")) == (
        False,
        True,
    )
    row = table.read(request.identity)
    assert (row.is_leased, row.job_id) == (False, "ft_1")
    assert table.model_name("ft_1") == str(request.model)
    assert table.model_name("ft_9") is None
    assert table.take_lease(request, "two", instead_of=None) is False  # somebody has stored a job meanwhile
    assert table.take_lease(request, "two", instead_of="ft_1") is True
    table.release(request.identity, "two")
    # A row that somebody else inserted too late is part of the same identity.
    session.sql(f"INSERT INTO {table_of(session)} (IDENTITY) VALUES (?)", params=[request.identity]).collect()
    assert table.take_lease(request, "one", instead_of=None) is True
    assert table.take_lease(request, "two", instead_of=None) is False


def test_a_job_can_be_cancelled_and_then_started_anew(session: Any, queries: TrainingQueries) -> None:
    job = start(session, queries)
    status = job.cancel()
    assert status.is_over
    assert job.cancel() == status  # over already, and no error
    if status.state is FineTuneState.CANCELLED:
        with pytest.raises(FineTuneCancelledError):
            job.wait(timeout=60)
        assert start(session, queries).reused is False


def test_a_job_that_fails_says_why(session: Any) -> None:
    create = "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'M', 'llama3.1-8b', 'SELECT PROMPT, COMPLETION FROM NO_SUCH')"
    job_id = session.sql(create).collect()[0][0]
    with pytest.raises(FineTuneFailedError, match=job_id) as caught:
        FineTuneJob.attach(session, job_id, clock=CLOCK).wait(timeout=60)
    assert caught.value.detail


def test_an_unknown_job_is_its_own_error(session: Any) -> None:
    with pytest.raises(FineTuneError, match="does not know"):
        FineTuneJob.attach(session, "ft_no_such_job")
    with pytest.raises(InvalidInputError, match="No successful fine-tune job"):
        FineTunedModel.load(session, "NO_SUCH_MODEL")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT PROMPT, COMPLETION FROM NO_SUCH_TABLE", "cannot run"),
        ("SELECT PROMPT FROM {table}", "cannot run"),
        ("SELECT PROMPT, COMPLETION FROM {table} WHERE FALSE", "gives no rows"),
        ("SELECT PROMPT, NULL::VARCHAR AS COMPLETION FROM {table}", "NULL or blank"),
        ("SELECT REPEAT('roaming fee ', 30000) AS PROMPT, COMPLETION FROM {table}", "more than 20,000 tokens"),
        ("SELECT PROMPT, 'Lost phone' AS COMPLETION FROM {table}", "the same completion"),
    ],
)
def test_what_cannot_be_trained_on_is_found_before_create(
    session: Any, queries: TrainingQueries, query: str, words: str
) -> None:
    n_jobs = len(FineTuneJob.list(session))
    table = queries.training_query.split()[4]
    with pytest.raises(InvalidInputError, match=words) as caught:
        start(session, queries.model_copy(update={"training_query": query.format(table=table)}))
    assert isinstance(caught.value, InvalidTrainingSetError) or words == "cannot run"
    assert len(FineTuneJob.list(session)) == n_jobs


@pytest.mark.parametrize("base_model", ["mistral-7b", "llama3.3-70b", "no-such-model"])
def test_a_base_model_that_cannot_be_tuned_says_what_can(
    session: Any, queries: TrainingQueries, base_model: str
) -> None:
    with pytest.raises(InvalidInputError, match=r"llama3\.1-8b"):
        start(session, queries, base_model=base_model)
