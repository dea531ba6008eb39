"""The record of one table operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, PrivateAttr

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.known_runs import newest_run
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.usage import actual_cost
from cortex_tickets.errors import CortexError, IncompleteRunError, InvalidInputError, ObjectNotFoundError
from cortex_tickets.notebook_card import Tone, card, counted, facts, title, tokens
from cortex_tickets.records.actual_cost import ActualCost
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
    view: str | None = None
    """A view of this classifier's rows, made beside the ledger; `None` where the role may not make one."""
    classifier_hash: str
    """Everything that could change an answer; the rows of this run carry it."""
    model: str
    """The model that was asked, the last one where there were several."""
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
    n_by_model: Mapping[str, int] = Field(default_factory=dict)
    """Answered tickets in the ledger by the model that answered, for this source and classifier."""
    n_by_status: Mapping[str, int] = Field(default_factory=dict)
    """Replies in the ledger by status, `unchecked` among them, for this source and generator; empty for other runs."""
    n_texts_asked: int
    """Distinct texts that this run sent to the model."""
    n_texts_left: int = 0
    """Distinct texts that it did not come to."""
    input_tokens: int | None
    """Tokens read by the model in this run; `None` if the server did not tell, as for AI_CLASSIFY."""
    output_tokens: int | None
    """Tokens written by the model in this run; `None` if the server did not tell."""
    ai_credits: float | None
    """AI credits at the price table's rates; `None` if the model's price is unknown, or the server told no tokens."""
    ai_credits_counted: float | None = None
    """AI credits that count against a budget: an unknown price as the dearest listed one, tokens that were not told
    and those of statements that failed as what they cost at most. `None` where the server told no tokens and there was
    no budget for which they would have been counted, and for a record of an older version."""
    ai_credits_left: float | None = None
    """About how many AI credits the rest would cost, its answers being as long as those so far; 0 if nothing is left,
    `None` if that is unknown."""
    seconds: float
    """Seconds from call to return."""
    statement_seconds: float | None = None
    """Seconds of the run's statements, as the client saw them: the warehouse's share, paid in platform credits by its
    size. `None` for a record of an older version."""
    started_at: datetime
    """When the run began, in UTC."""
    query_tag: str | None = None
    """Query tag of the run's statements, by which the usage views find them; `None` for a record of an older
    version."""
    further_query_tags: tuple[str, ...] = ()
    """Query tags of what was asked a second time, which is a run of its own in the runs table."""

    _session: Session | None = PrivateAttr(default=None)
    _again: Callable[[], TableRun] | None = PrivateAttr(default=None)
    _current: str | None = PrivateAttr(default=None)

    @classmethod
    def load(
        cls,
        session: Session,
        into: str,
        *,
        model: str | None = None,
        classifier_hash: str | None = None,
        source: str | None = None,
        timeout: float | None = None,
    ) -> Self:
        """Return the newest labelling run that a ledger tells of: for another process, which has not its record.

        Two statements, free but for the warehouse. A run that died, or is under way, is INCOMPLETE. Outcomes are
        counted over all rows of the classifier; what the runs table does not keep is `None`, or as it is by default.

        Args:
            session: Where the ledger is.
            into: The ledger that `classify_table` wrote.
            model: Whose labels; only needed where several models have labelled.
            classifier_hash: Of the classifier whose labels are meant, where one model labelled by several label sets
                or prompts; `None` for the newest.
            source: The table that was labelled; where runs of it are there, others do not count, such as those of an
                evaluation over a test split.
            timeout: Seconds for both statements; `None` for the session's own limit.

        Raises:
            InvalidInputError: If there is no such ledger or run, or if it is of several models and none was named.
        """
        table = TableName.parse(into, role="ledger")
        client = CortexClient(session).within_given(timeout)
        labelled = None if source is None else TableName.parse(source)
        row = newest_run(client, table, model=model, classifier_hash=classifier_hash, source=labelled)
        is_complete = row["STATE"] == RunState.COMPLETE
        n_rows = int(row["N_ROWS"])
        run = cls(
            run_id=row["RUN_ID"],
            source=row["SOURCE"],
            into=str(table.within(str(row["DATABASE_NAME"]), str(row["SCHEMA_NAME"]))),
            classifier_hash=row["CLASSIFIER_HASH"],
            model=row["MODEL"],
            state=RunState.COMPLETE if is_complete else RunState.INCOMPLETE,
            reason=None if is_complete else row["REASON"] or f"its state is {row['STATE']}",
            n_rows=n_rows,
            n_tickets=n_rows if row["N_TICKETS"] is None else row["N_TICKETS"],
            # A run that never ended told nothing: all may be left.
            n_left=n_rows if row["N_LEFT"] is None else row["N_LEFT"],
            n_by_outcome=row["N_BY_OUTCOME"],
            n_texts_asked=row["N_TEXTS_ASKED"] or 0,
            input_tokens=row["INPUT_TOKENS"],
            output_tokens=row["OUTPUT_TOKENS"],
            ai_credits=row["AI_CREDITS"],
            seconds=float(row["SECONDS"] or 0.0),
            started_at=row["STARTED_AT"],
            query_tag=row["QUERY_TAG"],
        )
        run._session = session
        return run

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
            raise InvalidInputError(
                "This record was read back, or made in another process; call the classifier's method again."
            )
        return self._again()

    def to_dataframe(self) -> Any:
        """Return the ledger rows of the source's tickets as the session's own lazy DataFrame: one row per ticket.

        Tickets are as they stand in the source when it is collected: a ticket that was edited since has no row until it
        is labelled again, and its earlier text is not among the rows. For replies, and for a record that was read back
        from a table, these are all rows of the classifier.
        """
        if self._session is None:
            raise InvalidInputError("This record is not attached to a session.")
        return self._session.sql(self._current or self.rows_query())

    def point_view(self, name: str) -> str:
        """Make the view `name` show what `to_dataframe` has, instead of what it showed before; return its name.

        For whoever reads labels and should not have to know of classifiers: point it anew when another one is chosen.
        Who could read the view can read it afterwards, too.

        Raises:
            InvalidInputError: If `name` is no name, something else than a view has it, or its schema is not there.
            CortexError: If Snowflake refuses the view.
        """
        view, table = TableName.parse(name, role="view"), TableName.parse(self.into)
        view = view.within(*table.parts[:2])
        try:
            self._client().run(f"CREATE OR REPLACE VIEW {view.sql} COPY GRANTS AS {self._current or self.rows_query()}")
        except CortexError as error:
            if type(error) not in (CortexError, ObjectNotFoundError):
                raise
            raise InvalidInputError(
                f"The view {view} cannot be made: {error.reason}. Give the name of a view, or one that nothing has "
                "yet, in a schema that is there."
            ) from error
        return str(view)

    def actual_cost(self) -> ActualCost:
        """Return what Snowflake's usage view says this run cost.

        The view has data some minutes later, in windows of an hour. One statement that is free but for the warehouse.

        Raises:
            ObjectNotFoundError: If this role may not read SNOWFLAKE.ACCOUNT_USAGE: ask for the database role
                SNOWFLAKE.USAGE_VIEWER.
            InvalidInputError: If the record is not attached to a session.
        """
        if self.query_tag is None:
            raise InvalidInputError("This record has no query tag, by which the usage view could be asked.")
        client = self._client()
        costs = [actual_cost(client, tag, self.started_at) for tag in (self.query_tag, *self.further_query_tags)]
        return ActualCost.together(costs)

    def _client(self) -> CortexClient:
        if self._session is None:
            raise InvalidInputError("This record is not attached to a session.")
        return CortexClient(self._session)

    def rows_query(self) -> str:
        """Return a SELECT of the ledger rows of this run's classifier: one for each ticket and text it was asked."""
        return f"SELECT * FROM {TableName.parse(self.into).sql} WHERE CLASSIFIER_HASH = {literal(self.classifier_hash)}"

    def attached(self, session: Session, again: Callable[[], TableRun], *, current: str | None = None) -> Self:
        """Return the record, able to read its rows and to go on.

        Args:
            session: Where the ledger is.
            again: Does what is left.
            current: A SELECT of the rows of the source's tickets as they stand now; `None` for all rows.
        """
        self._session = session
        self._again = again
        self._current = current
        return self

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        """Return the record itself: it is frozen, and its session is the caller's."""
        return self

    def __getstate__(self) -> dict[Any, Any]:
        """Leave out what belongs to this process: a record that was pickled is not attached to a session."""
        return {**super().__getstate__(), "__pydantic_private__": {"_session": None, "_again": None, "_current": None}}

    def __str__(self) -> str:
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in self.n_by_outcome.items())
        if self.n_by_status:
            outcomes += "; " + ", ".join(f"{count} {status}" for status, count in self.n_by_status.items())
        cost = "AI credits unknown" if self.ai_credits is None else f"{self.ai_credits:.6f} AI credits"
        if self.ai_credits_counted is not None and self.ai_credits_counted > (self.ai_credits or 0.0):
            cost += f" ({self.ai_credits_counted:.6f} counted)"
        told = self.input_tokens is not None and self.output_tokens is not None
        tokens = f"{self.input_tokens:,} tokens in, {self.output_tokens:,} out" if told else "tokens not told"
        if len(self.n_by_model) > 1:
            cost += "; answered by " + ", ".join(f"{model} ({n:,})" for model, n in self.n_by_model.items())
        left = "" if self.is_complete else f"; {self.n_left} left{self._cost_left()}: {self.reason}"
        return (
            f"{self.state.value}: {self.n_rows} rows ({outcomes}); {self.n_texts_asked} texts asked, "
            f"{tokens}, {cost}, {self.seconds:.1f} s{left}"
        )

    def _repr_html_(self) -> str:
        cost = None if self.ai_credits is None else f"{self.ai_credits:.6f} AI credits"
        if self.ai_credits_counted is not None and self.ai_credits_counted > (self.ai_credits or 0.0):
            cost = f"{cost or 'AI credits unknown'}; {self.ai_credits_counted:.6f} count against the budget"
        left = None if self.is_complete else f"{self.n_left:,}{self._cost_left()}: {self.reason}"
        return card(
            title(f"{self.n_rows:,} ticket rows", self.state.value, Tone.GOOD if self.is_complete else Tone.BAD),
            facts(
                {
                    "from": self.source,
                    "into": self.into,
                    "outcomes": counted(self.n_by_outcome),
                    "status": counted(self.n_by_status),
                    "model": self.model,
                    "answered by": counted(self.n_by_model) if len(self.n_by_model) > 1 else None,
                    "texts asked": f"{self.n_texts_asked:,}",
                    "tokens": tokens(self.input_tokens, self.output_tokens) or "not told",
                    "cost": cost or "AI credits unknown",
                    "seconds": f"{self.seconds:.1f}",
                    "left": left,
                }
            ),
        )

    def _cost_left(self) -> str:
        return "" if self.ai_credits_left is None else f" (about {self.ai_credits_left:.6f} AI credits)"
