"""One statement on its way through the engine: from the request that brought it to the answer kept for it."""

from __future__ import annotations

import threading
import time
import uuid
import weakref
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from snowflake.connector.errors import Error

from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.compiled import Compiled
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.statement_history import PastStatement


class State(Enum):
    """Names of Snowflake's monitoring endpoint."""

    RUNNING = "RUNNING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED_WITH_ERROR"


@dataclass(eq=False)
class Statement:
    """One statement.

    Attributes:
        text: As it came.
        session: Whose it is.
        values: Bound values, in order; a row of them per element when `is_batch`.
        is_batch: Whether one INSERT was bound to many rows.
        parameters: Statement parameters, names in upper case.
        describe_only: Whether only the columns are asked for.
        query_id: Snowflake's id.
    """

    text: str
    session: EngineSession
    values: Sequence[Any] = ()
    is_batch: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)
    describe_only: bool = False
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def __post_init__(self) -> None:
        self.done: Future[None] = Future()
        self.state = State.RUNNING
        self.result: Result | None = None
        self.result_bytes = 0
        self.error: Error | None = None
        self.compiled: Compiled | None = None
        self.started_at = time.time()
        self.time_limit_was_met = False
        self.orphaned_for: float | None = None
        self._client_was_lost = False
        self._duck: DuckConnection | None = None
        self._stopped = threading.Event()
        self._lock = threading.Lock()

    @property
    def asker(self) -> Asker:
        """Who asks, for the log and for names."""
        tag = self.parameters.get("QUERY_TAG") or self.session.parameters.get("QUERY_TAG") or ""
        return Asker(
            query_id=self.query_id,
            query_tag=str(tag),
            user=self.session.user,
            session_id=self.session.session_id,
            database=self.session.database,
            schema=self.session.schema,
            fails_on_error=self.session.parameters.get("AI_SQL_ERROR_HANDLING_USE_FAIL_ON_ERROR", "").upper()
            != "FALSE",
            is_stopped=self.is_stopped,
        )

    @property
    def time_limit(self) -> int:
        """Seconds that it may take; 0 is no limit."""
        name = "STATEMENT_TIMEOUT_IN_SECONDS"
        value = self.parameters.get(name) or self.session.parameters.get(name) or 0
        return int(value)

    def running(self) -> PastStatement:
        """What the history says of it while it runs."""
        asker = self.asker
        return PastStatement(
            query_id=self.query_id,
            text=self.text,
            session_id=asker.session_id,
            user=asker.user,
            tag=asker.query_tag,
            status="RUNNING",
            started_at=self.started_at,
        )

    def over(self, error: Error | None) -> PastStatement:
        """What the history says of it when it is over, with what it failed with."""
        return replace(
            self.running(),
            status="SUCCESS" if error is None else "FAILED_WITH_ERROR",
            ended_at=time.time(),
            error_code=None if error is None else str(error.errno),
        )

    def is_stopped(self) -> bool:
        """Whether somebody asked it to stop."""
        return self._stopped.is_set()

    def run_on(self) -> None:
        """Be under way for as long as an orphan is, unless it is stopped before."""
        if self.orphaned_for:
            self._stopped.wait(self.orphaned_for)

    def loses_its_client(self) -> bool:
        """Whether whoever waits for it now is cut off: the first client of an orphan is."""
        is_first, self._client_was_lost = not self._client_was_lost, True
        return is_first and self.orphaned_for is not None

    def watch(self, duck: DuckConnection | None) -> None:
        """Remember where it runs."""
        with self._lock:
            self._duck = duck

    def stop(self, *, by_time_limit: bool = False) -> bool:
        """Ask it to stop; says whether it was still running."""
        with self._lock:
            if self.state is not State.RUNNING:
                return False
            self._stopped.set()
            self.time_limit_was_met |= by_time_limit
        self.interrupt()
        return True

    def interrupt(self) -> None:
        """Interrupt what DuckDB runs for it at this moment.

        DuckDB forgets an interrupt that comes just before it begins, so whoever stops a statement repeats
        this until the statement is done.
        """
        with self._lock:
            if self._duck is not None:
                self._duck.interrupt()

    def finish(self, result: Result | None, error: Error | None) -> None:
        """Keep what came of it and wake whoever waits."""
        with self._lock:
            self.result, self.error = result, error
            # Reckoned once: Arrow takes microseconds for it, and every new statement looks at those before it.
            self.result_bytes = 0 if result is None else result.table.nbytes
            self.state = State.SUCCESS if error is None else State.FAILED
        if not self.describe_only:
            kept = weakref.ref(self)
            self.session.past_results.add(self.query_id, lambda: None if (found := kept()) is None else found.result)
        self.done.set_result(None)
