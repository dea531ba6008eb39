"""Jobs and models that are found again: attach, list, cancel, load."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cortex_tickets._cortex.fine_tune_payload import read_status
from cortex_tickets.errors import (
    AccessDeniedError,
    ConnectionLostError,
    CortexError,
    FineTuneError,
    InvalidInputError,
    ObjectNotFoundError,
    StatementTimeoutError,
)
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error
from cortex_tickets.training_set import TrainingSet, TrainingSetReport

TRAINING_SET = TrainingSet(
    id="ab" * 32,
    table='DB.S."Tickets ""FT"""',
    prompt=ClassificationPrompt.short(["Roaming fees", "Lost phone"]),
    seed=7,
    teacher_hash=None,
    teacher_model=None,
    labels_table=None,
    gold_table=None,
    n_training=80,
    n_validation=10,
    n_test=10,
    report=TrainingSetReport(
        n_tickets=100,
        n_texts=100,
        n_groups=100,
        largest_group=1,
        labels=(),
        dropped={},
        split_groups={},
        missing_labels=(),
        teacher_agreement=None,
        n_gold=0,
    ),
    created_at=datetime(2026, 11, 23, tzinfo=UTC),
)
MANIFEST = [{"MANIFEST": TRAINING_SET.model_dump_json()}]
NO_TABLE = snowflake_error("Object 'X' does not exist or not authorized.", 2003)
UNKNOWN_JOB = snowflake_error("Fine-tuning job does not exist", 100351)
DENIED = snowflake_error("Insufficient privileges", 3001)
LOST = type("OperationalError", (Exception,), {"__module__": "snowflake.connector.errors"})


def described(status: str = "SUCCESS", *, job_id: str = "ft_1", **more: object) -> list[Mapping[str, Any]]:
    payload = {
        "id": job_id,
        "status": status,
        "progress": 1.0,
        "base_model": "llama3.1-8b",
        "training_data": TRAINING_SET.training_query,
        "training_result": {"training_loss": 0.5, "validation_loss": 0.7},
        **({"model": "DB.S.TICKETS_2"} if status == "SUCCESS" else {}),
        **more,
    }
    return [{"ANSWER": json.dumps(payload)}]


@pytest.fixture
def session() -> FakeSession:
    session = FakeSession()
    session.answer("SELECT MANIFEST", MANIFEST)
    session.answer("SELECT MODEL_NAME", [{"MODEL_NAME": "DB.S.TICKETS"}])
    return session


def test_attach_gives_the_same_job_model_and_prompt(session: FakeSession) -> None:
    session.answer("DESCRIBE", described())
    job = FineTuneJob.attach(session, "ft_1", clock=FakeClock())
    assert (job.id, job.name, job.base_model, job.reused) == ("ft_1", "DB.S.TICKETS_2", "llama3.1-8b", False)
    model = job.wait()
    assert model.prompt == TRAINING_SET.prompt
    assert model.training_set_id == TRAINING_SET.id
    assert (model.training_loss, model.validation_loss) == (0.5, 0.7)
    manifest = next(statement for statement in session.sent if "MANIFEST" in statement.text)
    assert '"DB"."S"."Tickets ""FT""_MANIFEST"' in manifest.text
    assert manifest.values == (TRAINING_SET.id,)


def test_a_running_job_tells_the_name_that_was_asked_for(session: FakeSession) -> None:
    session.answer("DESCRIBE", described("RUNNING"))
    assert FineTuneJob.attach(session, "ft_1").name == "DB.S.TICKETS"
    assert '"DB"."S"."CORTEX_TICKETS_JOBS" WHERE JOB_ID = ?' in session.texts()[-1]


@pytest.mark.parametrize("answer", [[], NO_TABLE], ids=["no row", "no table"])
def test_a_running_job_of_no_jobs_table_has_no_name_yet(session: FakeSession, answer: Any) -> None:
    session.answer("DESCRIBE", described("RUNNING"))
    session.answer("SELECT MODEL_NAME", answer)
    assert FineTuneJob.attach(session, "ft_1").name is None


