"""Sentiment: of one text, many, a table, and what a table would cost."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from cortex_tickets._cortex.sentiment_question import LONGEST_ASPECT, MOST_ASPECTS, OVERALL, SentimentQuestion
from cortex_tickets._insights.worker import InsightWorker, TableWish, told
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.progress import RowListener
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.budget import Budget, Estimate
from cortex_tickets.records.sentiment import Sentiment
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.table_run import TableRun


class SentimentVerbs:
    """What `TicketInsights` does with AI_SENTIMENT.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_sentiment, read 2026-11-22.
    """

    _worker: InsightWorker
    _models: tuple[str, ...]

    def sentiment(
        self,
        text: str | Ticket,
        *,
        aspects: Sequence[str] = (),
        score: bool = True,
        timeout: float | None = None,
    ) -> Sentiment:
        """Return how one text sounds, on the whole and about each aspect.

        Sends one billed statement, and none for a blank text. A text of more than 512 characters has its tokens
        counted before, which is free but for the warehouse.

        Args:
            text: The text, or the ticket. AI_SENTIMENT knows English, French, German, Hindi, Italian, Portuguese and
                Spanish.
            aspects: What else to judge, such as `price`; at most 10, of at most 30 characters each.
            score: Whether a language model gives a number from -1 to 1 too, as the legacy SENTIMENT did. It reads the
                text a second time.
            timeout: Seconds, counted from the call, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: Before anything is billed: aspects that AI_SENTIMENT does not take, a text of more than
                2,048 tokens; or the account has none of the models.
            CortexError: If Snowflake fails for another reason than this text.
        """
        question = self._sentiment_question(aspects, score=score)
        rows = self._worker.ask(question, [text], one="sentiment", timeout=timeout)
        return _sentiment(text, rows[0], question)

    def sentiment_many(
        self,
        texts: Sequence[str | Ticket],
        *,
        aspects: Sequence[str] = (),
        score: bool = True,
        timeout: float | None = None,
    ) -> list[Sentiment]:
        """Return how each text of a list sounds.

        Sends one billed statement for each block of 500 distinct texts or a million characters. Nothing is stored: for
        a table, use `sentiment_table`.

        Args:
            texts: Shape `(n_texts,)`. Order is kept. Empty is allowed and sends nothing.
            aspects: As for `sentiment`; the same for all.
            score: As for `sentiment`.
            timeout: Seconds for all of it, counted from the call, retries included; `None` for the session's own
                limit.

        Returns:
            Shape `(n_texts,)`; element `i` is for `texts[i]`. `off_label` is an answer that lacks a word or the number.

        Raises:
            InvalidInputError: As for `sentiment`, with every text that is too long; or an element is no text.
            CortexError: If Snowflake fails for another reason than one text.
        """
        question = self._sentiment_question(aspects, score=score)
        rows = self._worker.ask(question, texts, one="sentiment", timeout=timeout)
        return [_sentiment(text, row, question) for text, row in zip(texts, rows, strict=True)]

    def sentiment_table(
        self,
        source: Any,
        *,
        into: str,
        aspects: Sequence[str] = (),
        score: bool = True,
        budget: Budget | None = None,
        chunk_rows: int = CHUNK_ROWS,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Judge every text of a table that has no sentiment yet, and return the run's record.

        Writes `into` (one row per ticket, aspects and models, with SENTIMENT, ASPECTS as a JSON object and SCORE),
        `<into>_RUNS` and `<into>_LEASES`. Each distinct text is asked once; a second run asks only what is new and
        what failed. A text of more than 2,048 tokens has the outcome `error` and is not sent. AI_SENTIMENT tells no
        tokens, so the record's tokens and credits are `None`.

        Args:
            source: A table's name, a `TicketSource` (any column may be its `text`), or a Snowpark DataFrame of one
                query without bind values.
            into: The ledger table. It is made if it is not there.
            aspects: As for `sentiment`; the same for all rows.
            score: As for `sentiment`.
            budget: A hard stop before the chunk that could cross it; it needs `prices={"AI_SENTIMENT": ...}`. `None`
                for no limit.
            chunk_rows: Distinct texts in one statement.
            timeout: Seconds for the whole run, counted from the call; `None` for no limit.
            progress: True for a bar on standard error, or a function that is told of each chunk.

        Returns:
            The run: COMPLETE, or INCOMPLETE with a reason.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem.
            LedgerInUseError: If another run of the same question works into the ledger; nothing was asked or written.
            CortexError: If a statement fails; what was written before stands, and the next run goes on from there.
        """
        question = self._sentiment_question(aspects, score=score)
        wish = TableWish(source, into, budget, chunk_rows, timeout, progress)
        return self._worker.table(question, wish, title="judging sentiment")

    def estimate_sentiment(
        self,
        source: Any,
        *,
        aspects: Sequence[str] = (),
        score: bool = True,
        into: str | None = None,
        timeout: float | None = None,
    ) -> Estimate:
        """Return what `sentiment_table` would ask and cost. Nothing is billed but the warehouse.

        Args:
            source: As for `sentiment_table`.
            aspects: As for `sentiment`.
            score: As for `sentiment`.
            into: The ledger; texts that stand in it are not counted. `None` to count all.
            timeout: Seconds for all of it, counted from the call; `None` for the session's own limit.

        Returns:
            The estimate. With a score its tokens are those of both calls, and its credits are at the dearer of the two
            prices; they are `None` unless `prices={"AI_SENTIMENT": ...}` is given.

        Raises:
            InvalidInputError: With every problem in source, ledger, aspects and models.
            UnexpectedAnswerError: If tokens cannot be counted.
        """
        question = self._sentiment_question(aspects, score=score)
        return self._worker.estimate(question, source, into=into, timeout=timeout)

    def _sentiment_question(self, aspects: Sequence[str], *, score: bool) -> SentimentQuestion:
        problems = _aspect_problems(aspects)
        if problems:
            raise InvalidInputError(problems)
        names = tuple(clean(aspect.strip()) for aspect in aspects)
        if not score:
            return SentimentQuestion(aspects=names)
        return SentimentQuestion(model=self._models[0], models=self._models, aspects=names)


