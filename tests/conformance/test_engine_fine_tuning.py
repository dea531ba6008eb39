"""FINETUNE on the engine: states, refusals, names, models that answer, and what a restart leaves."""

import datetime as dt
import json
import time
from pathlib import Path
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

TRAIN = "SELECT PROMPT, COMPLETION FROM TRAIN"
_SECONDS = 30


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def create(
    session: Any, name: str, training: str = TRAIN, validation: str | None = None, options: str | None = None
) -> str:
    return str(
        value(
            session,
            "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', ?, 'llama3.1-8b', ?, ?, ?)",
            *[name, training, validation, options],
        )
    )


def describe(session: Any, job_id: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(value(session, "SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', ?)", job_id))
    return described


def ended(session: Any, job_id: str) -> dict[str, Any]:
    """The job once it has ended; polls the real job, with a deadline."""
    deadline = time.monotonic() + _SECONDS
    while (found := describe(session, job_id))["status"] in {"PENDING", "IN_PROGRESS"}:
        assert time.monotonic() < deadline, found
    return found


def fill(session: Any) -> None:
    session.sql(
        "CREATE TABLE TRAIN AS SELECT "
        "IFF(MOD(SEQ4(), 2) = 0, 'roaming fees abroad ', 'slow data speed ') || SEQ4() AS PROMPT, "
        "IFF(MOD(SEQ4(), 2) = 0, 'Roaming fees', 'Slow data') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 60))"
    ).collect()


@pytest.fixture
def trained(session: Any) -> Any:
    fill(session)
    return session


@pytest.mark.works("SQL: fine-tuning", "`FINETUNE('CREATE')`", "`FINETUNE('DESCRIBE')`", "`FINETUNE('SHOW')`")
def test_a_job_succeeds_with_everything_that_snowflake_documents(trained: Any) -> None:
    schema = value(trained, "SELECT CURRENT_SCHEMA()")
    job_id = create(trained, "NAMED_HERE", validation=f"{TRAIN} LIMIT 10", options='{"max_epochs": 2}')
    found = ended(trained, job_id)
    assert job_id.startswith("ft_")
    assert found["status"] == "SUCCESS"
    assert found["model"] == f"CORTEX_TICKETS.{schema}.NAMED_HERE"
    assert found["progress"] == 1.0
    assert found["options"] == {"max_epochs": 2}
    assert found["training_data"] == TRAIN
    assert found["finished_on"] >= found["created_on"] > 1_600_000_000_000
    assert set(found["training_result"]) == {"training_loss", "validation_loss"}
    assert found["trained_tokens"] > 0
    listed = json.loads(value(trained, "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"))
    assert {"id": job_id, "status": "SUCCESS", "base_model": "llama3.1-8b", "created_on": found["created_on"]} in listed


@pytest.mark.works("SQL: fine-tuning", "`AI_COMPLETE` and `COMPLETE` by a tuned model, by name and by full name")
def test_a_tuned_model_answers_by_both_names_in_both_functions(trained: Any) -> None:
    model = ended(trained, create(trained, "MINE"))["model"]
    for name in (model, "MINE", "mine"):
        assert value(trained, "SELECT AI_COMPLETE(?, 'roaming fees abroad 7')", name) == "Roaming fees"
        assert value(trained, "SELECT SNOWFLAKE.CORTEX.COMPLETE(?, 'slow data speed 7')", name) == "Slow data"


@pytest.mark.works("SQL: fine-tuning", "A taken name gets a suffix")
def test_a_name_that_is_taken_gets_a_suffix(trained: Any) -> None:
    models = [ended(trained, create(trained, "TWICE"))["model"] for _ in range(2)]
    assert models[1] == f"{models[0]}_2"


@pytest.mark.works("SQL: fine-tuning", "DESCRIBE's `model` can be asked as it stands, also where its name needs quotes")
def test_the_model_that_is_told_answers_under_what_is_told(trained: Any) -> None:
    schema = trained.get_current_schema().replace('"', "")
    first = ended(trained, create(trained, f'CORTEX_TICKETS.{schema}."Quoted ""m"""'))["model"]
    second = ended(trained, create(trained, '"Quoted ""m"""'))["model"]
    assert first == f'CORTEX_TICKETS.{schema}."Quoted ""m"""'
    assert second == f'CORTEX_TICKETS.{schema}."Quoted ""m""_2"'
    for model in (first, second, '"Quoted ""m"""'):
        assert value(trained, "SELECT AI_COMPLETE(?, 'roaming fees abroad 2')", model) == "Roaming fees"


@pytest.mark.works("SQL: fine-tuning", "A schema that a tuned model's answer does not follow is a row's error")
def test_a_tuned_model_that_gives_no_json_fails_its_row_and_not_the_statement(trained: Any) -> None:
    model = ended(trained, create(trained, "BARE"))["model"]
    schema = "{'type': 'json', 'schema': {'type': 'object', 'properties': {'label': {'type': 'string'}}}}"
    call = f"AI_COMPLETE(model => '{model}', prompt => COLUMN1, response_format => {schema}"
    sql = f"SELECT {call}), {call}, return_error_details => TRUE) FROM VALUES ('roaming fees'), (NULL)"
    rows = trained.sql(sql).collect()
    wrong = {"value": None, "error": "json mode output validation error: the answer is no JSON"}
    assert [(row[0], json.loads(row[1])) for row in rows] == [(None, wrong), (None, {"value": None, "error": None})]


def test_a_tuned_model_that_gives_json_by_its_training_follows_a_schema(trained: Any) -> None:
    training = "SELECT PROMPT, '{\"label\": \"' || COMPLETION || '\"}' AS COMPLETION FROM TRAIN"
    model = ended(trained, create(trained, "IN_JSON", training))["model"]
    schema = (
        "{'type': 'json', 'schema': {'type': 'object', 'properties': {'label': {'type': 'string'}}, "
        "'required': ['label'], 'additionalProperties': FALSE}}"
    )
    call = f"AI_COMPLETE(model => '{model}', prompt => 'roaming fees abroad 2', response_format => {schema})"
    assert value(trained, f"SELECT {call}:label::VARCHAR") == "Roaming fees"


@pytest.mark.works("SQL: fine-tuning", "`ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY`, without credits")
def test_trained_tokens_are_in_the_usage_view(trained: Any) -> None:
    read = "SELECT COALESCE(SUM(TOKENS), 0) FROM SNOWFLAKE.ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY"
    before = value(trained, read)
    done = ended(trained, create(trained, "COUNTED"))
    assert value(trained, read) - before == done["trained_tokens"]
    row = trained.sql("SELECT * FROM SNOWFLAKE.ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY").collect()[-1]
    assert list(row.as_dict()) == ["START_TIME", "END_TIME", "MODEL_NAME", "TOKEN_CREDITS", "TOKENS"]
    assert (row["MODEL_NAME"], row["TOKEN_CREDITS"]) == ("llama3.1-8b", 0)
    assert row["END_TIME"] - row["START_TIME"] == dt.timedelta(hours=1)


@pytest.mark.works("SQL: fine-tuning", "Bad training data ends in `ERROR` with a message")
@pytest.mark.parametrize(
    ("training", "wording"),
    [
        ("SELECT PROMPT FROM TRAIN", "missing: COMPLETION"),
        ("SELECT PROMPT, NULL AS COMPLETION FROM TRAIN", "NULL"),
        ("SELECT PROMPT, 'one' AS COMPLETION FROM TRAIN", "two different completions"),
        ("SELECT * FROM NOT_THERE", "does not exist"),
        ("DROP TABLE TRAIN", "must be a SELECT"),
    ],
)
def test_bad_training_data_ends_in_error(trained: Any, training: str, wording: str) -> None:
    found = ended(trained, create(trained, "BAD", training))
    assert found["status"] == "ERROR"
    assert wording in found["error"]["message"]
    assert "model" not in found


@pytest.mark.works("SQL: fine-tuning", "Base models and options that are not documented are refused")
@pytest.mark.parametrize(
    "call",
    [
        "'CREATE', 'X', 'mistral-7b', 'SELECT 1'",
        "'CREATE', 'X', 'no-such-model', 'SELECT 1'",
        "'CREATE', 'not a name', 'llama3.1-8b', 'SELECT 1'",
        "'CREATE', 'X', 'llama3.1-8b'",
        "'CREATE', 'X', 'llama3.1-8b', 'SELECT 1', NULL, '{\"max_epochs\": 11}'",
        "'CREATE', 'X', 'llama3.1-8b', 'SELECT 1', NULL, 'no json'",
        "'DESCRIBE', 'ft_nothing'",
        "'CANCEL', 'ft_nothing'",
        "'DANCE'",
        "'SHOW', 'x'",
        "'DESCRIBE', 'ft_nothing', 'x'",
        "'CREATE', 'NOWHERE.PUBLIC.X', 'llama3.1-8b', 'SELECT 1'",
        "'CREATE', 'NOWHERE.X', 'llama3.1-8b', 'SELECT 1'",
    ],
)
def test_what_is_refused_is_refused_at_once(session: Any, call: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        value(session, f"SELECT SNOWFLAKE.CORTEX.FINETUNE({call})")
    assert raised.value.sql_error_code == 512513


@pytest.mark.works("SQL: fine-tuning", "`FINETUNE('CANCEL')`")
def test_a_job_can_be_cancelled_and_only_while_it_is_under_way(trained: Any) -> None:
    # A query that takes a while keeps the job from ending first; cancelling does not wait for it.
    slow = (
        f"SELECT A.PROMPT, A.COMPLETION FROM ({TRAIN}) A, RANGE(3000000) B WHERE SHA2(B.RANGE::VARCHAR) = 'x' "
        f"UNION ALL {TRAIN}"
    )
    job_id = create(trained, "STOPPED", slow)
    told = value(trained, "SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', ?)", job_id)
    assert told == f"Canceled Cortex Fine-tuning job: {job_id}"
    assert describe(trained, job_id)["status"] == "CANCELLED"
    with pytest.raises(SnowparkSQLException):
        value(trained, "SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', ?)", job_id)


@pytest.mark.works("Sessions and state", "Tables, jobs and models survive a restart")
def test_tables_jobs_and_models_survive_a_restart_and_a_job_under_way_does_not(tmp_path: Path) -> None:
    with local.Engine(tmp_path) as engine, engine.session() as session:
        fill(session)
        session.sql("CREATE TABLE SHORT (A VARCHAR(3))").collect()
        done = create(session, "KEPT")
        ended(session, done)
        lost = create(
            session, "LOST", f"SELECT A.* FROM ({TRAIN}) A, RANGE(50000000) B WHERE SHA2(B.RANGE::VARCHAR) = 'x'"
        )
    with local.Engine(tmp_path) as engine, engine.session() as session:
        assert describe(session, done)["status"] == "SUCCESS"
        assert describe(session, lost)["status"] == "ERROR"
        assert "stopped" in describe(session, lost)["error"]["message"]
        assert value(session, "SELECT AI_COMPLETE('KEPT', 'slow data speed 3')") == "Slow data"
        assert value(session, "SELECT COUNT(*) FROM TRAIN") == 60
        with pytest.raises(SnowparkSQLException, match="too long"):
            session.sql("INSERT INTO SHORT VALUES ('abcd')").collect()