@pytest.mark.parametrize(
    "query",
    [None, "", "SELECT prompt, completion FROM train", "SELECT * FROM T WHERE TRAINING_SET_ID = 'not hexadecimal'"],
)
def test_a_job_made_elsewhere_has_no_prompt(session: FakeSession, query: str | None) -> None:
    session.answer("DESCRIBE", described(training_data=query))
    model = FineTuneJob.attach(session, "ft_1").wait()
    assert (model.prompt, model.training_set_id) == (None, None)
    assert len(session.sent) == 2


def test_a_training_set_that_is_gone_leaves_the_model_without_its_prompt(
    session: FakeSession, caplog: pytest.LogCaptureFixture
) -> None:
    session.answer("DESCRIBE", described())
    session.answer("SELECT MANIFEST", NO_TABLE)
    assert FineTuneJob.attach(session, "ft_1").wait().prompt is None
    assert "manifest" in caplog.text


@pytest.mark.parametrize("job_id", ["", "  "])
def test_a_blank_job_id_is_refused(session: FakeSession, job_id: str) -> None:
    with pytest.raises(InvalidInputError, match="job_id is blank"):
        FineTuneJob.attach(session, job_id)
    assert session.sent == []


@pytest.mark.parametrize("job_id", [None, 7, b"ft_1"])
def test_all_that_is_wrong_with_attach_is_told_at_once(session: FakeSession, job_id: Any) -> None:
    wrong: Any = "3"
    with pytest.raises(InvalidInputError) as caught:
        FineTuneJob.attach(session, job_id, timeout=wrong)
    first, second = caught.value.problems
    assert f"job_id={job_id!r} is a {type(job_id).__name__}, not a text" in first
    assert "give a number, not a str" in second
    assert session.sent == []


def test_the_timeout_of_attach_is_for_all_its_statements(session: FakeSession) -> None:
    clock = FakeClock()

    def slowly(_: object) -> list[Mapping[str, Any]]:
        clock.sleep(4)
        return described("RUNNING")

    session.answer("DESCRIBE", slowly)
    FineTuneJob.attach(session, "ft_1", timeout=10, clock=clock)
    limits = [statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in session.sent]
    assert limits == [10, 6, 6]


def test_an_attach_whose_time_is_over_sends_no_more(session: FakeSession) -> None:
    clock = FakeClock()

    def slowly(_: object) -> list[Mapping[str, Any]]:
        clock.sleep(10)
        return described("RUNNING")

    session.answer("DESCRIBE", slowly)
    with pytest.raises(StatementTimeoutError, match="time that was given is over"):
        FineTuneJob.attach(session, "ft_1", timeout=10, clock=clock)
    assert len(session.sent) == 1


def test_the_list_is_looked_at_within_the_time_of_attach_too(session: FakeSession) -> None:
    clock = FakeClock()

    def slowly(_: object) -> list[Mapping[str, Any]]:
        clock.sleep(4)
        raise UNKNOWN_JOB

    session.answer("DESCRIBE", slowly)
    session.answer(r"'SHOW'\)$", listing())
    with pytest.raises(FineTuneError):
        FineTuneJob.attach(session, "ft_1", timeout=10, clock=clock)
    assert [statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in session.sent] == [10, 6]


def test_a_job_that_snowflake_does_not_know_is_its_own_error(session: FakeSession) -> None:
    session.answer("DESCRIBE", UNKNOWN_JOB)
    session.answer(r"'SHOW'\)$", listing())
    with pytest.raises(FineTuneError, match="not the model's name") as caught:
        FineTuneJob.attach(session, "DB.S.TICKETS")
    assert caught.value.job_id == "DB.S.TICKETS"
    assert isinstance(caught.value.__cause__, CortexError)


@pytest.mark.parametrize(
    ("message", "is_unknown"),
    [
        ("Fine-tuning job does not exist", True),
        ("Job 'ft_1' was not found", True),
        ("Unknown fine-tuning job: ft_1", True),
        ("ft_1 could not be found", True),
        ("Fine-tuning job 'ft_1' does not exist or not authorized.", False),
        ("Table 'JOBS' does not exist", False),
        ("remote service error: 404 'Not Found'", False),
        ("internal error: the job was not found in the cache", False),
    ],
)
def test_a_job_is_unknown_only_if_the_server_says_so_in_words(
    *, session: FakeSession, message: str, is_unknown: bool
) -> None:
    session.answer("DESCRIBE", snowflake_error(message, 100351))
    session.answer(r"'SHOW'\)$", listing())
    with pytest.raises(FineTuneError if is_unknown else CortexError):
        FineTuneJob.attach(session, "ft_1", clock=FakeClock())


