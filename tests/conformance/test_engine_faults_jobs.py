"""Fine-tune jobs that a fault profile strikes: failed, hung, of an unknown status, made without telling."""

import json
import time
from typing import Any

import pytest
import snowflake.connector
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.local import Engine, Fault, Faults, RetiredModel

TRAIN = "SELECT PROMPT, COMPLETION FROM TRAIN"
SHOW = "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"
_SECONDS = 30


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def create(session: Any, name: str = "MINE") -> str:
    session.sql(
        "CREATE TABLE IF NOT EXISTS TRAIN AS SELECT "
        "IFF(MOD(SEQ4(), 2) = 0, 'roaming fees abroad ', 'slow data speed ') || SEQ4() AS PROMPT, "
        "IFF(MOD(SEQ4(), 2) = 0, 'Roaming fees', 'Slow data') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 60))"
    ).collect()
    return str(value(session, "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', ?, 'llama3.1-8b', ?)", name, TRAIN))


def describe(session: Any, job_id: str) -> dict[str, Any]:
    described: dict[str, Any] = json.loads(value(session, "SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', ?)", job_id))
    return described


def once(session: Any, job_id: str, status: str, progress: float = 0.0) -> dict[str, Any]:
    """The job once it has that status and progress; polls the real job, with a deadline."""
    deadline = time.monotonic() + _SECONDS
    while (found := describe(session, job_id))["status"] != status or found["progress"] < progress:
        assert time.monotonic() < deadline, found
    return found


def struck(session: Any) -> list[tuple[str, str]]:
    rows = session.sql("SELECT FAULT, JOB_ID FROM SNOWFLAKE.ENGINE.FAULTS ORDER BY INJECTED_AT, FAULT").collect()
    return [(row["FAULT"], row["JOB_ID"]) for row in rows]


def test_a_job_fails_and_the_next_one_does_not() -> None:
    with local.connect(faults=Faults(failed_jobs=Fault(nth=1))) as session:
        first = create(session)
        found = once(session, first, "ERROR")
        assert found["error"] == {"message": "Training failed: internal error"}
        assert 0 < found["progress"] < 1
        assert "model" not in found
        once(session, create(session), "SUCCESS")
        assert struck(session) == [("failed_jobs", first)]


def test_a_job_hangs_until_it_is_cancelled_and_holds_nobody_back() -> None:
    with local.connect(faults=Faults(hung_jobs=Fault(nth=1))) as session:
        hung = create(session)
        progress = once(session, hung, "IN_PROGRESS", progress=0.1)["progress"]
        once(session, create(session, "OTHER"), "SUCCESS")
        assert describe(session, hung)["progress"] == progress < 1
        value(session, "SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', ?)", hung)
        assert describe(session, hung)["status"] == "CANCELLED"


def test_an_engine_closes_over_a_hung_job(tmp_path: Any) -> None:
    with local.Engine(tmp_path, faults=Faults(hung_jobs=1.0)) as engine, engine.session() as session:
        job_id = create(session)
        once(session, job_id, "IN_PROGRESS", progress=0.1)
    with local.connect(tmp_path) as session:
        found = describe(session, job_id)
    assert found["status"] == "ERROR"
    assert "engine stopped" in found["error"]["message"]


def test_a_status_that_nobody_knows_passes_after_three_looks() -> None:
    with local.connect(faults=Faults(unknown_statuses=Fault(nth=2))) as session:
        once(session, create(session, "PLAIN"), "SUCCESS")
        job_id = create(session)
        seen = [describe(session, job_id) for _ in range(3)]
        assert {found["status"] for found in seen} == {"FINALIZING"}
        assert not any({"model", "finished_on", "training_result"} & set(found) for found in seen)
        assert once(session, job_id, "SUCCESS")["model"].endswith(".MINE")
        assert struck(session) == [("unknown_statuses", job_id)]


def test_the_list_of_jobs_tells_the_unknown_status_too() -> None:
    with local.connect(faults=Faults(unknown_statuses=1.0)) as session:
        job_id = create(session)
        assert {job["status"] for job in json.loads(value(session, SHOW))} == {"FINALIZING"}
        for _ in range(3):
            describe(session, job_id)
        assert json.loads(value(session, SHOW))[0]["status"] in {"PENDING", "IN_PROGRESS", "SUCCESS"}


def test_a_job_is_made_although_its_create_was_never_answered() -> None:
    with local.connect(faults=Faults(lost_creates=Fault(nth=1))) as session:
        with pytest.raises(OSError, match="Connection broken"):
            create(session)
        (job,) = json.loads(value(session, SHOW))
        assert struck(session) == [("lost_creates", job["id"])]
        once(session, job["id"], "SUCCESS")
        once(session, create(session, "ANSWERED"), "SUCCESS")


def test_a_plain_connector_loses_the_answer_too() -> None:
    with Engine(faults=Faults(lost_creates=1.0)) as engine, engine.session() as session:
        with pytest.raises(OSError, match="Connection broken"):
            create(session)
        with snowflake.connector.connect(**engine.connection_parameters) as connection:
            cursor = connection.cursor()
            call = f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', 'OTHER', 'llama3.1-8b', '{TRAIN}')"
            with pytest.raises(OSError, match="Connection broken"):
                cursor.execute(call)
            cursor.execute(SHOW)
            assert len(json.loads(cursor.fetchall()[0][0])) == 2


def test_which_jobs_fail_is_the_seeds_choice() -> None:
    def failed(seed: int) -> list[bool]:
        with local.connect(faults=Faults(seed=seed, failed_jobs=0.5)) as session:
            jobs = [create(session) for _ in range(10)]
            ends = {job_id: describe(session, job_id) for job_id in jobs}
            deadline = time.monotonic() + _SECONDS
            while any(found["status"] in {"PENDING", "IN_PROGRESS"} for found in ends.values()):
                assert time.monotonic() < deadline, ends
                ends = {job_id: describe(session, job_id) for job_id in jobs}
            return [ends[job_id]["status"] == "ERROR" for job_id in jobs]

    first = failed(7)
    assert len(set(first)) == 2
    assert failed(7) == first
    assert failed(8) != first


def test_a_throttled_create_makes_no_job() -> None:
    with local.connect(faults=Faults(too_many_requests=Fault(1.0, matching="'CREATE'"))) as session:
        with pytest.raises(SnowparkSQLException, match="FINETUNE with remote service error: '429 '"):
            create(session)
        assert json.loads(value(session, SHOW)) == []


def test_a_base_model_can_be_retired_under_fine_tuning() -> None:
    with local.connect(faults=Faults(retired=RetiredModel("llama3.1-8b", 3))) as session:
        once(session, create(session), "SUCCESS")
        ask = "SELECT AI_COMPLETE('MINE', 'roaming fees abroad 7')"
        assert value(session, ask) == "Roaming fees"
        with pytest.raises(SnowparkSQLException, match=r"not supported for fine-tuning\. Supported base models: none"):
            create(session)
        with pytest.raises(SnowparkSQLException, match='unknown model "MINE"'):
            value(session, ask)