def _aspect_problems(aspects: object) -> list[str]:
    if isinstance(aspects, str) or not isinstance(aspects, Sequence):
        return [f"aspects= must be a list of names such as ['price'], not a {type(aspects).__name__}."]
    problems = [
        f"aspects= has a {type(aspect).__name__}; give names such as 'price'."
        for aspect in aspects
        if not isinstance(aspect, str)
    ]
    names = [aspect.strip() for aspect in aspects if isinstance(aspect, str)]
    if len(names) > MOST_ASPECTS:
        problems.append(f"aspects= has {len(names)} names, and AI_SENTIMENT takes at most {MOST_ASPECTS}.")
    problems += ["aspects= has a blank name; leave it out." for name in names if is_blank(name)]
    problems += [
        f"The aspect {name[:LONGEST_ASPECT]!r}… has {len(name)} characters, and AI_SENTIMENT takes at most "
        f"{LONGEST_ASPECT}."
        for name in names
        if len(name) > LONGEST_ASPECT
    ]
    lowered = [name.lower() for name in names]
    problems += [
        f"The aspect {name!r} stands twice; name each once."
        for name in sorted(set(names))
        if lowered.count(name.lower()) > 1
    ]
    if OVERALL in lowered:
        problems.append(f"The aspect {OVERALL!r} is always judged; leave it out.")
    return problems


def _sentiment(text: str | Ticket, row: Any, question: SentimentQuestion) -> Sentiment:
    return Sentiment(
        **told(text, row, question),
        sentiment=None if row is None else row["SENTIMENT"],
        aspects={} if row is None or row["ASPECTS"] is None else json.loads(row["ASPECTS"]),
        score=None if row is None else row["SCORE"],
    )
