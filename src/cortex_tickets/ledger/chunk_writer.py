"""Asks the texts of a work list, a chunk in each statement, and finds the text or the model that makes one fail."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cortex_tickets._cortex.candidates import put_to_next
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.retry import DEFAULT_RETRY, RetryPolicy
from cortex_tickets.errors import (
    CortexError,
    ModelNotFoundError,
    TextRefusedError,
    TransientCortexError,
    UnexpectedAnswerError,
)
from cortex_tickets.ledger.lease import Lease
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.ledger.row_failures import common_failure
from cortex_tickets.ledger.sender import Sender
from cortex_tickets.ledger.spending import Spending
from cortex_tickets.ledger.stopping import RunStoppedError
from cortex_tickets.ledger.tally import Tally, tally_of_chunk
from cortex_tickets.ledger.work_list import WorkList
from cortex_tickets.ledger.writing import write_chunk, write_failed_text, write_known
from cortex_tickets.records.table_name import TableName

logger = logging.getLogger("cortex_tickets")

_REMOTE_SERVICE_CODES = {100351, 512513}
"""Codes of what a Cortex function failed with, whatever its words."""
_FEW_TEXTS = 3
"""So many single texts may fail one after the other before the service itself is taken to be the one that fails."""
_RETRY_OF_PARTS = RetryPolicy(max_attempts=2)
"""A part of a chunk was tried as often as the chunk already."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Texts that one statement asks: a chunk, or a part of one."""

    texts: range
    chunk: int
    """Number of the chunk."""
    share: float = 1.0
    """How much of the chunk it is, 0 to 1."""

    def halves(self) -> tuple[_Part, _Part]:
        """Return its halves, in order."""
        middle = (self.texts.start + self.texts.stop) // 2
        parts = (range(self.texts.start, middle), range(middle, self.texts.stop))
        first, second = (_Part(part, self.chunk, self.share * len(part) / len(self.texts)) for part in parts)
        return first, second


