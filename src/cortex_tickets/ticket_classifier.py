"""Labels tickets: one, many, a table, or lazily as SQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self

from cortex_tickets._classifying.asking import ask_texts
from cortex_tickets._classifying.inputs import checked_labels, prompt_of
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.given_texts import texts_of
from cortex_tickets._cortex.labelling import MANAGED_MODEL, Labelling
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.text_blocks import blocks
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.ledger.estimating import estimate_operation
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.settings import CHUNK_ROWS, RunSettings
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.ledger.views import current_query
from cortex_tickets.problems import Problems, model_names, seconds_problems
from cortex_tickets.progress import RowListener, run_listener
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.budget import Budget, Estimate, ModelPrice
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.prediction import Outcome, Prediction
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun


class TicketClassifier:
    """Gives each ticket one label out of a closed set, with a model that runs inside Snowflake.

    The constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        labels: The labels: a list of names, a list of `Label`, or a `LabelSet`.
        model: A Cortex model, such as `claude-sonnet-4-6`, or several in the order in which they are to be tried: the
            next one is asked where one is retired, in legacy state, or not in this region. Not given for
            `function="AI_CLASSIFY"`, whose model Snowflake chooses.
        function: `AI_COMPLETE` asks `model` with an answer constrained to the labels; `AI_CLASSIFY` is Snowflake's
            own classifier, best with at most 20 labels.
        prompt: What is asked; by default a rich prompt made of the labels.
        prices: Prices that the packaged table lacks or has wrong, by model.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the labels, the model and the prompt.
    """

    def __init__(
        self,
        session: Session,
        *,
        labels: LabelSet | Sequence[str] | Sequence[Label],
        model: str | Sequence[str] | None = None,
        function: Literal["AI_COMPLETE", "AI_CLASSIFY"] = "AI_COMPLETE",
        prompt: ClassificationPrompt | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        models = model_names(model)
        label_set = checked_labels(labels, model, function, prompt)
        self._operation = Labelling(
            function=function,
            model=models[0] if models else MANAGED_MODEL,
            models=models,
            prompt=prompt or ClassificationPrompt.rich(label_set),
            is_constrained=function == "AI_COMPLETE",
        )
        self._is_tuned = False
        self._prices = packaged_prices().with_prices(prices)
        self._session = session
        self._client = CortexClient(session, tag=_tag(self._operation), clock=clock)

    @classmethod
    def from_model(
        cls,
        session: Session,
        model: FineTunedModel,
        *,
        prompt: ClassificationPrompt | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a classifier that asks a fine-tuned model with the prompt that it was trained on.

        Args:
            session: Where the model is.
            model: What `FineTuneJob.wait` or `FineTunedModel.load` returned.
            prompt: Only for a model whose job was made elsewhere, and so has no stored prompt.
            prices: The model's price, by its name: no source states it for fine-tuned models.
            clock: Time; a fake one in tests.

        Raises:
            PromptMismatchError: If the model has a stored prompt and another one is given.
            InvalidInputError: If it has none and none is given.
        """
        chosen = prompt_of(model, prompt)
        made = cls(session, labels=chosen.labels, model=model.name, prompt=chosen, prices=prices, clock=clock)
        # Whether response_format works on fine-tuned models is not documented; they learned to answer the bare label.
        made._operation = Labelling(
            function="AI_COMPLETE",
            model=model.name,
            prompt=chosen,
            is_constrained=False,
            counting_model=model.base_model,
        )
        made._is_tuned = True
        made._client = made._client.tagged(_tag(made._operation))
        return made

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        return self._operation.prompt.labels

    @property
    def model(self) -> str:
        """The model that it asks, the first one of several; `AI_CLASSIFY` where Snowflake chooses it."""
        return self._operation.model

    @property
    def models(self) -> tuple[str, ...]:
        """The models that it may ask, in order."""
        return self._operation.candidates

    @property
    def prompt(self) -> ClassificationPrompt:
        """What it asks."""
        return self._operation.prompt

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
    def operation(self) -> Operation:
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
        client = self._within(timeout)
        texts = [clean(text) for text in texts_of(tickets, one="classify")]
        answers: dict[str, Row] = {}
        operation = self._operation
        for block in blocks(list(dict.fromkeys(text for text in texts if not is_blank(text)))):
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
            table = fully_qualified(client, TableName.parse(into, role="ledger table"))
            problems.add(ledger_problems(client, table, {}))
        with problems:
            check = checked_source(client, TicketSource.of(source))
        operation = self._available(client, problems)
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

        Raises:
            InvalidInputError: If the source cannot stand inside a statement.
        """
        return self._operation.table_query(TicketSource.of(source))

    def to_dataframe(self, source: Any) -> Any:
        """Return the labels as the session's own lazy DataFrame; it is billed when it is collected, each time anew."""
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
        problems, client, table = Problems(), self._within(timeout), None
        with problems:
            check = checked_source(client, TicketSource.of(source))
        if into is not None:
            with problems:
                named = TableName.parse(into, role="ledger table")
                problems.add(ledger_problems(client, named, {}))
                table = named if described_columns(client, named) is not None else None
        operation = self._available(client, problems)
        problems.require_none()
        return estimate_operation(client, operation, _work(check.source), self._prices, into=table)

    def _within(self, timeout: float | None) -> CortexClient:
        problems = seconds_problems(timeout)
        if problems:
            raise InvalidInputError(problems)
        return self._client.within(timeout)

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
            classifier_hash=self.classifier_hash,
            input_tokens=row["INPUT_TOKENS"] if is_first else None,
            output_tokens=row["OUTPUT_TOKENS"] if is_first else None,
        )

    def _available(self, client: CortexClient, problems: Problems) -> Labelling:
        """Return what is asked of the first model that the account has; if it has none, that is a problem."""
        if self._is_tuned or self._operation.function == "AI_CLASSIFY":
            return self._operation
        model, against = available_model(client, self.models)
        problems.add(against)
        return self._operation.asking(model or self.model)


def _work(source: TicketSource) -> WorkSource:
    return WorkSource(source.relation, source.column("id"), source.column("text"), str(source))


def _tag(operation: Labelling) -> str:
    return json.dumps({"app": "cortex_tickets", "operation": "classify", "classifier": operation.hash[:12]})
