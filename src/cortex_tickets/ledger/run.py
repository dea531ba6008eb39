"""Runs an operation over a source: a work list once, then chunk after chunk, each one set-based statement."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.errors import InvalidInputError, StatementTimeoutError
from cortex_tickets.ledger.lease import Lease
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.ledger.runs_table import RunsTable
from cortex_tickets.ledger.schema import create_tables
from cortex_tickets.ledger.spending import Spending, counted_chunks, used_tokens
from cortex_tickets.ledger.work_list import WorkList, make_work_list
from cortex_tickets.ledger.writing import write_chunk, write_known
from cortex_tickets.problems import seconds_problems, whole_number_problems
from cortex_tickets.progress import RowBar, RowListener
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.table_name import TableName
from cortex_tickets.table_run import RunState, TableRun

logger = logging.getLogger("cortex_tickets")

CHUNK_ROWS = 25_000
"""Distinct texts that one statement asks, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run goes about its work."""

    budget: Budget | None
    prices: PriceTable
    chunk_rows: int = CHUNK_ROWS
    timeout: float | None = None
    """Seconds for the whole run; a chunk that is under way when they are over is stopped, and counts as not asked."""
    listener: RowListener | None = None
    """Is told, after each chunk, how many texts are answered and how many there are."""

    def __post_init__(self) -> None:
        problems = [*whole_number_problems("chunk_rows", self.chunk_rows, least=1), *seconds_problems(self.timeout)]
        given: object = self.budget
        if given is not None and not isinstance(given, Budget):
            problems.append(f"budget={given!r} is no Budget. Write budget=Budget(ai_credits=...).")
        elif isinstance(given, Budget) and given.ai_credits is None:
            problems.append("This is paid in AI credits, and the budget limits none: give Budget(ai_credits=...).")
        if problems:
            raise InvalidInputError(problems)


def run_operation(
    client: CortexClient,
    operation: Operation,
    *,
    source: WorkSource,
    into: TableName,
    n_rows: int,
    settings: RunSettings,
) -> TableRun:
    """Answer every ticket of the source that has no answer in the ledger yet, and return the run's record.

    A run that dies loses at most the chunk under way; the next run does exactly what is missing.
    """
    run = _Run(client, operation, source=source, into=into, n_rows=n_rows, settings=settings)
    return run.carry_out()


class _Run:
    def __init__(
        self,
        client: CortexClient,
        operation: Operation,
        *,
        source: WorkSource,
        into: TableName,
        n_rows: int,
        settings: RunSettings,
    ) -> None:
        self.id = uuid.uuid4().hex
        tag = json.dumps({"app": "cortex_tickets", "run_id": self.id, "operation": operation.name})
        self._client = client.tagged(tag).within(settings.timeout)
        # What is written down at the end has to be written when the time is over, too.
        self._closing_client = self._client.without_deadline()
        self._lease = Lease(self._client, into, operation.hash, self.id)
        self._runs = RunsTable(into, self.id)
        self._operation = operation
        self._source = source
        self._into = into
        self._n_rows = n_rows
        self._settings = settings
        self._started = client.clock.monotonic()
        self._started_at: datetime = client.clock.now()
        self._spending = Spending(operation, settings.prices, settings.budget)
        self._n_tickets: int | None = None
        self._is_known_written = False

    def carry_out(self) -> TableRun:
        create_tables(
            self._client,
            self._into,
            {**self._operation.extra_columns, **dict.fromkeys(self._source.details, "VARCHAR")},
        )
        with self._lease.held():
            self._runs.give_up_dead_runs(self._client, self._operation)
            self._runs.begin(self._client, self._operation, source=self._source.name, n_rows=self._n_rows)
            try:
                # Only now, so that it knows what the lease's last holder wrote.
                with self._work_list() as work:
                    reason = self._write_all(work)
                    record = self._record(work, reason)
            except BaseException as error:
                self._close_failed(error)
                raise
            finally:
                if isinstance(self._settings.listener, RowBar):
                    self._settings.listener.close()
            self._close(record.state.value, record.reason, record.n_left)
        logger.info("run %s: %s, %d texts asked", self.id, record.state.value, self._spending.n_asked)
        return record

    def _close_failed(self, error: BaseException) -> None:
        # The caller needs the failure itself, not that of noting it over a connection that may be gone.
        with suppress(Exception):
            spent = used_tokens(self._closing_client, self._into, self.id)
            self._spending.input_tokens, self._spending.output_tokens = spent
            self._close("FAILED", type(error).__name__, None)

    @contextmanager
    def _work_list(self) -> Iterator[WorkList]:
        table = self._into.sibling(f"_WORK_{self.id[:12].upper()}")
        try:
            yield make_work_list(
                self._client,
                self._operation,
                self._source,
                self._into,
                table,
                count_tokens=self._spending.limit is not None,
            )
        finally:
            # A temporary table goes with its session anyhow.
            with suppress(Exception):
                self._closing_client.run(f"DROP TABLE IF EXISTS {table.sql}")

    def _write_all(self, work: WorkList) -> str | None:
        self._n_tickets = work.n_tickets
        try:
            return self._write_until_stopped(work)
        except StatementTimeoutError:
            reason = self._out_of_time()
            if reason is None:
                raise  # not our limit but the account's
            return reason

    def _write_until_stopped(self, work: WorkList) -> str | None:
        if work.n_to_copy:
            reason = self._lease.lost()
            if reason:
                return reason
            self._send(write_known(self._operation, self._source, self._into, work, self.id))
        self._is_known_written = True
        if self._spending.limit is not None:
            self._spending.chunk_tokens = counted_chunks(self._client, work.table, self._settings.chunk_rows)
        for chunk, first in enumerate(range(0, work.n_to_ask, self._settings.chunk_rows)):
            reason = self._spending.stop_before(chunk) or self._out_of_time() or self._lease.lost()
            if reason:
                return reason
            self._write_chunk(work, chunk, first)
        return None

    def _write_chunk(self, work: WorkList, chunk: int, first: int) -> None:
        last = min(first + self._settings.chunk_rows, work.n_to_ask)
        statement = write_chunk(self._operation, self._source, self._into, work, self.id, first=first, last=last)
        self._send(statement)
        self._spending.n_asked += last - first
        if self._spending.limit is not None:
            # Only a budget has to know after each chunk; without one the tokens are added up once, at the end.
            read, written = used_tokens(self._closing_client, self._into, self.id)
            self._spending.add(chunk, read - self._spending.input_tokens, written - self._spending.output_tokens)
        if self._settings.listener is not None:
            self._settings.listener(self._spending.n_asked, work.n_to_ask)

    def _send(self, statement: Statement) -> None:
        # Whatever becomes of this client, the server stops writing before another run may take the lease.
        self._client.rows(statement, timeout=self._lease.statement_seconds)

    def _out_of_time(self) -> str | None:
        return f"the timeout of {self._settings.timeout:g} s is over" if self._client.seconds_left == 0.0 else None

    def _record(self, work: WorkList, reason: str | None) -> TableRun:
        by_outcome = self._by_outcome()
        spent = used_tokens(self._closing_client, self._into, self.id)
        self._spending.input_tokens, self._spending.output_tokens = spent
        return TableRun(
            run_id=self.id,
            source=self._source.name,
            into=str(self._into),
            classifier_hash=self._operation.hash,
            model=self._operation.model,
            state=RunState.COMPLETE if reason is None else RunState.INCOMPLETE,
            reason=reason,
            n_rows=self._n_rows,
            n_tickets=work.n_tickets,
            n_left=0 if reason is None else self._n_left(work),
            n_by_outcome=by_outcome,
            n_texts_asked=self._spending.n_asked,
            input_tokens=None if self._spending.is_untold else self._spending.input_tokens,
            output_tokens=None if self._spending.is_untold else self._spending.output_tokens,
            ai_credits=self._spending.ai_credits,
            seconds=self._client.clock.monotonic() - self._started,
            started_at=self._started_at,
        )

    def _n_left(self, work: WorkList) -> int:
        """Count the tickets that still wait, by the work list: the source may have changed since it was made."""
        known = "" if self._is_known_written else " OR STATE <> 'ask'"
        waiting = f"(STATE = 'ask' AND N >= {self._spending.n_asked}){known}"
        count = f"SELECT COUNT(*) AS N FROM {work.table.sql} WHERE {waiting}"
        return int(self._closing_client.value(Statement(count)))

    def _by_outcome(self) -> dict[str, int]:
        """Count the source's tickets in the ledger itself: what is reported is what is there."""
        source = self._source
        rows = self._closing_client.run(
            f"SELECT L.OUTCOME, COUNT(*) AS N FROM {self._into.sql} L JOIN ("
            f"SELECT DISTINCT {source.id}::VARCHAR AS TICKET_ID, {text_hash(source.text)} AS TEXT_HASH "
            f"FROM {source.relation}) S ON S.TICKET_ID = L.TICKET_ID AND S.TEXT_HASH = L.TEXT_HASH "
            f"WHERE L.CLASSIFIER_HASH = {literal(self._operation.hash)} GROUP BY L.OUTCOME ORDER BY N DESC, L.OUTCOME"
        )
        return {str(row["OUTCOME"]): int(row["N"]) for row in rows}

    def _close(self, state: str, reason: str | None, n_left: int | None) -> None:
        self._runs.close(
            self._closing_client,
            self._spending,
            state=state,
            reason=reason,
            n_tickets=self._n_tickets,
            n_left=n_left,
        )
