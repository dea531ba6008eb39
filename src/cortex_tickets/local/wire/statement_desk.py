"""All statements of an engine: started once each, found by id, request or connection, forgotten in time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import wait

from snowflake.connector.errors import Error

from cortex_tickets.local.faults.gate import Gate
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.compiler import Compiler
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.errors import canceled, timed_out, to_snowflake
from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.sql.runner import Runner
from cortex_tickets.local.statement_history import PastStatement, StatementHistory
from cortex_tickets.local.wire.statement import State, Statement
from cortex_tickets.local.wire.worker_pool import WorkerPool

_MOST_KEPT = 1_000
_MOST_KEPT_BYTES = 256 << 20
_SHARE_BETWEEN_LOOKS = 8
"""So small a part of the bound may come in results before one looks what has to go; each look is at all of them."""
_SECONDS_BETWEEN_INTERRUPTS = 0.02


class StatementDesk:
    """Starts statements on the engine's own threads, so that one whose client has died goes on to its end."""

    def __init__(
        self,
        compiler: Compiler,
        pool: WorkerPool,
        gate: Gate,
        history: StatementHistory,
        before_logs_are_read: Callable[[], None],
    ) -> None:
        self._compiler = compiler
        self._pool = pool
        self._gate = gate
        self._history = history
        self._before_logs_are_read = before_logs_are_read
        self._lock = threading.Lock()
        self._by_id: OrderedDict[str, Statement] = OrderedDict()
        self._by_request: OrderedDict[str, Statement] = OrderedDict()
        self._by_lease: dict[str, Statement] = {}
        self._bytes_since_look = 0

    def start(self, statement: Statement, request_id: str) -> Statement:
        """Start a statement, or find the one that the same request has started already."""
        with self._lock:
            if request_id and (known := self._by_request.get(request_id)):
                return known
            if request_id:
                self._by_request[request_id] = statement
            self._by_id[statement.query_id] = statement
            self._forget_old()
        if not statement.describe_only:
            statement.orphaned_for = self._gate.arrived(statement.asker, statement.text, statement.values)
        statement.done.add_done_callback(lambda _: self._forget_old_results(statement.result_bytes))
        self._pool.submit(lambda: self._run(statement))
        return statement

    def find(self, query_id: str) -> Statement | None:
        """The statement of that id, while it is remembered."""
        return self._by_id.get(query_id)

    def asker_of(self, lease_id: str) -> Asker:
        """Who runs a statement on that connection; the engine itself where nobody does."""
        statement = self._by_lease.get(lease_id)
        return statement.asker if statement is not None else Asker()

    def cancel(self, query_id: str) -> bool:
        """Interrupt a statement; says whether it was running."""
        statement = self.find(query_id)
        return statement is not None and self._stop(statement)

    def cancel_session(self, session_id: int, *, but: str = "") -> int:
        """Interrupt the statements of a session; how many were running."""
        with self._lock:
            mine = [
                item
                for item in self._by_id.values()
                if item.session.session_id == session_id and item.query_id != but and item.state is State.RUNNING
            ]
        return sum(self._stop(item) for item in mine)

    def stop_request(self, request_id: str) -> None:
        """Interrupt the statement that a request brought."""
        statement = self._by_request.get(request_id)
        if statement is not None:
            self._stop(statement)

    def close(self, timeout: float = 5.0) -> None:
        """Interrupt whatever still runs, and wait for it for at most `timeout` seconds."""
        with self._lock:
            running = [item for item in self._by_id.values() if item.state is State.RUNNING]
        for statement in running:
            statement.stop()
        deadline = time.monotonic() + timeout
        while running and time.monotonic() < deadline:
            running[0].interrupt()
            wait([running[0].done], timeout=_SECONDS_BETWEEN_INTERRUPTS)
            running = [item for item in running if item.state is State.RUNNING]

    def _stop(self, statement: Statement, *, by_time_limit: bool = False) -> bool:
        was_running = statement.stop(by_time_limit=by_time_limit)
        if was_running:
            self._pool.repeat(statement.interrupt, _SECONDS_BETWEEN_INTERRUPTS, statement.done.done)
        return was_running

    def _run(self, statement: Statement) -> None:
        result: Result | None = None
        error: Error | None = None
        timer = self._pool.after(statement.time_limit, lambda: self._stop(statement, by_time_limit=True))
        try:
            result = self._result(statement)
        except BaseException as raised:  # noqa: BLE001 - whatever it is, the client must be told
            error = self._error(statement, raised)
        finally:
            timer()
        self._history.add(statement.over(error))
        statement.finish(result, error)

    def _result(self, statement: Statement) -> Result:
        statement.run_on()
        compiled = self._compiler.compile(
            statement.text, statement.session, () if statement.is_batch else statement.values
        )
        statement.compiled = compiled
        if compiled.reads_log:
            self._before_logs_are_read()
        if compiled.reads_history:
            self._history.write_out(self._running())
        runner = Runner(statement.session, lambda duck: self._watch(statement, duck), statement.is_stopped)
        if statement.describe_only and compiled.sql:
            return runner.describe(compiled, statement.values)
        if statement.is_batch:
            return runner.run_many(compiled, statement.values)
        return runner.run(compiled, statement.values)

    def _watch(self, statement: Statement, duck: DuckConnection | None) -> None:
        with self._lock:
            if duck is not None:
                self._by_lease[duck.lease_id] = statement
            else:
                for lease in [key for key, value in self._by_lease.items() if value is statement]:
                    del self._by_lease[lease]
        statement.watch(duck)

    def _running(self) -> list[PastStatement]:
        with self._lock:
            return [item.running() for item in self._by_id.values() if item.state is State.RUNNING]

    def _error(self, statement: Statement, raised: BaseException) -> Error:
        if statement.time_limit_was_met:
            error: Error = timed_out(statement.time_limit)
        elif statement.is_stopped():
            error = canceled()
        else:
            error = to_snowflake(raised)
        error.sfqid = statement.query_id
        return error

    def _forget_old(self) -> None:
        """Keep the newest statements; called with the lock held."""
        while len(self._by_id) > _MOST_KEPT:
            self._by_id.popitem(last=False)
        while len(self._by_request) > _MOST_KEPT:
            self._by_request.popitem(last=False)

    def _forget_old_results(self, n_new_bytes: int) -> None:
        """Keep a bounded size of the newest results."""
        with self._lock:
            self._bytes_since_look += n_new_bytes
            if self._bytes_since_look <= _MOST_KEPT_BYTES // _SHARE_BETWEEN_LOOKS:
                return
            self._bytes_since_look = 0
            size = 0
            for statement in reversed(self._by_id.values()):
                if statement.result is None:
                    continue
                size += statement.result_bytes
                if size > _MOST_KEPT_BYTES:
                    statement.result = None
