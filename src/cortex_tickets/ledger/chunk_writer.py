"""Asks the texts of a work list, a chunk in each statement, and finds the text or the model that makes one fail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from cortex_tickets._cortex.candidates import put_to_next, refusal_of_rows
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import (
    CortexError,
    ModelNotFoundError,
    TextRefusedError,
    TransientCortexError,
    UnexpectedAnswerError,
)
from cortex_tickets.ledger.lease import Lease
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.ledger.runs_table import RunsTable
from cortex_tickets.ledger.spending import Spending, Tally, tally
from cortex_tickets.ledger.work_list import WorkList
from cortex_tickets.ledger.writing import write_chunk, write_failed_text, write_known
from cortex_tickets.records.table_name import TableName

logger = logging.getLogger("cortex_tickets")

_REMOTE_SERVICE_CODES = {100351, 512513}
"""Codes of what a Cortex function failed with, whatever its words."""
_MOST_FAILED_TEXTS = 3
"""Single texts that may fail one after the other before the service itself is taken to be the one that fails."""
_RETRY_OF_PARTS = RetryPolicy(max_attempts=2)
"""A part of a chunk was tried as often as the chunk already."""


class ChunkWriter:
    """Writes one run's rows.

    Args:
        client: How statements are sent, within the run's time.
        closing_client: The same without its deadline, for what has to be known when the time is over.
        lease: The run's lease; it is kept while a statement runs.
        runs: The run's row, where the statement under way is noted.
        spending: What was spent, and which model is asked now.
        source: Whose tickets.
        into: The ledger.
        work: What has to be asked.
        run_id: The run.
        is_findable: Whether statements are looked after while they run.
    """

    def __init__(
        self,
        client: CortexClient,
        closing_client: CortexClient,
        *,
        lease: Lease,
        runs: RunsTable,
        spending: Spending,
        source: WorkSource,
        into: TableName,
        work: WorkList,
        run_id: str,
        is_findable: bool,
    ) -> None:
        self._client = client
        self._closing_client = closing_client
        self._lease = lease
        self._runs = runs
        self._spending = spending
        self._source = source
        self._into = into
        self._work = work
        self._run_id = run_id
        self._is_findable = is_findable
        self._failed_texts = 0
        self._n_rows = 0

    def write_known(self) -> None:
        """Write the rows of tickets that are blank, or whose text was answered before."""
        statement = write_known(
            self._spending.operation, self._source, self._into, self._work, self._run_id, fence=self._lease.fence
        )
        self._require_written(self._send(statement, self._client), "the tickets that were answered before")
        self._n_rows += self._work.n_to_copy

    def write(self, chunk: range) -> None:
        """Ask the texts of a chunk and write all their tickets.

        A text that makes its statement fail has an error in the ledger; the others are answered.

        Raises:
            LeaseLostError: If another run took over.
            ModelNotFoundError: If none of the operation's models answers.
            CortexError: If the service fails, and not one text.
        """
        self._write(chunk, self._client, replaces=self._work.has_errors)
        self._spending.n_asked += len(chunk)

    def _write(self, chunk: range, client: CortexClient, *, replaces: bool) -> None:
        n_rows, n_errors = self._n_rows, self._spending.n_errors
        try:
            told = self._ask(chunk, client, replaces=replaces)
        except ModelNotFoundError as error:
            self._turn_to_next_model(error)
            self._write(chunk, client, replaces=replaces)
        except (TextRefusedError, TransientCortexError) as error:
            self._write_parts(chunk, error, replaces=replaces)
        except CortexError as error:
            # What no table knows may be one text's fault; of what is known, only the above is.
            if type(error) is not CortexError or error.code not in _REMOTE_SERVICE_CODES:
                raise
            self._write_parts(chunk, error, replaces=replaces)
        else:
            if told.n_errors - n_errors < told.n_rows - n_rows:
                self._failed_texts = 0
            elif refusal := refusal_of_rows(self._spending.operation.model, [told.last_error]):
                # The same refusal as an exception's, told row by row: nothing was answered.
                self._turn_to_next_model(refusal)
                self._n_rows, self._spending.n_errors = n_rows, n_errors
                self._write(chunk, client, replaces=True)

    def _ask(self, chunk: range, client: CortexClient, *, replaces: bool) -> Tally:
        statement = write_chunk(
            self._spending.operation,
            self._source,
            self._into,
            self._work,
            self._run_id,
            chunk=chunk,
            fence=self._lease.fence,
            replaces=replaces,
        )
        self._require_written(self._send(statement, client), f"the texts {chunk.start} to {chunk.stop - 1}")
        return self._tallied()

    def _tallied(self) -> Tally:
        told = tally(self._closing_client, self._into, self._run_id)
        self._spending.take(told)
        self._n_rows = told.n_rows
        return told

    def _turn_to_next_model(self, refusal: ModelNotFoundError) -> None:
        refused = self._spending.operation
        self._spending.operation = put_to_next(refused, refusal)
        logger.warning(
            "run %s: %s does not answer (%s); asking %s",
            self._run_id,
            refused.model,
            refusal.reason,
            self._spending.operation.model,
        )

    def _write_parts(self, chunk: range, error: CortexError, *, replaces: bool) -> None:
        """Halve a chunk that fails as a whole until the text is found that makes it fail."""
        if len(chunk) == 1:
            self._write_failed_text(chunk.start, error)
            return
        middle = (chunk.start + chunk.stop) // 2
        patient_enough = self._client.with_retry(_RETRY_OF_PARTS)
        for part in (range(chunk.start, middle), range(middle, chunk.stop)):
            self._lease.keep()
            self._write(part, patient_enough, replaces=replaces)

    def _write_failed_text(self, number: int, error: CortexError) -> None:
        if not isinstance(error, TextRefusedError):
            self._failed_texts += 1
            if self._failed_texts > _MOST_FAILED_TEXTS:
                raise error
        statement = write_failed_text(
            self._spending.operation,
            self._source,
            self._into,
            self._work,
            self._run_id,
            number=number,
            error=error.reason,
            fence=self._lease.fence,
        )
        self._require_written(self._send(statement, self._client), f"the text {number}")
        self._tallied()

    def _send(self, statement: Statement, client: CortexClient) -> list[Row]:
        # Whatever becomes of this client, the server stops the statement in bounded time.
        seconds = self._lease.statement_seconds
        watch = _Watch(self._closing_client, self._lease, self._runs) if self._is_findable else None
        return client.rows(statement, timeout=seconds, watch=watch)

    def _require_written(self, answer: Sequence[Row], what: str) -> None:
        """Check that the statement did something: behind a lost lease's fence it does nothing."""
        counts: list[Any] = [count for row in answer for count in row.values()]
        if not counts or any(int(count) for count in counts):
            return
        self._lease.keep(at_once=True)
        raise UnexpectedAnswerError(f"Snowflake wrote no row for {what}", answer=counts)


class _Watch:
    """Keeps the lease and notes the statement while it runs."""

    def __init__(self, client: CortexClient, lease: Lease, runs: RunsTable) -> None:
        self._client = client
        self._lease = lease
        self._runs = runs

    def sent(self, query_id: str) -> None:
        """Note which statement it is, for whoever has to look for it."""
        self._runs.note_statement(self._client, query_id)

    def waiting(self) -> None:
        """Give a sign of life where it is time."""
        self._lease.keep()