@pytest.mark.parametrize("code", [603, 606, 90073, 100351])
def test_an_unlisted_failure_of_attach_is_not_taken_for_an_unknown_job(session: FakeSession, code: int) -> None:
    session.answer("DESCRIBE", snowflake_error("remote service error: 400 'bad request'", code))
    with pytest.raises(CortexError, match="400") as caught:
        FineTuneJob.attach(session, "ft_1")
    assert caught.value.code == code


def test_a_job_that_is_listed_is_not_unknown(session: FakeSession) -> None:
    session.answer("DESCRIBE", UNKNOWN_JOB)
    session.answer(r"'SHOW'\)$", listing({"id": "ft_1", "status": "IN_PROGRESS"}))
    with pytest.raises(ObjectNotFoundError, match="no such fine-tune job"):
        FineTuneJob.attach(session, "ft_1")


def test_another_failure_of_attach_stays_what_it_is(session: FakeSession) -> None:
    session.answer("DESCRIBE", DENIED)
    with pytest.raises(AccessDeniedError):
        FineTuneJob.attach(session, "ft_1")


def test_a_job_id_is_quoted(session: FakeSession) -> None:
    session.answer("DESCRIBE", UNKNOWN_JOB)
    session.answer(r"'SHOW'\)$", listing())
    with pytest.raises(FineTuneError):
        FineTuneJob.attach(session, "x') OR ('")
    assert session.texts()[0] == "SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', 'x'') OR (''')"


def listing(*jobs: Mapping[str, object]) -> list[Mapping[str, Any]]:
    return [{"ANSWER": json.dumps(jobs)}]


def test_jobs_are_listed_the_newest_first(session: FakeSession) -> None:
    session.answer(
        r"'SHOW'\)$",
        listing(
            {"id": "ft_old", "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": 1_700_000_000_000},
            {"id": "ft_unknown", "status": "ERROR"},
            {"id": "ft_new", "status": "IN_PROGRESS", "base_model": "llama3.1-8b", "created_on": 1_800_000_000_000},
        ),
    )
    jobs = FineTuneJob.list(session, timeout=5)
    assert [job.job_id for job in jobs] == ["ft_new", "ft_old", "ft_unknown"]
    assert session.texts() == ["SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"]
    assert session.sent[0].parameters["STATEMENT_TIMEOUT_IN_SECONDS"] == 5


@pytest.fixture
def job(session: FakeSession) -> FineTuneJob:
    return FineTuneJob(session, status=read_status({"id": "ft_1", "status": "RUNNING"}), clock=FakeClock())


@pytest.mark.parametrize("status", ["CANCELLED", "RUNNING"])
def test_cancel_tells_how_the_job_stands_then(session: FakeSession, job: FineTuneJob, status: str) -> None:
    session.answer("CANCEL'", [{"ANSWER": "Canceled Cortex Fine-tuning job: ft_1"}])
    session.answer("DESCRIBE", described(status))
    assert job.cancel().status == status
    assert job.status.status == status
    assert session.texts()[0] == "SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', 'ft_1')"