class ChunkWriter:
    """Writes one run's rows.

    Args:
        client: How statements are sent, within the run's time.
        closing_client: The same without its deadline, for what has to be known when the time is over.
        lease: The run's lease.
        sender: Sends what asks and writes.
        spending: What was spent, and which model is asked now.
        source: Whose tickets.
        into: The ledger.
        work: What has to be asked.
        run_id: The run.
    """

    def __init__(
        self,
        client: CortexClient,
        closing_client: CortexClient,
        *,
        lease: Lease,
        sender: Sender,
        spending: Spending,
        source: WorkSource,
        into: TableName,
        work: WorkList,
        run_id: str,
    ) -> None:
        self._client = client
        self._closing_client = closing_client
        self._lease = lease
        self._sender = sender
        self._spending = spending
        self._source = source
        self._into = into
        self._work = work
        self._run_id = run_id
        self._failed_texts = 0
        self._told_at: str | None = None

    def write_known(self) -> None:
        """Write the rows of tickets that are blank, or whose text was answered before."""
        statement = write_known(
            self._spending.operation, self._source, self._into, self._work, self._run_id, fence=self._lease.fence
        )
        rows = self._sender.rows(statement, self._client)
        self._require_written(rows, "the tickets that were answered before")

    def write(self, texts: range, chunk: int) -> None:
        """Ask the texts of a chunk and write all their tickets.

        A text that makes its statement fail has an error in the ledger; the others are answered. A failure that every
        row has in common counts as the statement's.

        A run's first chunk is asked in two halves where the budget would be used up if it failed before the text is
        found: so that every run comes further, and one that is resumed comes to an end.

        Raises:
            RunStoppedError: If another run took over, or the budget does not allow to go on with the chunk.
            ModelNotFoundError: If none of the operation's models answers.
            CortexError: If the service fails, and not one text.
        """
        whole = _Part(texts, chunk)
        if len(texts) == 1 or self._spending.leaves_room_to_halve(chunk):
            self._write(whole, self._client, replaces=self._work.has_errors)
            return
        for half in whole.halves():
            self._require_budget(half)
            self._lease.keep()
            self._write(half, self._client, replaces=self._work.has_errors)

    def _write(self, part: _Part, client: CortexClient, *, replaces: bool, attempt: int = 1) -> None:
        try:
            rows = self._ask(part, client, replaces=replaces)
        except ModelNotFoundError as error:
            self._turn_to_next_model(error, part)
            self._write(part, client, replaces=replaces)
        except (TextRefusedError, TransientCortexError) as error:
            self._write_parts(part, error, replaces=replaces)
        except CortexError as error:
            # What no table knows may be one text's fault; of what is known, only the above is.
            if type(error) is not CortexError or error.code not in _REMOTE_SERVICE_CODES:
                raise
            self._write_parts(part, error, replaces=replaces)
        else:
            # Not in the try: what fails from here on says nothing against the texts, which are answered.
            self._require_written(rows, f"the texts {part.texts.start} to {part.texts.stop - 1}")
            told = self._tallied(part.texts)
            failure = common_failure(told, self._spending.operation.model)
            if failure is None:
                self._is_answered(part, told)
            else:
                self._after_common_failure(part, client, failure, told, attempt=attempt)

    def _after_common_failure(
        self, part: _Part, client: CortexClient, failure: CortexError, told: Tally, *, attempt: int
    ) -> None:
        """Do what follows from a failure that every row has, whose rows stand in the ledger with it now."""
        if isinstance(failure, ModelNotFoundError):
            self._turn_to_next_model(failure, part)
            self._spending.n_errors -= told.n_errors
            self._write(part, client, replaces=True)
        elif not isinstance(failure, TransientCortexError):
            raise failure
        elif attempt < (failure.max_attempts or DEFAULT_RETRY.max_attempts):
            self._client.clock.sleep(DEFAULT_RETRY.wait_before(attempt))
            self._require_budget(part)
            self._lease.keep()
            self._spending.n_errors -= told.n_errors
            self._write(part, client, replaces=True, attempt=attempt + 1)
        elif len(part.texts) > _FEW_TEXTS:
            raise failure
        else:
            self._is_answered(part, told)

    def _is_answered(self, part: _Part, told: Tally) -> None:
        if told.n_errors < told.n_rows:
            self._failed_texts = 0
        self._spending.n_asked += len(part.texts)

    def _ask(self, part: _Part, client: CortexClient, *, replaces: bool) -> list[Row]:
        statement = write_chunk(
            self._spending.operation,
            self._source,
            self._into,
            self._work,
            self._run_id,
            chunk=part.texts,
            fence=self._lease.fence,
            replaces=replaces,
        )
        return self._sender.rows(
            statement, client, n_texts=len(part.texts), failed=lambda error: self._spending.failed(error, part)
        )

    def _tallied(self, texts: range) -> Tally:
        told = tally_of_chunk(
            self._closing_client, self._into, self._work.table, self._run_id, texts=texts, since=self._told_at
        )
        self._told_at = told.told_at
        self._spending.add(told)
        return told

    def _turn_to_next_model(self, refusal: ModelNotFoundError, part: _Part) -> None:
        refused = self._spending.operation
        self._spending.operation = put_to_next(refused, refusal)
        logger.warning(
            "run %s: %s does not answer (%s); asking %s",
            self._run_id,
            refused.model,
            refusal.reason,
            self._spending.operation.model,
        )
        self._require_budget(part)

    def _require_budget(self, part: _Part) -> None:
        reason = self._spending.stop_before(part.chunk, share=part.share)
        if reason is not None:
            raise RunStoppedError(reason)

    def _write_parts(self, part: _Part, error: CortexError, *, replaces: bool) -> None:
        """Halve a chunk that fails as a whole until the text is found that makes it fail."""
        if len(part.texts) == 1:
            self._write_failed_text(part, error, replaces=replaces)
            return
        patient_enough = self._client.with_retry(_RETRY_OF_PARTS)
        for half in part.halves():
            self._require_budget(half)
            self._lease.keep()
            self._write(half, patient_enough, replaces=replaces)

    def _write_failed_text(self, part: _Part, error: CortexError, *, replaces: bool) -> None:
        if not isinstance(error, TextRefusedError):
            self._failed_texts += 1
            if self._failed_texts > _FEW_TEXTS:
                raise error
        statement = write_failed_text(
            self._spending.operation,
            self._source,
            self._into,
            self._work,
            self._run_id,
            number=part.texts.start,
            error=error.reason,
            fence=self._lease.fence,
            replaces=replaces,
        )
        self._require_written(self._sender.rows(statement, self._client), f"the text {part.texts.start}")
        self._tallied(part.texts)
        self._spending.n_asked += 1

    def _require_written(self, answer: Sequence[Row], what: str) -> None:
        """Check that the statement did something: behind a lost lease's fence it does nothing."""
        counts: list[Any] = [count for row in answer for count in row.values()]
        if not counts or any(int(count) for count in counts):
            return
        self._lease.keep(at_once=True)
        raise UnexpectedAnswerError(f"Snowflake wrote no row for {what}", answer=counts)
