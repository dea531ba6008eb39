"""The record of one table operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import PrivateAttr

from cortex_tickets._cortex.quoting import literal
from cortex_tickets.errors import IncompleteRunError, InvalidInputError
from cortex_tickets.records.record import Received
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session


class RunState(StrEnum):
    """Whether a run did all its work."""

    COMPLETE = "COMPLETE"
    """Every ticket row of the source has its row in the ledger."""
    INCOMPLETE = "INCOMPLETE"
    """Some have none yet; `reason` says why, and `resume` goes on."""


class TableRun(Received):
    """What a table operation did: rows by outcome, texts asked, tokens, credits, seconds."""

    run_id: str
    """Names the run on its ledger rows."""
    source: str
    """Where the tickets came from."""
    into: str
    """The ledger table, with database and schema."""
    classifier_hash: str
    """Everything that could change an answer; the rows of this run carry it."""
    model: str
    """The model that was asked."""
    state: RunState
    """Whether all is done."""
    reason: str | None = None
    """Why the run stopped; `None` if it is complete."""
    n_rows: int
    """Ticket rows in the source, blank ones included."""
    n_tickets: int
    """Tickets: rows that are equal in id and text are one."""
    n_left: int
    """Tickets that this run did not come to, those whose error was to be asked again among them."""
    n_by_outcome: Mapping[str, int]
    """Tickets in the ledger by outcome, for this source and classifier."""
    n_texts_asked: int
    """Distinct texts that this run sent to the model."""
    input_tokens: int | None
    """Tokens read by the model in this run; `None` if the server did not tell, as for AI_CLASSIFY."""
    output_tokens: int | None
    """Tokens written by the model in this run; `None` if the server did not tell."""
    ai_credits: float | None
    """AI credits at the price table's rates; `None` if the model's price is unknown, or the server told no tokens."""
    seconds: float
    """Seconds from call to return."""
    started_at: datetime
    """When the run began, in UTC."""

    _session: Session | None = PrivateAttr(default=None)
    _again: Callable[[], TableRun] | None = PrivateAttr(default=None)

    @property
    def is_complete(self) -> bool:
        """Whether every ticket has its row."""
        return self.state is RunState.COMPLETE

    def require_complete(self) -> Self:
        """Return the run itself if it is complete.

        Raises:
            IncompleteRunError: If tickets are left.
        """
        if not self.is_complete:
            raise IncompleteRunError(run_id=self.run_id, n_left=self.n_left, reason=self.reason or "no reason given")
        return self

    def resume(self) -> TableRun:
        """Do what is left, with the same settings and the same budget anew, and return the new run's record."""
        if self._again is None:
            raise InvalidInputError("This record was read back from a table; call the classifier's method again.")
        return self._again()

    def to_dataframe(self) -> Any:
        """Return the ledger rows of the run's classifier as the session's own lazy DataFrame: one row per ticket.

        The ledger may be shared: tickets of another source that the same classifier labelled are among them.
        """
        if self._session is None:
            raise InvalidInputError("This record is not attached to a session.")
        return self._session.sql(self.rows_query())

    def rows_query(self) -> str:
        """Return a SELECT of the ledger rows of this run's classifier."""
        return f"SELECT * FROM {TableName.parse(self.into).sql} WHERE CLASSIFIER_HASH = {literal(self.classifier_hash)}"

    def attached(self, session: Session, again: Callable[[], TableRun]) -> Self:
        """Return the record, able to read its rows and to go on."""
        self._session = session
        self._again = again
        return self

    def __str__(self) -> str:
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in self.n_by_outcome.items())
        cost = "AI credits unknown" if self.ai_credits is None else f"{self.ai_credits:.6f} AI credits"
        told = self.input_tokens is not None and self.output_tokens is not None
        tokens = f"{self.input_tokens:,} tokens in, {self.output_tokens:,} out" if told else "tokens not told"
        left = "" if self.is_complete else f"; {self.n_left} left: {self.reason}"
        return (
            f"{self.state.value}: {self.n_rows} rows ({outcomes}); {self.n_texts_asked} texts asked, "
            f"{tokens}, {cost}, {self.seconds:.1f} s{left}"
        )
