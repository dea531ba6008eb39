"""Translating: one text, many, a table, and what a table would cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cortex_tickets._cortex.translating import Translating
from cortex_tickets._insights.languages import source_code, target_code
from cortex_tickets._insights.worker import InsightWorker, TableWish, told
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.translation import Translation
from cortex_tickets.table_run import TableRun


class TranslationVerbs:
    """What `TicketInsights` does with AI_TRANSLATE.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_translate, read 2026-11-22.
    """

    _worker: InsightWorker

    def translate(
        self,
        text: str | Ticket,
        *,
        target_language: str,
        source_language: str | None = None,
        timeout: float | None = None,
    ) -> Translation:
        """Return one text in another language.

        Sends one billed statement, and none for a blank text.

        Args:
            text: The text, or the ticket.
            target_language: A two-letter code (`de`), an English name (`German`), or a locale as older guides have it
                (`de_DE`, `en_XX`), of which the language counts.
            source_language: The text's language, in the same forms; `None` to have Snowflake find it out.
            timeout: Seconds, counted from the call, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: Before anything is billed: a language that AI_TRANSLATE does not have, twice the same
                one, a text of more than 100,000 tokens.
            CortexError: If Snowflake fails for another reason than this text.
        """
        question = _question(target_language, source_language)
        rows = self._worker.ask(question, [text], one="translate", timeout=timeout)
        return _translation(text, rows[0], question)

    def translate_many(
        self,
        texts: Sequence[str | Ticket],
        *,
        target_language: str,
        source_language: str | None = None,
        timeout: float | None = None,
    ) -> list[Translation]:
        """Return the texts of a list in another language.

        Sends one billed statement for each block of 500 distinct texts or a million characters. Nothing is stored: for
        a table, use `translate_table`.

        Args:
            texts: Shape `(n_texts,)`. Order is kept. Empty is allowed and sends nothing.
            target_language: As for `translate`.
            source_language: As for `translate`; one for all.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_texts,)`; element `i` is for `texts[i]`. One that failed has the outcome `error` and Snowflake's
            message.

        Raises:
            InvalidInputError: As for `translate`, with every text that is too long; or an element is no text.
            CortexError: If Snowflake fails for another reason than one text.
        """
        question = _question(target_language, source_language)
        rows = self._worker.ask(question, texts, one="translate", timeout=timeout)
        return [_translation(text, row, question) for text, row in zip(texts, rows, strict=True)]

    def translate_table(
        self,
        source: Any,
        *,
        target_language: str,
        into: str,
        source_language: str | None = None,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Translate every text of a table that has no translation yet, and return the run's record.

        Writes `into` (one row per ticket and pair of languages, with TRANSLATION and TARGET_LANGUAGE), `<into>_RUNS`
        and `<into>_LEASES`. Each distinct text is asked once; a second run asks only what is new and what failed.
        AI_TRANSLATE tells no tokens, so the record's tokens and credits are `None`.

        Args:
            source: A table's name, a `TicketSource` (any column may be its `text`), or a Snowpark DataFrame of one
                query without bind values.
            target_language: As for `translate`.
            into: The ledger table. It is made if it is not there.
            source_language: As for `translate`; one for all rows.
            budget: A hard stop before the chunk that could cross it; it needs `prices={"AI_TRANSLATE": ...}`. `None`
                for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason. A text that failed has the outcome `error`.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem.
            LedgerInUseError: If another run of the same languages works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        question = _question(target_language, source_language)
        wish = TableWish(source, into, budget, chunk_rows, timeout, progress)
        return self._worker.table(question, wish, title="translating")

    def estimate_translate(
        self,
        source: Any,
        *,
        target_language: str,
        source_language: str | None = None,
        into: str | None = None,
        timeout: float | None = None,
    ) -> Estimate:
        """Return what `translate_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `translate_table`.
            target_language: As for `translate`.
            source_language: As for `translate`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            The estimate: a translation is expected to have about the tokens that are read, and four times as many at
            most, since nobody states a limit.

        Raises:
            InvalidInputError: With every problem in source, ledger and languages.
            UnexpectedAnswerError: If tokens cannot be counted.
        """
        return self._worker.estimate(_question(target_language, source_language), source, into=into, timeout=timeout)


def _question(target_language: object, source_language: object) -> Translating:
    target, problems = target_code(target_language)
    source, against = source_code(source_language)
    problems = [*problems, *against]
    if target and target == source:
        problems.append(
            f"target_language={target_language!r} and source_language={source_language!r} are the same language."
        )
    if problems:
        raise InvalidInputError(problems)
    return Translating(target=target, source=source)


def _translation(text: str | Ticket, row: Any, question: Translating) -> Translation:
    return Translation(
        **told(text, row, question),
        translation=None if row is None else row["TRANSLATION"],
        target_language=question.target,
        source_language=question.source or None,
    )
