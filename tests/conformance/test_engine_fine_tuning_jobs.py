"""FINETUNE jobs side by side: several at once, cancelled at any time, seen moving, and killed with their engine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector

from cortex_tickets import local
from cortex_tickets.local import Faults

CLIENT = "SQL: fine-tuning"
TRAIN = "SELECT PROMPT, COMPLETION FROM TRAIN"
SLOW = f"SELECT A.* FROM ({TRAIN}) A, RANGE(500000000) B WHERE SHA2(B.RANGE::VARCHAR) = 'x'"
"""Takes minutes to read: the job stays PENDING."""
FILL = """
CREATE TABLE TRAIN AS SELECT IFF(MOD(SEQ4(), 2) = 0, 'roaming fees abroad ', 'slow data speed ') || SEQ4() AS PROMPT,
IFF(MOD(SEQ4(), 2) = 0, 'Roaming fees', 'Slow data') AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 60))
"""
SECONDS = 60
UNDER_WAY = {"PENDING", "IN_PROGRESS"}


class Asking:
    """Asks for jobs through whatever runs a statement and gives its first value."""

    def __init__(self, value: Callable[..., Any]) -> None:
        self.value = value

    def create(self, name: str, training: str = TRAIN, options: str | None = None) -> str:
        call = "SELECT SNOWFLAKE.CORTEX.FINETUNE('CREATE', ?, 'llama3.1-8b', ?, NULL, ?)"
        return str(self.value(call, name, training, options))

    def cancel(self, job_id: str) -> str:
        return str(self.value("SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', ?)", job_id))

    def describe(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.value("SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', ?)", job_id))
        return found

    def shown(self) -> dict[str, str]:
        return {job["id"]: job["status"] for job in json.loads(self.value("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"))}

    def once(self, job_id: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The job as soon as something holds of it; polls the real job, with a deadline."""
        deadline = time.monotonic() + SECONDS
        while not holds(found := self.describe(job_id)):
            assert time.monotonic() < deadline, found
        return found

    def ended(self, job_id: str) -> dict[str, Any]:
        return self.once(job_id, lambda job: job["status"] not in UNDER_WAY)


def asking(session: Any) -> Asking:
    return Asking(lambda sql, *params: session.sql(sql, params=list(params) or None).collect()[0][0])


@pytest.fixture
def jobs(session: Any) -> Asking:
    session.sql(FILL).collect()
    return asking(session)


@pytest.mark.works(CLIENT, "Several jobs at once")
def test_jobs_of_one_engine_are_under_way_together_and_each_learns_its_own(jobs: Asking) -> None:
    named = [f"SELECT PROMPT, COMPLETION || ' {letter}' AS COMPLETION FROM TRAIN" for letter in "abcd"]
    waiting = [jobs.create("WAITS", SLOW) for _ in range(3)]
    made = [jobs.create("LETTERS", training) for training in named]
    models = [jobs.ended(job_id)["model"] for job_id in made]
    assert len(set(models)) == 4
    for letter, model in zip("abcd", models, strict=True):
        assert jobs.value("SELECT AI_COMPLETE(?, 'slow data speed 3')", model) == f"Slow data {letter}"
    assert {jobs.shown()[job_id] for job_id in waiting} == {"PENDING"}
    for job_id in waiting:
        jobs.cancel(job_id)
    assert {jobs.shown()[job_id] for job_id in waiting} == {"CANCELLED"}


@pytest.mark.works(CLIENT, "`FINETUNE('CANCEL')`")
def test_a_job_that_is_pending_is_cancelled_at_once_and_leaves_no_model(jobs: Asking) -> None:
    job_id = jobs.create("STOPPED", SLOW)
    assert jobs.describe(job_id)["status"] == "PENDING"
    assert jobs.cancel(job_id) == f"Canceled Cortex Fine-tuning job: {job_id}"
    found = jobs.describe(job_id)
    assert found["status"] == "CANCELLED"
    assert "model" not in found
    assert jobs.ended(jobs.create("STOPPED"))["model"].endswith(".STOPPED")  # the name is free


