"""Jobs and tuned models in the engine's own tables, so that they outlive the process when it has a path."""

from __future__ import annotations

import json
from dataclasses import fields

from cortex_tickets.local.jobs.fine_tune_job import FineTuneJob
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance

_JOBS = f"{SYSTEM_DATABASE}.ENGINE.FINE_TUNE_JOBS"
_MODELS = f"{SYSTEM_DATABASE}.ENGINE.FINE_TUNED_MODELS"


_USAGE = f"""
CREATE OR REPLACE VIEW {SYSTEM_DATABASE}.ACCOUNT_USAGE.CORTEX_FINE_TUNING_USAGE_HISTORY AS
SELECT date_trunc('hour', ENDED) AS START_TIME, date_trunc('hour', ENDED) + INTERVAL 1 HOUR AS END_TIME,
       BASE_MODEL AS MODEL_NAME, 0::DOUBLE AS TOKEN_CREDITS, sum(TOKENS)::BIGINT AS TOKENS
FROM (SELECT make_timestamptz((JOB->>'finished_on')::BIGINT * 1000) AS ENDED, JOB->>'base_model' AS BASE_MODEL,
             (JOB->>'trained_tokens')::BIGINT AS TOKENS FROM {_JOBS})
WHERE TOKENS IS NOT NULL GROUP BY ALL
"""
"""Snowflake's usage view over the jobs, with the documented columns. Its credits are 0: the engine bills nothing."""


class JobStore:
    """Reads and writes the two tables. Writers of one row never meet: a job is written by one thread at a time."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        instance.root.execute(f"CREATE TABLE IF NOT EXISTS {_JOBS} (ID VARCHAR, JOB JSON)")
        instance.root.execute(
            f"CREATE TABLE IF NOT EXISTS {_MODELS} (MODEL VARCHAR, JOB_ID VARCHAR, BASE_MODEL VARCHAR, WEIGHTS BLOB)"
        )
        instance.root.execute(_USAGE)

    def jobs(self) -> list[FineTuneJob]:
        """Every job, oldest first."""
        with self._instance.connection() as duck:
            rows = duck.execute(f"SELECT JOB FROM {_JOBS} ORDER BY (JOB->>'created_on')::BIGINT, ID").fetchall()
        return [FineTuneJob(**json.loads(row[0])) for row in rows]

    def write(self, job: FineTuneJob) -> None:
        """Add a job or replace what is known of it."""
        with self._instance.connection() as duck:
            duck.begin()
            _replace(duck, job)
            duck.commit()

    def write_success(self, job: FineTuneJob, weights: bytes) -> None:
        """Keep a job's success and what it trained, both or neither: the process may be killed at any instant."""
        with self._instance.connection() as duck:
            duck.begin()
            _replace(duck, job)
            duck.execute(
                f"INSERT INTO {_MODELS} VALUES ($model, $job_id, $base, $weights)",
                {"model": job.model, "job_id": job.id, "base": job.base_model, "weights": weights},
            )
            duck.commit()

    def model_names(self) -> dict[str, str]:
        """Base model of every tuned model, by full name."""
        with self._instance.connection() as duck:
            rows = duck.execute(f"SELECT MODEL, BASE_MODEL FROM {_MODELS}").fetchall()
        return {str(row[0]): str(row[1]) for row in rows}

    def weights(self, model: str) -> bytes | None:
        """What a job trained."""
        with self._instance.connection() as duck:
            row = duck.execute(f"SELECT WEIGHTS FROM {_MODELS} WHERE MODEL = $model", {"model": model}).fetchone()
        return None if row is None else bytes(row[0])


def _replace(duck: DuckConnection, job: FineTuneJob) -> None:
    stored = {item.name: getattr(job, item.name) for item in fields(job)}
    duck.execute(f"DELETE FROM {_JOBS} WHERE ID = $id", {"id": job.id})
    duck.execute(f"INSERT INTO {_JOBS} VALUES ($id, $job)", {"id": job.id, "job": json.dumps(stored)})
