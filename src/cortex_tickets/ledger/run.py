"""Runs an operation over a source: a work list once, then chunk after chunk, each one set-based statement."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import CortexError, StatementTimeoutError
from cortex_tickets.ledger.chunk_writer import ChunkWriter
from cortex_tickets.ledger.interruption import termination_raised
from cortex_tickets.ledger.lease import Lease, LeaseLostError
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.ledger.orphans import (
    SECONDS_AFTER_SIGN,
    cancel_statements,
    findable_session,
    wait_for_orphans,
)
from cortex_tickets.ledger.runs_table import RunsTable
from cortex_tickets.ledger.schema import create_tables
from cortex_tickets.ledger.sender import Sender
from cortex_tickets.ledger.settings import RunSettings
from cortex_tickets.ledger.spending import Spending, counted_chunks
from cortex_tickets.ledger.stopping import RunStoppedError
from cortex_tickets.ledger.tally import tally_of_run
from cortex_tickets.ledger.views import make_view
from cortex_tickets.ledger.work_list import WorkList, make_work_list, outcomes_query
from cortex_tickets.progress import RowBar
from cortex_tickets.records.run_progress import RunProgress
from cortex_tickets.records.table_name import TableName
from cortex_tickets.table_run import RunState, TableRun

logger = logging.getLogger("cortex_tickets")

_HOW_TO_RESUME = (
    "Run {run_id} was stopped. What it has written stands in {into}; call the same method with the same arguments "
    "again, and it asks exactly what is missing."
)


def run_operation(
    client: CortexClient,
    *,
    source: WorkSource,
    into: TableName,
    n_rows: int,
    settings: RunSettings,
) -> TableRun:
    """Answer every ticket of the source that has no answer in the ledger yet, and return the run's record.

    A run that dies loses at most the chunk under way; the next run does exactly what is missing.
    """
    run = _Run(client, source=source, into=into, n_rows=n_rows, settings=settings)
    return run.carry_out()


class _Run:
    def __init__(
        self, client: CortexClient, *, source: WorkSource, into: TableName, n_rows: int, settings: RunSettings
    ) -> None:
        self.id = uuid.uuid4().hex
        self._operation: Operation = settings.operation
        tag = json.dumps({"app": "cortex_tickets", "run_id": self.id, "operation": self._operation.name})
        self._client = client.tagged(settings.query_tag or tag).within(settings.timeout)
        # What is written down at the end has to be written when the time is over, too.
        self._closing_client = self._client.without_deadline()
        self._runs = RunsTable(into, self.id)
        self._source = source
        self._into = into
        self._n_rows = n_rows
        self._settings = settings
        self._started = client.clock.monotonic()
        self._started_at: datetime = client.clock.now()
        self._spending = Spending(self._operation, settings.prices, settings.budget)
        self._first_chunk_at: float | None = None
        self._n_tickets: int | None = None
        self._is_known_written = False
        self._view: str | None = None

    def carry_out(self) -> TableRun:
        create_tables(
            self._client,
            self._into,
            {**self._operation.extra_columns, **dict.fromkeys(self._source.details, "VARCHAR")},
        )
        session_id = findable_session(self._client, self._into)
        lease = Lease(self._client, self._into, self._operation.hash, self.id, gives_signs=session_id is not None)
        try:
            with termination_raised(), lease.held():
                self._take_over(lease)
                record = self._carried_out(lease, session_id)
        except LeaseLostError as lost:
            # Before the work list was there; afterwards it is a result.
            raise lease.in_use() from lost
        except (KeyboardInterrupt, SystemExit) as error:
            told = _HOW_TO_RESUME.format(run_id=self.id, into=self._into)
            error.add_note(told)
            logger.warning(told)
            raise
        logger.info(
            "run %s: %s, %d texts asked", self.id, record.state.value, self._spending.n_asked, extra=_fields(record)
        )
        return record

    def _carried_out(self, lease: Lease, session_id: int | None) -> TableRun:
        sender = Sender(self._closing_client, lease, self._runs)
        # At the beginning, so that what a run has done so far can be read while it runs, and where it dies.
        self._view = make_view(self._client, self._into, self._operation.hash)
        self._runs.begin(
            self._client, self._operation, source=self._source.name, n_rows=self._n_rows, session_id=session_id
        )
        try:
            # Only now, so that it knows what the lease's last holder wrote.
            with self._work_list(sender) as work:
                reason = self._write_all(self._writer(lease, sender, work), lease, sender, work)
                record = self._record(work, reason)
        except BaseException as error:
            self._close_failed(error, lease, sender, session_id)
            raise
        finally:
            if isinstance(self._settings.listener, RowBar):
                self._settings.listener.close()
        self._close(record.state.value, record.reason, record.n_left)
        return record

    def _take_over(self, lease: Lease) -> None:
        """Wait for what dead runs left behind on the server, and note that they are over."""
        for dead in self._runs.dead_runs(self._client, self._operation, for_seconds=SECONDS_AFTER_SIGN):
            logger.info("run %s: run %s gave no sign of life; looking for its statements", self.id, dead.run_id)
            wait_for_orphans(self._client, self._into, dead, meanwhile=lease.keep)
            self._runs.give_up(self._client, dead)

    def _writer(self, lease: Lease, sender: Sender, work: WorkList) -> ChunkWriter:
        return ChunkWriter(
            self._client,
            self._closing_client,
            lease=lease,
            sender=sender,
            spending=self._spending,
            source=self._source,
            into=self._into,
            work=work,
            run_id=self.id,
        )

    def _close_failed(self, error: BaseException, lease: Lease, sender: Sender, session_id: int | None) -> None:
        """Note how the run ended, unless the server may still be at work for it: then it has not ended.

        Whoever takes over looks for the statements of runs that never ended, and waits for them; where nobody can find
        them, the lease lasts for as long as they may.
        """
        is_stopped = isinstance(error, KeyboardInterrupt | SystemExit)
        # The caller needs the failure itself, not that of noting it over a connection that may be gone.
        with suppress(Exception):
            if sender.may_be_at_work and is_stopped and session_id is not None:
                sender.may_be_at_work = not cancel_statements(
                    self._closing_client, self._into, session_id, self._client.tag
                )
            if sender.may_be_at_work:
                logger.warning(
                    "run %s: the server may still be at work on its last statement; the next run waits for it", self.id
                )
                if session_id is None:
                    lease.leave()
                return
            with suppress(CortexError):
                self._spending.take(tally_of_run(self._closing_client, self._into, self.id))
            self._close("INTERRUPTED" if is_stopped else "FAILED", type(error).__name__, None)

    @contextmanager
    def _work_list(self, sender: Sender) -> Iterator[WorkList]:
        table = self._into.sibling(f"_WORK_{self.id[:12].upper()}")
        try:
            yield make_work_list(
                partial(sender.rows, client=self._client),
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

    def _write_all(self, writer: ChunkWriter, lease: Lease, sender: Sender, work: WorkList) -> str | None:
        self._n_tickets = work.n_tickets
        try:
            return self._write_until_stopped(writer, lease, sender, work)
        except RunStoppedError as stopped:
            return str(stopped)
        except StatementTimeoutError:
            reason = self._out_of_time()
            if reason is None:
                raise  # not our limit but the account's
            return reason

    def _write_until_stopped(self, writer: ChunkWriter, lease: Lease, sender: Sender, work: WorkList) -> str | None:
        if work.n_to_copy:
            lease.keep()
            writer.write_known()
        self._is_known_written = True
        if self._spending.limit is not None:
            self._spending.chunk_tokens = counted_chunks(
                partial(sender.rows, client=self._client),
                self._operation,
                work.table,
                self._settings.chunk_rows,
            )
        self._first_chunk_at = self._client.clock.monotonic()
        self._tell(work)
        for chunk, first in enumerate(range(0, work.n_to_ask, self._settings.chunk_rows)):
            reason = self._spending.stop_before(chunk) or self._out_of_time()
            if reason:
                return reason
            lease.keep()
            read = self._spending.input_tokens
            writer.write(range(first, min(first + self._settings.chunk_rows, work.n_to_ask)), chunk)
            self._spending.chunk_is_over(chunk, told_tokens=self._spending.input_tokens > read)
            self._tell(work)
        return None

    def _tell(self, work: WorkList) -> None:
        spent, now = self._spending, self._client.clock.monotonic()
        asking = 0.0 if self._first_chunk_at is None else now - self._first_chunk_at
        rate = spent.n_asked / asking if asking and spent.n_asked else None
        progress = RunProgress(
            run_id=self.id,
            operation=self._operation.name,
            n_done=spent.n_asked,
            n_all=work.n_to_ask,
            n_errors=spent.n_errors,
            model=spent.operation.model,
            input_tokens=spent.input_tokens,
            output_tokens=spent.output_tokens,
            ai_credits=spent.ai_credits,
            seconds=now - self._started,
            texts_per_second=rate,
            seconds_left=(work.n_to_ask - spent.n_asked) / rate if rate else None,
        )
        logger.info("run %s: %d of %d texts", self.id, progress.n_done, progress.n_all, extra=_fields(progress))
        if self._settings.listener is not None:
            self._settings.listener(progress)

    def _out_of_time(self) -> str | None:
        return f"the timeout of {self._settings.timeout:g} s is over" if self._client.seconds_left == 0.0 else None

    def _record(self, work: WorkList, reason: str | None) -> TableRun:
        self._spending.take(tally_of_run(self._closing_client, self._into, self.id))
        spent = self._spending
        by_outcome, by_model = self._counted(work)
        return TableRun(
            run_id=self.id,
            source=self._source.name,
            into=str(self._into),
            view=self._view,
            classifier_hash=self._operation.hash,
            model=spent.operation.model,
            state=RunState.COMPLETE if reason is None else RunState.INCOMPLETE,
            reason=reason,
            n_rows=work.n_rows,
            n_tickets=work.n_tickets,
            n_left=0 if reason is None else self._n_left(work),
            n_by_outcome=by_outcome,
            n_by_model=by_model,
            n_texts_asked=spent.n_asked,
            n_texts_left=work.n_to_ask - spent.n_asked,
            input_tokens=None if spent.is_untold else spent.input_tokens,
            output_tokens=None if spent.is_untold else spent.output_tokens,
            ai_credits=spent.ai_credits,
            # Without a budget nobody counted what the server did not tell.
            ai_credits_counted=None if spent.is_untold and spent.limit is None else spent.counted_credits,
            ai_credits_left=spent.credits_left(work.n_to_ask - spent.n_asked),
            seconds=self._client.clock.monotonic() - self._started,
            statement_seconds=self._client.meter.seconds,
            started_at=self._started_at,
            query_tag=self._client.tag,
        )

    def _n_left(self, work: WorkList) -> int:
        """Count the tickets that still wait, by the work list: the source may have changed since it was made."""
        known = "" if self._is_known_written else " OR STATE IN ('copy', 'blank')"
        waiting = f"(STATE = 'ask' AND N >= {self._spending.n_asked}){known}"
        count = f"SELECT COUNT(*) AS N FROM {work.table.sql} WHERE {waiting}"
        return int(self._closing_client.value(Statement(count)))

    def _counted(self, work: WorkList) -> tuple[dict[str, int], dict[str, int]]:
        """Count the tickets of the work list by outcome and by model: what is told is what is in the ledger."""
        rows = self._closing_client.run(outcomes_query(work.table, self._into, self._operation.hash))
        by_outcome: dict[str, int] = {}
        by_model: dict[str, int] = {}
        for row in rows:
            by_outcome[str(row["OUTCOME"])] = by_outcome.get(str(row["OUTCOME"]), 0) + int(row["N"])
            if row["ANSWERED_BY"] is not None and row["OUTCOME"] not in ("blank", "error"):
                by_model[str(row["ANSWERED_BY"])] = by_model.get(str(row["ANSWERED_BY"]), 0) + int(row["N"])
        return by_outcome, by_model

    def _close(self, state: str, reason: str | None, n_left: int | None) -> None:
        self._runs.close(
            self._closing_client,
            self._spending,
            state=state,
            reason=reason,
            n_tickets=self._n_tickets,
            n_left=n_left,
        )


def _fields(record: TableRun | RunProgress) -> dict[str, object]:
    """Return the record for a structured log: figures and names, never a text."""
    return {"cortex_tickets": record.model_dump(mode="json")}
