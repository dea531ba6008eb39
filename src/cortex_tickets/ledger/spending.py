"""What a run has spent, what the next chunk would cost, and whether the budget allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cortex_tickets._cortex.client import Row
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import AccessDeniedError, CallError, CortexError, ModelNotFoundError
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.ledger.tally import Tally
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.table_name import TableName


@dataclass(frozen=True, slots=True)
class ChunkTokens:
    """What is known of a chunk before it is asked."""

    n_texts: int = 0
    """Texts to ask."""
    n_counted: int = 0
    """Those whose tokens could be counted."""
    tokens: int = 0
    """Input tokens that were counted for them."""

    @property
    def input_tokens(self) -> float | None:
        """Input tokens of all the texts, those not counted like the others; `None` if none was counted."""
        if not self.n_texts:
            return 0.0
        return self.tokens * self.n_texts / self.n_counted if self.n_counted else None


class PartOfChunk(Protocol):
    """Texts that one statement asks."""

    @property
    def chunk(self) -> int:
        """Number of the chunk."""
        ...

    @property
    def share(self) -> float:
        """How much of the chunk it is, 0 to 1."""
        ...


_TURNED_AWAY = re.compile("too many requests|throttled", re.IGNORECASE)


@dataclass(slots=True)
class Spending:
    """Tokens of one run so far, against its budget.

    A hard stop must stay one: where the caller lets a model without a known price count as the dearest listed one, it
    does, and a chunk whose tokens the server did not tell counts with what was expected of it.
    """

    operation: Operation
    """What is asked now; another model of its candidates may have been asked before."""
    prices: PriceTable
    budget: Budget | None
    chunk_tokens: Mapping[int, ChunkTokens] = field(default_factory=dict)
    """What was counted for each chunk."""
    n_asked: int = 0
    """Distinct texts that were asked."""
    n_errors: int = 0
    """Tickets that have an error in this run."""
    input_tokens: int = 0
    """Tokens read, as the server told them."""
    output_tokens: int = 0
    """Tokens written, as the server told them."""
    _by_model: dict[str, tuple[int, int]] = field(default_factory=dict)
    _counted: float = 0.0
    _untold_credits: float = 0.0

    @property
    def limit(self) -> float | None:
        """AI credits that may be spent; `None` for no limit."""
        return self.budget.ai_credits if self.budget else None

    @property
    def is_untold(self) -> bool:
        """Whether texts were asked and the server told no tokens, as AI_CLASSIFY does not."""
        return self.n_asked > 0 and self.input_tokens == 0

    @property
    def ai_credits(self) -> float | None:
        """AI credits spent; `None` if a price is unknown, or if texts were asked and no tokens were told."""
        if self.is_untold or any(self.prices.price(model) is None for model in self._models):
            return None
        return self._credits()

    @property
    def counted_credits(self) -> float:
        """AI credits that count against the budget, a model of unknown price at the dearest one."""
        return self._credits() + self._untold_credits

    def stop_before(self, chunk: int, *, share: float = 1.0) -> str | None:
        """Return why the chunk, or this share of it, must not be asked; `None` if it may."""
        if self.limit is None:
            return None
        spent = self.counted_credits
        coming = self._expected(chunk, share)
        if coming is None:
            return (
                f"the tokens of the next chunk cannot be counted for {self.operation.model}, so nobody knows whether "
                f"the budget of {self.limit:g} AI credits would be crossed"
            )
        if spent + coming <= self.limit:
            return None
        return (
            f"the budget of {self.limit:g} AI credits would be crossed: {spent:.6f} are spent, "
            f"and the next chunk would cost about {coming:.6f}{self._what_else(coming)}"
        )

    def _what_else(self, coming: float) -> str:
        """What to do where going on with the same budget would never come further."""
        return "" if self.limit is None or coming <= self.limit else "; give a larger budget or a smaller chunk_rows"

    def add(self, told: Tally) -> None:
        """Take note of what the rows of one statement say; it asked the present model."""
        read, wrote = self._by_model.get(self.operation.model, (0, 0))
        self._by_model[self.operation.model] = (read + told.input_tokens, wrote + told.output_tokens)
        self.input_tokens += told.input_tokens
        self.output_tokens += told.output_tokens
        self.n_errors += told.n_errors

    def failed(self, error: CortexError, part: PartOfChunk) -> None:
        """Take note of a statement that failed: nobody knows whether what it had asked by then is billed.

        One that was turned away has asked nothing.
        """
        if not isinstance(error, (ModelNotFoundError, AccessDeniedError, CallError)) and not _TURNED_AWAY.search(
            error.reason
        ):
            self._untold_credits += self._expected(part.chunk, part.share) or 0.0

    def take(self, told: Tally) -> None:
        """Take note of what all the run's rows say; what was not known yet was asked of the present model."""
        read, wrote = self._by_model.get(self.operation.model, (0, 0))
        self._by_model[self.operation.model] = (
            read + told.input_tokens - self.input_tokens,
            wrote + told.output_tokens - self.output_tokens,
        )
        self.input_tokens, self.output_tokens = told.input_tokens, told.output_tokens
        self.n_errors = told.n_errors

    def chunk_is_over(self, chunk: int, *, told_tokens: bool) -> None:
        """Take note that a chunk was asked, and whether the server told its tokens."""
        if told_tokens:
            self._counted += self.chunk_tokens.get(chunk, ChunkTokens()).input_tokens or 0.0
        else:
            self._untold_credits += self._expected(chunk) or 0.0

    def credits_left(self, first_chunk: int, n_texts: int) -> float | None:
        """Return about how many AI credits the rest would cost.

        Args:
            first_chunk: The first chunk that was not asked.
            n_texts: Distinct texts that were not asked.

        Returns:
            `None` where the price is unknown, or nothing is known of the texts' tokens.
        """
        if self.prices.price(self.operation.model) is None:
            return None
        if not n_texts:
            return 0.0
        if self.chunk_tokens:
            expected = [self._expected(chunk) for chunk in self.chunk_tokens if chunk >= first_chunk]
            return None if any(value is None for value in expected) else sum(value or 0.0 for value in expected)
        spent = self.ai_credits
        return None if spent is None or not self.n_asked else spent / self.n_asked * n_texts

    @property
    def _models(self) -> list[str]:
        return [model for model, tokens in self._by_model.items() if any(tokens)] or [self.operation.model]

    def _credits(self) -> float:
        return sum(self.prices.ceiling(model).credits(*tokens) for model, tokens in self._by_model.items())

    def _expected(self, chunk: int, share: float = 1.0) -> float | None:
        counted = self.chunk_tokens.get(chunk, ChunkTokens())
        if counted.input_tokens is None:
            return None
        # Some models read more than is counted (a hidden system prompt), so what was used corrects what was counted.
        excess = max(1.0, self.input_tokens / self._counted) if self._counted else 1.0
        return share * self.prices.ceiling(self.operation.model).credits(
            counted.input_tokens * excess, counted.n_texts * self.operation.output_tokens
        )


def counted_chunks(send: Callable[[Statement], list[Row]], work: TableName, chunk_rows: int) -> dict[int, ChunkTokens]:
    """Return, per chunk, the texts to ask and their input tokens. One statement."""
    query = (
        f"SELECT FLOOR(N / {chunk_rows})::NUMBER AS CHUNK, COUNT(*) AS N_TEXTS, COUNT(TOKENS) AS N_COUNTED, "
        "COALESCE(SUM(TOKENS), 0) AS TOKENS "
        f"FROM {work.sql} WHERE STATE = 'ask' AND IS_FIRST GROUP BY 1 ORDER BY 1"
    )
    return {
        int(row["CHUNK"]): ChunkTokens(int(row["N_TEXTS"]), int(row["N_COUNTED"]), int(row["TOKENS"]))
        for row in send(Statement(query))
    }
