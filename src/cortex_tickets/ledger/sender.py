"""Sends what a run asks and writes, and knows whether the server may still be at work on it when nobody waits."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import ConnectionLostError, CortexError
from cortex_tickets.ledger.lease import Lease
from cortex_tickets.ledger.runs_table import RunsTable

logger = logging.getLogger("cortex_tickets")


class Sender:
    """Sends a run's long statements: looked after while they run, where the session can and others can find them.

    Args:
        client: How notes and signs of life are sent, whatever the run's time.
        lease: The run's lease; it is kept while a statement runs.
        runs: The run's row, where the statement under way is noted.
    """

    def __init__(self, client: CortexClient, lease: Lease, runs: RunsTable) -> None:
        self._client = client
        self._lease = lease
        self._runs = runs
        self.may_be_at_work = False
        """Whether the server may be at work on a statement that writes, although nobody waits for it any more."""
        self.expected_seconds: float | None = None
        """How long the statement under way will take at least, as far as those before it tell."""
        self._seconds_per_text: float | None = None

    def rows(
        self,
        statement: Statement,
        client: CortexClient,
        *,
        n_texts: int | None = None,
        failed: Callable[[CortexError], None] | None = None,
    ) -> list[Row]:
        """Return the statement's rows.

        Args:
            statement: What to send.
            client: How: within which time, and how often.
            n_texts: How many texts it asks; `None` where it asks nothing.
            failed: Is told of each try that failed.
        """
        started = client.clock.monotonic()
        self.expected_seconds = None
        if n_texts and self._seconds_per_text is not None:
            self.expected_seconds = self._seconds_per_text * n_texts
        self.may_be_at_work |= statement.writes
        try:
            rows = client.rows(
                statement,
                # Whatever becomes of this client, the server stops the statement in bounded time.
                timeout=self._lease.statement_seconds,
                watch=self if self._lease.gives_signs else None,
                failed=failed,
            )
        except CortexError as error:
            # A failure that the server has told is the statement's end; a connection's is not.
            if not isinstance(error, ConnectionLostError):
                self.over()
            raise
        self.over()
        if n_texts:
            # The fastest so far: one that is faster than expected is noticed late, one that is slower costs some looks.
            taken = (client.clock.monotonic() - started) / n_texts
            self._seconds_per_text = taken if self._seconds_per_text is None else min(taken, self._seconds_per_text)
        return rows

    def sent(self, query_id: str) -> None:
        """Note which statement is under way, for whoever has to look for it; session and tag find it without."""
        with suppress(CortexError):
            self._runs.note_statement(self._client, query_id)

    def waiting(self) -> None:
        """Give a sign of life where it is time. One that fails is given anew at the next look.

        Raises:
            LeaseLostError: If another run took over.
        """
        try:
            self._lease.keep()
        except CortexError as error:
            logger.debug("a sign of life failed: %s", type(error).__name__)

    def over(self) -> None:
        """Note that the server works on the statement no more."""
        self.may_be_at_work = False
