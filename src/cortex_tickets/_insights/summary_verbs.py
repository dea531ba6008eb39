"""Summaries: of one text, many, a table, and what a table would cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cortex_tickets._cortex.summarizing import MAX_WORDS, Summarizing
from cortex_tickets._insights.worker import InsightWorker, TableWish, told
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.problems import whole_number_problems
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.summary import Summary
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.table_run import TableRun


class SummaryVerbs:
    """What `TicketInsights` does with AI_SUMMARIZE, and with AI_COMPLETE where there is a limit of words.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_summarize, read 2026-11-22: in preview since 14 September
        2026; a text of at most 110 characters is given back as it is.
    """

    _worker: InsightWorker
    _models: tuple[str, ...]

    def summarize(self, text: str | Ticket, *, max_words: int | None = None, timeout: float | None = None) -> Summary:
        """Return one text in fewer words.

        Sends one billed statement, and none for a blank text.

        Args:
            text: The text, or the ticket.
            max_words: Words of the summary, at most: 1 to 1,000. AI_SUMMARIZE takes no such limit, so with one the
                model is asked, told the limit, and an answer over it is cut here. `None` for AI_SUMMARIZE and its own
                length.
            timeout: Seconds, counted from the call, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: Before anything is billed: `max_words` out of range, a text over the model's window; or
                the account has none of the models.
            CortexError: If Snowflake fails for another reason than this text.
        """
        question = self._summary_question(max_words)
        rows = self._worker.ask(question, [text], one="summarize", timeout=timeout)
        return _summary(text, rows[0], question)

    def summarize_many(
        self, texts: Sequence[str | Ticket], *, max_words: int | None = None, timeout: float | None = None
    ) -> list[Summary]:
        """Return a summary of each text of a list.

        Sends one billed statement for each block of 500 distinct texts or a million characters. Nothing is stored: for
        a table, use `summarize_table`.

        Args:
            texts: Shape `(n_texts,)`. Order is kept. Empty is allowed and sends nothing.
            max_words: As for `summarize`; of each summary.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_texts,)`; element `i` is for `texts[i]`.

        Raises:
            InvalidInputError: As for `summarize`, with every text that is too long; or an element is no text.
            CortexError: If Snowflake fails for another reason than one text.
        """
        question = self._summary_question(max_words)
        rows = self._worker.ask(question, texts, one="summarize", timeout=timeout)
        return [_summary(text, row, question) for text, row in zip(texts, rows, strict=True)]

    def summarize_table(
        self,
        source: Any,
        *,
        into: str,
        max_words: int | None = None,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Summarize every text of a table that has no summary yet, and return the run's record.

        Writes `into` (one row per ticket, limit and models, with SUMMARY and N_WORDS), `<into>_RUNS` and
        `<into>_LEASES`. Each distinct text is asked once; a second run asks only what is new and what failed.
        AI_SUMMARIZE tells no tokens, so without `max_words` the record's tokens and credits are `None`.

        Args:
            source: A table's name, a `TicketSource` (any column may be its `text`), or a Snowpark DataFrame of one
                query without bind values.
            into: The ledger table. It is made if it is not there.
            max_words: As for `summarize`; of each summary.
            budget: A hard stop before the chunk that could cross it; without `max_words` it needs
                `prices={"AI_SUMMARIZE": ...}`. `None` for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason. A text over the model's window has the outcome `error`.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem.
            LedgerInUseError: If another run of the same question works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        question = self._summary_question(max_words)
        wish = TableWish(source, into, budget, chunk_rows, timeout, progress)
        return self._worker.table(question, wish, title="summarizing")

    def estimate_summarize(
        self, source: Any, *, max_words: int | None = None, into: str | None = None, timeout: float | None = None
    ) -> Estimate:
        """Return what `summarize_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `summarize_table`.
            max_words: As for `summarize`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            The estimate. Without `max_words` the length is the model's own choice, and what is expected may be off by
            half.

        Raises:
            InvalidInputError: With every problem in source, ledger, limit and models.
            UnexpectedAnswerError: If tokens cannot be counted.
        """
        return self._worker.estimate(self._summary_question(max_words), source, into=into, timeout=timeout)

    def _summary_question(self, max_words: int | None) -> Summarizing:
        if max_words is None:
            return Summarizing()
        problems = whole_number_problems("max_words", max_words)
        if not problems and not 1 <= max_words <= MAX_WORDS:
            problems = [f"max_words={max_words} must be 1 to {MAX_WORDS:,}, or None for AI_SUMMARIZE's own length."]
        if problems:
            raise InvalidInputError(problems)
        return Summarizing(model=self._models[0], models=self._models, max_words=max_words)


def _summary(text: str | Ticket, row: Any, question: Summarizing) -> Summary:
    return Summary(
        **told(text, row, question),
        summary=None if row is None else row["SUMMARY"],
        n_words=None if row is None else row["N_WORDS"],
        max_words=question.max_words,
        function=question.function,
    )
