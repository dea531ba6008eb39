"""Asks questions about texts: a list of them, or a table on the ledger. What is asked is none of its business."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from cortex_tickets._cortex.candidates import answered
from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.given_texts import texts_of
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import POSITIONED, blocks, positioned
from cortex_tickets._cortex.text_question import TextQuestion
from cortex_tickets._insights.long_texts import refuse_long
from cortex_tickets._insights.pricing import blended, price_problems
from cortex_tickets.clock import Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.estimating import estimate_operation
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.settings import RunSettings
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.ledger.views import current_query
from cortex_tickets.problems import Problems, seconds_problems
from cortex_tickets.progress import RowListener, run_listener
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun

Question = TypeVar("Question", bound=TextQuestion)


@dataclass(frozen=True, slots=True)
class TableWish:
    """How a caller wants a table to be worked on."""

    source: Any
    into: str
    budget: Budget | None
    chunk_rows: int
    timeout: float | None
    progress: bool | RowListener


@dataclass(frozen=True, slots=True)
class TableWork:
    """A table that was checked, and how it is to be worked on."""

    client: CortexClient
    settings: RunSettings
    source: TicketSource
    into: TableName
    n_rows: int

    @property
    def rows(self) -> WorkSource:
        """The rows, as the ledger wants them."""
        return WorkSource(self.source.relation, self.source.column("id"), self.source.column("text"), str(self.source))


class InsightWorker:
    """A session, and how questions are put over it. Safe to share between threads."""

    def __init__(self, session: Session, *, prices: PriceTable, clock: Clock) -> None:
        self.session = session
        self._prices = prices
        self._client = CortexClient(session, clock=clock)

    def client(self, question: TextQuestion, timeout: float | None) -> CortexClient:
        """Return how a question's statements are sent.

        Raises:
            InvalidInputError: If the timeout is none.
        """
        wrong = seconds_problems(timeout)
        if wrong:
            raise InvalidInputError(wrong)
        tag = {"app": "cortex_tickets", "operation": question.name, "insight": question.hash[:12]}
        return self._client.tagged(json.dumps(tag)).within(timeout)

    def ask(
        self,
        question: TextQuestion,
        tickets: Sequence[str | Ticket],
        *,
        one: str,
        client: CortexClient | None = None,
        timeout: float | None = None,
    ) -> list[Row | None]:
        """Return the answer to each text, in order; `None` for a blank one. Equal texts are asked once.

        Raises:
            InvalidInputError: If an element is neither text nor ticket, a text is too long, or the account has none of
                the models.
            CortexError: If Snowflake fails for another reason than one text.
        """
        client = client or self.client(question, timeout)
        texts = [clean(text) for text in texts_of(tickets, one=one, name="texts")]
        asked = list(dict.fromkeys(text for text in texts if not is_blank(text)))
        refuse_long(client, question, asked, texts)
        answers: dict[str, Row] = {}
        for block in blocks(asked):
            question, rows = self.put(client, question, partial(_statement, texts=block))
            answers.update(zip(block, rows, strict=True))
        first = {text: position for position, text in reversed(list(enumerate(texts)))}
        return [
            None if text not in answers else _billed_once(answers[text], is_first=first[text] == position)
            for position, text in enumerate(texts)
        ]

    def put(self, client: CortexClient, question: Question, statement_of: Any) -> tuple[Question, list[Row]]:
        """Return what was asked in the end, and its rows with the model that answered.

        Raises:
            InvalidInputError: If the account has none of the models.
            CortexError: If Snowflake fails for another reason than one text.
        """
        question, rows = answered(client, question, statement_of, is_listed=not question.is_managed)
        return question, [{**row, "ANSWERED_BY": question.model} for row in rows]

    def checked(self, question: TextQuestion, wish: TableWish, *, title: str, details: Sequence[str] = ()) -> TableWork:
        """Look at source, ledger and model, with statements that bill nothing but the warehouse.

        Args:
            question: What is to be asked.
            wish: Of which table, and how.
            title: What a progress bar says.
            details: Columns of the ledger beside the question's own.

        Raises:
            InvalidInputError: With everything that speaks against the work.
        """
        problems, client = Problems(), self._client
        with problems:
            unpriced = price_problems(self._prices, question, wish.budget)
            problems.add(unpriced)
            settings = RunSettings(
                operation=question,
                budget=wish.budget,
                prices=self._prices if unpriced else blended(self._prices, question),
                chunk_rows=wish.chunk_rows,
                timeout=wish.timeout,
                listener=run_listener(wish.progress, title, client.clock),
            )
            client = client.within(wish.timeout)
        with problems:
            table = fully_qualified(client, ledger_name(wish.into))
            columns = {**question.extra_columns, **dict.fromkeys(details, "VARCHAR")}
            problems.add(ledger_problems(client, table, columns))
        with problems:
            check = checked_source(client, TicketSource.of(wish.source))
        question = self._available(client, question, problems)
        problems.require_none()
        return TableWork(client, replace(settings, operation=question), check.source, table, check.n_rows)

    def table(self, question: TextQuestion, wish: TableWish, *, title: str) -> TableRun:
        """Answer every text of a table that has no answer in the ledger yet, and return the run's record.

        Raises:
            InvalidInputError: Before anything is billed or written, with everything that speaks against the work.
            LedgerInUseError: If another run of the same question works into the ledger.
            CortexError: If a statement fails.
        """
        work = self.checked(question, wish, title=title)
        # Before the run, whose time may be used up afterwards.
        current = current_query(work.client, work.source, work.into, work.settings.operation.hash)
        run = self.run(work)
        return run.attached(self.session, lambda: self.table(question, wish, title=title), current=current)

    def run(self, work: TableWork, rows: WorkSource | None = None) -> TableRun:
        """Answer every text of the work that has no answer in the ledger yet."""
        return run_operation(
            work.client, source=rows or work.rows, into=work.into, n_rows=work.n_rows, settings=work.settings
        )

    def estimate(self, question: TextQuestion, source: Any, *, into: str | None, timeout: float | None) -> Estimate:
        """Return what a table would cost.

        Raises:
            InvalidInputError: With everything that speaks against the work.
            UnexpectedAnswerError: If tokens cannot be counted.
        """
        problems, table = Problems(), None
        client = self.client(question, timeout)
        with problems:
            check = checked_source(client, TicketSource.of(source))
        if into is not None:
            with problems:
                named = ledger_name(into)
                problems.add(ledger_problems(client, named, question.extra_columns))
                table = named if described_columns(client, named) is not None else None
        question = self._available(client, question, problems)
        problems.require_none()
        rows = WorkSource(
            check.source.relation, check.source.column("id"), check.source.column("text"), str(check.source)
        )
        made = estimate_operation(client, question, rows, blended(self._prices, question), into=table)
        unpriced = [name for name in question.billed if self._prices.price(name) is None]
        # Whoever wants to know the cost is told the name whose price is missing.
        return made.model_copy(update={"model": unpriced[0]}) if unpriced else made

    def _available(self, client: CortexClient, question: Question, problems: Problems) -> Question:
        """Return the question, put to the first model that the account has; if it has none, that is a problem."""
        if question.is_managed:
            return question
        model, against = available_model(client, question.candidates)
        problems.add(against)
        return question.asking(model or question.model)


def told(ticket: str | Ticket, row: Row | None, question: TextQuestion) -> dict[str, Any]:
    """Return what every insight says of how it came."""
    common: dict[str, Any] = {
        "ticket_id": ticket.id if isinstance(ticket, Ticket) else None,
        "outcome": Outcome.BLANK,
        "insight_hash": question.hash,
    }
    if row is None:
        return common
    return {
        **common,
        "outcome": row["OUTCOME"],
        "answer": row["ANSWER"],
        "error": row["ERROR"],
        "repair": row["REPAIR"],
        "answered_by": row["ANSWERED_BY"],
        "input_tokens": row["INPUT_TOKENS"],
        "output_tokens": row["OUTPUT_TOKENS"],
    }


def _statement(question: TextQuestion, texts: list[str]) -> Statement:
    return positioned(question.answers_query(POSITIONED, ("POSITION",)), texts)


def _billed_once(row: Row, *, is_first: bool) -> Row:
    return row if is_first else {**row, "INPUT_TOKENS": None, "OUTPUT_TOKENS": None}
