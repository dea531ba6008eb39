"""Records out of texts: one, many, a table, what a table holds, and what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel

from cortex_tickets._cortex.extracting import FIRST_PROBLEMS, Extracting
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.response_schema import response_schema
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._insights.extraction_asking import ask_for_records, stored_extraction
from cortex_tickets._insights.unfit_answers import UnfitAnswers
from cortex_tickets._insights.worker import InsightWorker, TableWish
from cortex_tickets.ledger.ledger_name import ledger_name
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.progress import RowListener
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.extraction import Extraction
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.table_run import TableRun

Found = TypeVar("Found", bound=BaseModel)

MAX_EXTRACTIONS = 10_000
"""Records that `extractions` brings to the client in one call, at most."""


class ExtractionVerbs:
    """What `TicketInsights` does with AI_COMPLETE and a Pydantic model.

    Source:
        docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22.
    """

    _worker: InsightWorker
    _models: tuple[str, ...]

    def extract(
        self,
        text: str | Ticket,
        record: type[Found],
        *,
        instructions: str | None = None,
        timeout: float | None = None,
    ) -> Extraction[Found]:
        """Return what one text says, as a record of a Pydantic model of yours.

        Sends one billed statement, a second one if the first answer does not fit the model, and none for a blank text.
        The model's JSON schema goes along, with what Cortex refuses (lengths, ranges, patterns, formats) told in words;
        those and the model's own validators are checked here.

        Args:
            text: The text, or the ticket.
            record: The Pydantic model: models inside models, lists, enums and optional fields included. The
                descriptions of its fields tell the model what to look for. A dict, `Any` and a RootModel are refused,
                because Cortex takes named fields only.
            instructions: What else to say about the fields, in a sentence or two; `None` for nothing.
            timeout: Seconds, counted from the call, both tries and retries included; `None` for the session's own
                limit.

        Returns:
            The record in `value`, with how it came; `require()` gives the record or raises.

        Raises:
            InvalidInputError: Before anything is billed: a model that Cortex cannot be held to, with each field and
                why; a text over the model's window; or the account has none of the models.
            CortexError: If Snowflake fails for another reason than this text.
        """
        question = self._extraction_question(record, instructions)
        return ask_for_records(self._worker, question, record, [text], timeout=timeout)[0]

    def extract_many(
        self,
        texts: Sequence[str | Ticket],
        record: type[Found],
        *,
        instructions: str | None = None,
        timeout: float | None = None,
    ) -> list[Extraction[Found]]:
        """Return what each text of a list says, as records of a Pydantic model of yours.

        Sends one billed statement for each block of 500 distinct texts or a million characters; texts whose answer
        does not fit are asked about once more. Nothing is stored: for a table, use `extract_table`.

        Args:
            texts: Shape `(n_texts,)`. Order is kept. Empty is allowed and sends nothing.
            record: As for `extract`.
            instructions: As for `extract`; the same for all.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_texts,)`; element `i` is for `texts[i]`. `off_label` is one whose second answer does not fit
            either; its `problems` say why. Tokens, over both tries, stand on the first of equal texts.

        Raises:
            InvalidInputError: As for `extract`, with every text that is too long; or an element is no text.
            CortexError: If Snowflake fails for another reason than one text.
        """
        question = self._extraction_question(record, instructions)
        return ask_for_records(self._worker, question, record, texts, timeout=timeout)

    def extract_table(
        self,
        source: Any,
        record: type[BaseModel],
        *,
        into: str,
        instructions: str | None = None,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Extract a record from every text of a table that has none yet, and return the run's record.

        Writes `into` (one row per ticket, model and fields, with VALUE as a JSON object), `<into>_RUNS` and
        `<into>_LEASES`. Each distinct text is asked once. Then the answers that nobody has checked come to the client,
        2,000 at a time (not the texts), and texts whose answer does not fit are asked about once more, in a run of
        their own. A second call asks only what is new and what failed.

        Args:
            source: A table's name, a `TicketSource` (any column may be its `text`), or a Snowpark DataFrame of one
                query without bind values.
            record: As for `extract`.
            into: The ledger table. It is made if it is not there.
            instructions: As for `extract`; the same for all rows.
            budget: A hard stop before the chunk that could cross it, both tries together; `None` for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason. `off_label` are texts whose second answer does not fit
            either; PROBLEMS says why. Tokens and credits are those of both tries.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem.
            LedgerInUseError: If another run of the same question works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        question = self._extraction_question(record, instructions)
        wish = TableWish(source, into, budget, chunk_rows, timeout, progress)
        return self._extracted(question, record, wish)

    def extractions(
        self,
        record: type[Found],
        *,
        into: str,
        instructions: str | None = None,
        limit: int = 1_000,
        timeout: float | None = None,
    ) -> list[Extraction[Found]]:
        """Return the records that `extract_table` wrote, checked anew.

        Sends statements that are not billed but for the warehouse.

        Args:
            record: The model that they were written with.
            into: The ledger table.
            instructions: The instructions that they were written with.
            limit: Records to return, at most; 1 to 10,000.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            At most `limit` extractions in the order of ticket id and text hash, those without a record included.

        Raises:
            InvalidInputError: If the ledger is not there or is none of records, or `limit` is out of range.
        """
        question = self._extraction_question(record, instructions)
        client = self._worker.client(question, timeout)
        problems = Problems()
        wrong = whole_number_problems("limit", limit)
        if not wrong and not 1 <= limit <= MAX_EXTRACTIONS:
            wrong = [f"limit={limit} must be 1 to {MAX_EXTRACTIONS:,}: the records come to the client."]
        problems.add(wrong)
        with problems:
            table = ledger_name(into)
            if "VALUE" not in (described_columns(client, table) or ()):
                problems.add([f"{table} is no ledger of records. Write it with extract_table(..., into={into!r})."])
        problems.require_none()
        query = (
            "SELECT TICKET_ID, OUTCOME, ANSWER, ERROR, REPAIR, ANSWERED_BY, INPUT_TOKENS, OUTPUT_TOKENS, VALUE, "
            f"PROBLEMS, {FIRST_PROBLEMS} FROM {table.sql} WHERE CLASSIFIER_HASH = {literal(question.hash)} "
            f"ORDER BY TICKET_ID, TEXT_HASH LIMIT {limit}"
        )
        return [stored_extraction(record, question, row) for row in client.rows(Statement(query))]

    def estimate_extract(
        self,
        source: Any,
        record: type[BaseModel],
        *,
        instructions: str | None = None,
        into: str | None = None,
        timeout: float | None = None,
    ) -> Estimate:
        """Return what `extract_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `extract_table`.
            record: As for `extract`.
            instructions: As for `extract`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            The estimate for one try of each text: what is written is expected by the record's fields, a few words for a
            text without a number of words in its description, and at most 500 tokens.

        Raises:
            InvalidInputError: With every problem in source, ledger and models; or a model that Cortex cannot be held
                to, with each field and why.
            UnexpectedAnswerError: If tokens cannot be counted.
        """
        question = self._extraction_question(record, instructions)
        return self._worker.estimate(question, source, into=into, timeout=timeout)

    def _extracted(self, question: Extracting, record: type[BaseModel], wish: TableWish) -> TableRun:
        work = self._worker.checked(question, wish, title="extracting", details=(FIRST_PROBLEMS,))
        first = replace(work.rows, details={FIRST_PROBLEMS: "NULL::VARCHAR"})
        run = UnfitAnswers(self._worker, work, record).settled(self._worker.run(work, first))
        return run.attached(self._worker.session, lambda: self._extracted(question, record, wish))

    def _extraction_question(self, record: type[BaseModel], instructions: str | None) -> Extracting:
        problems = Problems()
        with problems:
            schema = response_schema(record)
        given: object = instructions
        if given is not None and (not isinstance(given, str) or is_blank(given)):
            problems.add(["instructions= must be a sentence about the fields, or None."])
        problems.require_none()
        told = None if instructions is None else clean(instructions)
        return Extracting(model=self._models[0], models=self._models, schema=schema, instructions=told)
