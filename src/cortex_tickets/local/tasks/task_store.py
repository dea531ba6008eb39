"""Tasks and their runs in the engine's own tables, so that they outlive the process when it has a path."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass

from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance
from cortex_tickets.local.tasks.task import Name, Task

_TASKS = f"{SYSTEM_DATABASE}.ENGINE.TASKS"
RUNS = f"{SYSTEM_DATABASE}.ENGINE.TASK_RUNS"
RUN_COLUMNS = {
    "QUERY_ID": "VARCHAR",
    "NAME": "VARCHAR",
    "DATABASE_NAME": "VARCHAR",
    "SCHEMA_NAME": "VARCHAR",
    "QUERY_TEXT": "VARCHAR",
    "CONDITION_TEXT": "VARCHAR",
    "STATE": "VARCHAR",
    "ERROR_CODE": "VARCHAR",
    "ERROR_MESSAGE": "VARCHAR",
    "SCHEDULED_TIME": "TIMESTAMPTZ",
    "COMPLETED_TIME": "TIMESTAMPTZ",
    "SCHEDULED_FROM": "VARCHAR",
}
"""Columns of INFORMATION_SCHEMA.TASK_HISTORY that the engine has, with DuckDB's types."""


@dataclass(frozen=True, slots=True)
class TaskRun:
    """One run of a task, over or skipped.

    Attributes:
        query_id: The statement that ran; `None` where the condition did not hold.
        state: SUCCEEDED, FAILED or SKIPPED.
        error_code: Snowflake's code; `None` where nothing failed.
        error_message: Snowflake's message; `None` where nothing failed.
        scheduled_at: When it was asked for.
        completed_at: When it was over.
    """

    query_id: str | None
    state: str
    error_code: str | None
    error_message: str | None
    scheduled_at: dt.datetime
    completed_at: dt.datetime


class TaskStore:
    """Reads and writes the two tables."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        columns = ", ".join(f"{name} {kind}" for name, kind in RUN_COLUMNS.items())
        instance.root.execute(f"CREATE TABLE IF NOT EXISTS {_TASKS} (NAME VARCHAR[3], TASK JSON)")
        instance.root.execute(f"CREATE TABLE IF NOT EXISTS {RUNS} ({columns})")

    def tasks(self) -> dict[Name, Task]:
        """Every task by its name."""
        with self._instance.connection() as duck:
            rows = duck.execute(f"SELECT TASK FROM {_TASKS}").fetchall()
        found = [json.loads(row[0]) for row in rows]
        return {tuple(item["name"]): Task(**{**item, "name": tuple(item["name"])}) for item in found}

    def write(self, task: Task) -> None:
        """Add a task or replace it."""
        self.remove(task.name)
        with self._instance.connection() as duck:
            duck.execute(
                f"INSERT INTO {_TASKS} VALUES ($name, $task)",
                {"name": list(task.name), "task": json.dumps(asdict(task))},
            )

    def remove(self, name: Name) -> None:
        """Forget a task; its runs stay."""
        with self._instance.connection() as duck:
            duck.execute(f"DELETE FROM {_TASKS} WHERE NAME = $name::VARCHAR[3]", {"name": list(name)})

    def add_run(self, task: Task, run: TaskRun) -> None:
        """Write a run down."""
        database, schema, name = task.name
        values = (
            run.query_id,
            name,
            database,
            schema,
            task.body,
            task.condition or None,
            run.state,
            run.error_code,
            run.error_message,
            run.scheduled_at,
            run.completed_at,
            "EXECUTE TASK",
        )
        bound = {f"v{number}": value for number, value in enumerate(values)}
        with self._instance.connection() as duck:
            duck.execute(f"INSERT INTO {RUNS} VALUES ({', '.join(f'${key}' for key in bound)})", bound)