def test_whatever_cancel_answers_the_state_decides(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("CANCEL'", [{"ANSWER": "something new"}])
    session.answer("DESCRIBE", described("CANCELLED"))
    assert job.cancel().is_over


@pytest.mark.parametrize("status", ["SUCCESS", "ERROR", "CANCELLED"])
def test_a_job_that_is_over_cannot_be_cancelled_and_that_is_no_error(
    session: FakeSession, job: FineTuneJob, status: str
) -> None:
    session.answer("CANCEL'", snowflake_error("job has already ended", 100351))
    session.answer("DESCRIBE", described(status))
    assert job.cancel().status == status


def test_a_refusal_to_stop_a_running_job_is_raised(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("CANCEL'", DENIED)
    session.answer("DESCRIBE", described("RUNNING"))
    with pytest.raises(AccessDeniedError):
        job.cancel()


def test_cancelling_an_unknown_job_is_its_own_error(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("CANCEL'", UNKNOWN_JOB)
    session.answer("DESCRIBE", UNKNOWN_JOB)
    session.answer(r"'SHOW'\)$", listing())
    with pytest.raises(FineTuneError, match="does not know"):
        job.cancel()


def test_a_lost_connection_while_cancelling_is_raised(session: FakeSession, job: FineTuneJob) -> None:
    session.answer("CANCEL'", LOST("gone"))
    session.answer("DESCRIBE", LOST("gone"))
    with pytest.raises(ConnectionLostError):
        job.cancel()


def jobs_with_models(session: FakeSession, *models: str | None) -> None:
    ids = [f"ft_{number}" for number in range(len(models))]
    session.answer(
        r"'SHOW'\)$",
        listing(
            {"id": "ft_failed", "status": "ERROR", "created_on": 99},
            *({"id": id_, "status": "SUCCESS", "created_on": 50 - number} for number, id_ in enumerate(ids)),
        ),
    )
    for id_, model in zip(ids, models, strict=True):
        session.answer(f"'DESCRIBE', '{id_}'", described(job_id=id_, model=model))


@pytest.mark.parametrize("name", ["tickets", "S.TICKETS", "DB.S.TICKETS", "db.s.tickets"])
def test_a_model_is_loaded_by_bare_and_by_full_name(session: FakeSession, name: str) -> None:
    jobs_with_models(session, "DB.S.OTHER", "DB.S.TICKETS")
    model = FineTunedModel.load(session, name)
    assert (model.name, model.job_id) == ("DB.S.TICKETS", "ft_1")
    assert model.prompt == TRAINING_SET.prompt


def test_a_model_whose_server_tells_bare_names_is_loaded_by_its_full_name(session: FakeSession) -> None:
    jobs_with_models(session, "my_tuned_model")
    assert FineTunedModel.load(session, "DB.S.MY_TUNED_MODEL").name == "my_tuned_model"


def test_a_full_name_needs_no_look_at_older_jobs(session: FakeSession) -> None:
    jobs_with_models(session, "DB.S.TICKETS", "DB.S.OTHER")
    FineTunedModel.load(session, "DB.S.TICKETS")
    assert not any("ft_1" in text for text in session.texts())


def test_the_newest_of_two_jobs_of_one_model_is_taken(session: FakeSession) -> None:
    jobs_with_models(session, "DB.S.TICKETS", "DB.S.TICKETS")
    assert FineTunedModel.load(session, "TICKETS").job_id == "ft_0"


def test_a_bare_name_that_fits_two_models_is_refused(session: FakeSession) -> None:
    jobs_with_models(session, "DB.S.TICKETS", "DB.OTHER.TICKETS")
    with pytest.raises(InvalidInputError, match=r"fits DB\.OTHER\.TICKETS, DB\.S\.TICKETS"):
        FineTunedModel.load(session, "TICKETS")


@pytest.mark.parametrize("model", [None, "DB.S.OTHER", "not a name"])
def test_a_model_that_no_job_made_is_not_found(session: FakeSession, model: str | None) -> None:
    jobs_with_models(session, model)
    with pytest.raises(InvalidInputError, match="No successful fine-tune job"):
        FineTunedModel.load(session, "TICKETS")


def test_a_job_that_lists_an_unknown_word_is_looked_at(session: FakeSession) -> None:
    session.answer(r"'SHOW'\)$", listing({"id": "ft_1", "status": "DONE"}))
    session.answer("DESCRIBE", described())
    assert FineTunedModel.load(session, "TICKETS_2").job_id == "ft_1"
    session.answer("DESCRIBE", described("DONE"))
    with pytest.raises(InvalidInputError, match="No successful"):
        FineTunedModel.load(session, "TICKETS_2")


def test_a_model_name_that_is_no_name_is_refused(session: FakeSession) -> None:
    with pytest.raises(InvalidInputError, match="not a model name"):
        FineTunedModel.load(session, "not a name")
    assert session.sent == []
