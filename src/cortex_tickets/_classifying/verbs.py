"""What every classifier does: labels one ticket, many, a table, or lazily as SQL."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cortex_tickets._classifying.asking import LabelQuestion, ask_texts
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.given_texts import texts_of
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.text_blocks import blocks
from cortex_tickets.clock import Clock
from cortex_tickets.ledger.estimating import estimate_operation
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.settings import CHUNK_ROWS, RunSettings
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.ledger.views import current_query
from cortex_tickets.problems import Problems
from cortex_tickets.progress import RowListener, run_listener
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.prediction import Outcome, Prediction
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun


class ClassifierVerbs(ABC):
    """The verbs and properties of a classifier, over one question. Safe to share between threads.

    Args:
        session: Where its statements are sent.
        operation: What it asks.
        is_tuned: Whether its model was trained for these labels.
        prices: Prices that the packaged table lacks or has wrong, by model.
        clock: Time.
    """

    def __init__(
        self,
        session: Session,
        operation: LabelQuestion,
        *,
        is_tuned: bool,
        prices: Mapping[str, ModelPrice] | None,
        clock: Clock,
    ) -> None:
        self._session = session
        self._operation = operation
        self._is_tuned = is_tuned
        self._prices = packaged_prices().with_prices(prices)
        self._client = CortexClient(session, tag=_tag(operation), clock=clock)

    @abstractmethod
    def _ready(self, client: CortexClient, problems: Problems) -> LabelQuestion:
        """Return what is asked of a table, having looked whether it can be; what speaks against it is a problem."""

    def _ready_for_texts(self, client: CortexClient) -> LabelQuestion:
        """Return what is asked about texts.

        Args:
            client: For whoever has to look first; by default the answer itself tells.

        Raises:
            InvalidInputError: If it cannot be asked.
        """
        del client
        return self._operation

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        return self._operation.labels

    @property
    def model(self) -> str:
        """The model that it asks, the first one of several; `AI_CLASSIFY` where Snowflake chooses it."""
        return self._operation.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order."""
        return self._operation.candidates

    @property
    def is_tuned(self) -> bool:
        """Whether it asks a fine-tuned model."""
        return self._is_tuned

    @property
    def price(self) -> ModelPrice | None:
        """What its model costs per million tokens, in AI credits; `None` if no price is known."""
        return self._prices.price(self.model)

    @property
    def session(self) -> Session:
        """The session that it sends its statements over."""
        return self._session

    @property
    def classifier_hash(self) -> str:
        """SHA-256, in hexadecimal, of all that can change an answer, the way it is read excepted."""
        return self._operation.hash

    @property
    def operation(self) -> LabelQuestion:
        """What it asks, as the SQL that table operations are made of."""
        return self._operation

    def classify(self, ticket: str | Ticket, *, timeout: float | None = None) -> Prediction:
        """Return the label of one ticket.

        Sends one billed statement; none for a blank text.

        Args:
            ticket: The text, or the ticket.
            timeout: Seconds, counted from the call, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: If the account does not have the model.
            CortexError: If Snowflake fails for another reason than this ticket.
        """
        return self.classify_many([ticket], timeout=timeout)[0]

    def classify_many(self, tickets: Sequence[str | Ticket], *, timeout: float | None = None) -> list[Prediction]:
        """Return the labels of a list of tickets.

        Sends one billed statement for each block of 500 distinct texts or a million characters; equal texts are
        asked once. Nothing is stored: for a table, or for more than some thousands, use `classify_table`.

        Args:
            tickets: Shape `(n_tickets,)`. Order is kept. Empty is allowed and sends nothing.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_tickets,)`; element `i` is for `tickets[i]`. Tokens stand on the first of equal texts.

        Raises:
            InvalidInputError: If an element is neither text nor ticket, or the account does not have the model.
            StatementTimeoutError: If the time is over.
            CortexError: If Snowflake fails for another reason than one ticket.
        """
        client = self._client.within_given(timeout)
        texts = [clean(text) for text in texts_of(tickets, one="classify")]
        answers: dict[str, Row] = {}
        asked = list(dict.fromkeys(text for text in texts if not is_blank(text)))
        operation = self._ready_for_texts(client) if asked else self._operation
        for block in blocks(asked):
            operation, rows = ask_texts(client, operation, block)
            answers.update(
                (text, {**row, "ANSWERED_BY": operation.model}) for text, row in zip(block, rows, strict=True)
            )
        first = {text: position for position, text in reversed(list(enumerate(texts)))}
        return [
            self._prediction(ticket, answers.get(text), is_first=first[text] == position)
            for position, (ticket, text) in enumerate(zip(tickets, texts, strict=True))
        ]

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Label every ticket of a table that has no answer yet, and return the run's record.

        Writes the tables `into` (one row per ticket and classifier), `<into>_RUNS` and `<into>_LEASES`, and a
        temporary table while it runs. Each distinct text is asked once; a second run asks only what is new. Rows with
        an error are asked again.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.
            into: The ledger table. It is made if it is not there.
            budget: A hard stop before the chunk that could cross it; `None` for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit. A chunk that is under way
                when they are over is stopped, and asked again by the next run.
            progress: True for a bar on standard error, or a function that is told of each chunk with a `RunProgress`.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason when budget or time ran out, or another run took over since
            this one gave no sign of life.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem: no such table or column, no
                rows, a model that the account lacks, an `into` that is another table.
            LedgerInUseError: If another run of this classifier works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        problems, client = Problems(), self._client
        with problems:
            settings = RunSettings(
                operation=self._operation,
                budget=budget,
                prices=self._prices,
                chunk_rows=chunk_rows,
                timeout=timeout,
                listener=run_listener(progress, "labelling", client.clock),
            )
            client = client.within(timeout)
        with problems:
            table = fully_qualified(client, ledger_name(into))
            problems.add(ledger_problems(client, table, {}))
        with problems:
            check = checked_source(client, TicketSource.of(source))
        operation = self._ready(client, problems)
        problems.require_none()
        # Before the run, whose time may be used up afterwards.
        current = current_query(client, check.source, table, self.classifier_hash)
        run = run_operation(
            client,
            source=_work(check.source),
            into=table,
            n_rows=check.n_rows,
            settings=replace(settings, operation=operation),
        )

        def again() -> TableRun:
            return self.classify_table(
                source, into=into, budget=budget, chunk_rows=chunk_rows, timeout=timeout, progress=progress
            )

        return run.attached(self._session, again, current=current)

    def to_sql(self, source: Any) -> str:
        """Return one SELECT that labels every row of the source: for dbt, a Task or a dynamic table.

        Sends nothing. Row by row and without a ledger: equal texts are asked as often as they stand there.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.

        Raises:
            InvalidInputError: If the source cannot stand inside a statement.
        """
        return self._operation.table_query(TicketSource.of(source))

    def to_dataframe(self, source: Any) -> Any:
        """Return the labels as the session's own lazy DataFrame; it is billed when it is collected, each time anew.

        Args:
            source: As for `to_sql`.

        Raises:
            InvalidInputError: If the source cannot stand inside a statement.
        """
        return self._session.sql(self.to_sql(source))

    def estimate(self, source: Any, *, into: str | None = None, timeout: float | None = None) -> Estimate:
        """Return what `classify_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `classify_table`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Raises:
            InvalidInputError: With every problem: no such table or column, no rows, a model that the account lacks,
                an `into` that is another table.
            UnexpectedAnswerError: If the model's tokens cannot be counted.
        """
        problems, client, table = Problems(), self._client.within_given(timeout), None
        with problems:
            check = checked_source(client, TicketSource.of(source))
        if into is not None:
            with problems:
                named = ledger_name(into)
                problems.add(ledger_problems(client, named, {}))
                table = named if described_columns(client, named) is not None else None
        operation = self._ready(client, problems)
        problems.require_none()
        return estimate_operation(client, operation, _work(check.source), self._prices, into=table)

    def _prediction(self, ticket: str | Ticket, row: Row | None, *, is_first: bool) -> Prediction:
        ticket_id = ticket.id if isinstance(ticket, Ticket) else None
        if row is None:
            return Prediction(
                ticket_id=ticket_id, label=None, outcome=Outcome.BLANK, classifier_hash=self.classifier_hash
            )
        return Prediction(
            ticket_id=ticket_id,
            label=row["LABEL"],
            outcome=row["OUTCOME"],
            answer=row["ANSWER"],
            error=row["ERROR"],
            repair=row["REPAIR"],
            answered_by=row["ANSWERED_BY"],
            probability=row.get("PROBABILITY"),
            runner_up=row.get("RUNNER_UP"),
            runner_up_probability=row.get("RUNNER_UP_PROBABILITY"),
            classifier_hash=self.classifier_hash,
            input_tokens=row["INPUT_TOKENS"] if is_first else None,
            output_tokens=row["OUTPUT_TOKENS"] if is_first else None,
        )


def _work(source: TicketSource) -> WorkSource:
    return WorkSource(source.relation, source.column("id"), source.column("text"), str(source))


def _tag(operation: LabelQuestion) -> str:
    return json.dumps({"app": "cortex_tickets", "operation": "classify", "classifier": operation.hash[:12]})
