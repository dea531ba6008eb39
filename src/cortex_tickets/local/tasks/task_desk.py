"""All tasks of an engine: made, dropped, and run one after the other when somebody says so."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.scripting.tokens import tokens
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.instance import Instance
from cortex_tickets.local.sql.result import Result, status_result
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.stages.names import full_name
from cortex_tickets.local.stages.words import unexpected
from cortex_tickets.local.tasks.definition import Definition, read_definition
from cortex_tickets.local.tasks.task import Name, Task
from cortex_tickets.local.tasks.task_store import TaskRun, TaskStore
from cortex_tickets.local.wire.session_desk import SessionDesk
from cortex_tickets.local.wire.statement import Statement

Connect = Callable[[str | None], AbstractContextManager[DuckConnection]]
Verb = Literal["EXECUTE", "RESUME", "SUSPEND", "DROP"]

_USER = "SYSTEM"
_VERBS = frozenset({"CREATE", "ALTER", "DROP", "EXECUTE"})


class Statements(Protocol):
    """Whoever runs statements."""

    def start(self, statement: Statement, request_id: str) -> Statement:
        """Start one."""


class TaskDesk:
    """Makes, drops and runs tasks.

    Attributes:
        statements: Runs the statements of tasks; set by the engine once it is there.
    """

    statements: Statements

    def __init__(self, instance: Instance, sessions: SessionDesk) -> None:
        self._sessions = sessions
        self._store = TaskStore(instance)
        self._tasks = self._store.tasks()
        self._lock = threading.Lock()
        self._running: defaultdict[Name, threading.Lock] = defaultdict(threading.Lock)

    def statement(self, sql: str, session: EngineSession) -> TaskStatement | CreateTask | None:
        """The statement, when it is one on tasks."""
        words = [token.text for _, token in zip(range(8), tokens(sql), strict=False)]
        if words[:1] == ["CREATE"] and "TASK" in words[1:4]:
            return CreateTask(self, session, read_definition(sql, session.database, session.schema))
        if not words or words[0] not in _VERBS or words[1:2] != ["TASK"]:
            return None
        return _read(sql, self, session)

    def create(self, definition: Definition) -> str:
        """Make a task; what is said of it."""
        task = definition.task
        with self._lock:
            if task.name in self._tasks and not definition.replaces:
                if definition.exists_is_fine:
                    return f"{task.name[2]} already exists, statement succeeded."
                raise ProgrammingError(
                    msg=f"SQL compilation error:\nObject '{'.'.join(task.name)}' already exists.",
                    errno=2002,
                    sqlstate="42710",
                )
            self._tasks[task.name] = task
            self._store.write(task)
        return f"Task {task.name[2]} successfully created."

    def find(self, name: Name) -> Task:
        """The task of that name.

        Raises:
            ProgrammingError: 002003, when there is none.
        """
        task = self._tasks.get(name)
        if task is None:
            raise ProgrammingError(
                msg=f"SQL compilation error:\nTask '{'.'.join(name)}' does not exist or not authorized.",
                errno=2003,
                sqlstate="42S02",
            )
        return task

    def drop(self, name: Name, *, missing_is_fine: bool) -> str:
        """Forget a task; what is said of it."""
        if missing_is_fine and name not in self._tasks:
            return f"Drop statement executed successfully ({name[2]} already dropped)."
        with self._lock:
            self.find(name)
            del self._tasks[name]
            self._store.remove(name)
        return f"{name[2]} successfully dropped."

    def execute(self, name: Name) -> None:
        """Run a task to its end. A task's runs never overlap: another one waits for the one that is under way.

        How the run ended stands in the history, as in Snowflake. Whether EXECUTE TASK looks at the condition behind
        WHEN is not documented; here it does.
        """
        task = self.find(name)
        scheduled = dt.datetime.now(dt.UTC)
        with self._running[name]:
            session = self._sessions.open_unlisted(user=_USER, database=name[0], schema=name[1])
            try:
                session.parameters |= task.parameters
                if "WAREHOUSE" in task.options:
                    session.parameters["WAREHOUSE"] = task.options["WAREHOUSE"].strip('"')
                done = self._run(task, session)
            finally:
                session.end()
        error = done.error if done is not None else None
        self._store.add_run(
            task,
            TaskRun(
                query_id=None if done is None else done.query_id,
                state="SKIPPED" if done is None else "SUCCEEDED" if error is None else "FAILED",
                error_code=None if error is None else str(error.errno),
                error_message=None if error is None else str(getattr(error, "raw_msg", error.msg)),
                scheduled_at=scheduled,
                completed_at=dt.datetime.now(dt.UTC),
            ),
        )

    def _run(self, task: Task, session: EngineSession) -> Statement | None:
        """The statement, done; `None` where the condition does not hold."""
        if task.condition:
            asked = self._done(Statement(f"SELECT ({task.condition})", session))
            if asked.error is not None:
                return asked
            if asked.result is None or not asked.result.table.column(0)[0].as_py():
                return None
        return self._done(Statement(task.body, session, parameters={"STATEMENT_TIMEOUT_IN_SECONDS": task.time_limit}))

    def _done(self, statement: Statement) -> Statement:
        self.statements.start(statement, "").done.result()
        return statement


@dataclass(frozen=True, slots=True)
class CreateTask:
    """CREATE TASK, ready to run."""

    desk: TaskDesk
    session: EngineSession
    definition: Definition

    def run(self, connect: Connect) -> Result:
        """A new task is suspended."""
        del connect
        self.session.transaction.end(commit=True)
        return status_result(0, self.desk.create(self.definition))


@dataclass(frozen=True, slots=True)
class TaskStatement:
    """EXECUTE TASK, ALTER TASK .. RESUME or SUSPEND, or DROP TASK, ready to run."""

    desk: TaskDesk
    session: EngineSession
    verb: Verb
    name: Name
    missing_is_fine: bool

    def run(self, connect: Connect) -> Result:
        """EXECUTE TASK answers when the run is over, and not at once as Snowflake does."""
        del connect
        if self.verb == "EXECUTE":
            self.desk.execute(self.name)
            return status_result(0, f"Task {self.name[2]} is scheduled to run immediately.")
        self.session.transaction.end(commit=True)
        if self.verb == "DROP":
            return status_result(0, self.desk.drop(self.name, missing_is_fine=self.missing_is_fine))
        # There is no scheduler: a task that was resumed is one that EXECUTE TASK may run, as a suspended one is.
        if not self.missing_is_fine:
            self.desk.find(self.name)
        return status_result(0, "Statement executed successfully.")


def _read(sql: str, desk: TaskDesk, session: EngineSession) -> TaskStatement:
    found = [token for token in tokens(sql) if token.text != ";"]
    verb, rest = found[0].text, found[2:]
    missing_is_fine = [token.text for token in rest[:2]] == ["IF", "EXISTS"]
    rest = rest[2:] if missing_is_fine else rest
    size = next((place for place in range(1, len(rest), 2) if rest[place].text != "."), len(rest))
    if not rest or size % 2 == 0:
        raise unexpected("<EOF>")
    name = full_name(sql[rest[0].start : rest[size - 1].end], session.database, session.schema)
    action = " ".join(token.text for token in rest[size:])
    if verb == "ALTER":
        if action not in {"RESUME", "SUSPEND"}:
            raise NotImplementedError(f"ALTER TASK {action}")
        return TaskStatement(desk, session, "RESUME" if action == "RESUME" else "SUSPEND", name, missing_is_fine)
    if action:
        raise NotImplementedError(f"{verb} TASK with {action}")
    return TaskStatement(desk, session, "DROP" if verb == "DROP" else "EXECUTE", name, missing_is_fine)