def test_jobs_in_progress_are_cancelled_one_by_one() -> None:
    with local.connect(faults=Faults(hung_jobs=1.0)) as session:
        session.sql(FILL).collect()
        jobs = asking(session)
        made = [jobs.create(f"HUNG_{number}") for number in range(3)]
        for job_id in made:
            assert 0 < jobs.once(job_id, lambda job: job["progress"] > 0)["progress"] < 1
        assert set(jobs.shown().values()) == {"IN_PROGRESS"}
        for place, job_id in enumerate(made, start=1):
            jobs.cancel(job_id)
            assert [jobs.shown()[other] for other in made] == ["CANCELLED"] * place + ["IN_PROGRESS"] * (3 - place)


@pytest.mark.works(CLIENT, "States in order, and progress that moves")
def test_a_job_is_seen_going_forward(session: Any, jobs: Asking) -> None:
    session.sql(
        "CREATE TABLE MANY AS SELECT SHA2(SEQ4()::VARCHAR) || ' topic ' || MOD(SEQ4(), 20) AS PROMPT, "
        "'Label ' || MOD(SEQ4(), 20) AS COMPLETION FROM TABLE(GENERATOR(ROWCOUNT => 1000))"
    ).collect()
    job_id = jobs.create("WATCHED", "SELECT PROMPT, COMPLETION FROM MANY", '{"max_epochs": 10}')
    seen: list[dict[str, Any]] = []

    def has_ended(job: dict[str, Any]) -> bool:
        seen.append(job)
        return job["status"] not in UNDER_WAY

    jobs.once(job_id, has_ended)
    order = ["PENDING", "IN_PROGRESS", "SUCCESS"]
    places = [order.index(job["status"]) for job in seen]
    assert places == sorted(places)
    progress = [job["progress"] for job in seen]
    assert progress == sorted(progress)
    assert len(set(progress) - {0.0, 1.0}) >= 2
    assert progress[-1] == 1.0


@contextmanager
def served(path: Path, faults: str = "") -> Iterator[tuple[subprocess.Popen[str], Asking]]:
    environment = os.environ | {"CORTEX_TICKETS_FAULTS": faults}
    command = [sys.executable, "-W", "error", "-m", "cortex_tickets.local", "--path", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            parameters = json.loads(process.stdout.readline())
            with snowflake.connector.connect(**parameters, paramstyle="qmark") as connection:

                def value(sql: str, *params: Any) -> Any:
                    cursor: Any = connection.cursor()
                    return cursor.execute(sql, params or None).fetchone()[0]

                yield process, Asking(value)
        finally:
            process.kill()


@pytest.mark.works("Sessions and state", "A job that was under way when its engine was killed is in `ERROR` afterwards")
def test_an_engine_that_is_killed_leaves_its_jobs_in_error(tmp_path: Path) -> None:
    with served(tmp_path, "hung_jobs=1.0 ~HUNG") as (process, jobs):
        jobs.value(FILL)
        done = jobs.create("DONE")
        jobs.ended(done)
        hung = jobs.create("HUNG", "SELECT PROMPT, COMPLETION FROM TRAIN /* HUNG */")
        jobs.once(hung, lambda job: job["progress"] > 0)
        pending = jobs.create("PENDING", SLOW)
        assert (jobs.describe(hung)["status"], jobs.describe(pending)["status"]) == ("IN_PROGRESS", "PENDING")
        process.send_signal(signal.SIGKILL)
        assert process.wait(timeout=SECONDS) == -signal.SIGKILL
    with served(tmp_path) as (_, jobs):
        for job_id in (hung, pending):
            found = jobs.describe(job_id)
            assert found["status"] == "ERROR"
            assert found["error"] == {"message": "The engine stopped while the job was under way."}
            assert "model" not in found
        assert jobs.describe(done)["status"] == "SUCCESS"
        assert jobs.value("SELECT AI_COMPLETE('DONE', 'slow data speed 3')") == "Slow data"
        assert jobs.value("SELECT COUNT(*) FROM TRAIN") == 60
        assert jobs.ended(jobs.create("HUNG"))["status"] == "SUCCESS"
