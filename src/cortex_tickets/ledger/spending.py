"""What a run has spent, what the next chunk would cost, and whether the budget allows it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from cortex_tickets._cortex.client import Row
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import AccessDeniedError, CallError, CortexError, ModelNotFoundError
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.ledger.tally import Tally
from cortex_tickets.ledger.written_tokens import written_columns
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.table_name import TableName


@dataclass(frozen=True, slots=True)
class ChunkTokens:
    """What is known of a chunk before it is asked."""

    n_texts: float = 0
    """Texts to ask."""
    n_counted: float = 0
    """Those whose tokens could be counted."""
    tokens: float = 0
    """Input tokens that were counted for them."""
    written: float = 0.0
    """Output tokens that are expected of them."""
    written_at_most: float = 0.0
    """Output tokens that they have at most."""

    def part(self, share: float) -> ChunkTokens:
        """Return what is known of a share of the texts, 0 to 1."""
        return replace(
            self,
            n_texts=self.n_texts * share,
            n_counted=self.n_counted * share,
            tokens=self.tokens * share,
            written=self.written * share,
            written_at_most=self.written_at_most * share,
        )

    @property
    def input_tokens(self) -> float | None:
        """Input tokens of all the texts, those not counted like the others; `None` if none was counted."""
        if not self.n_texts:
            return 0.0
        return self.tokens * self.scale if self.n_counted else None

    @property
    def scale(self) -> float:
        """By what a sum over the counted texts is taken times, to be one over all of them."""
        return self.n_texts / self.n_counted if self.n_counted else 0.0


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
    does, a chunk is expected to cost what it costs at most, and one whose tokens the server did not tell counts with
    that. What the rest would cost is told as it is to be expected.
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
        coming = self._at_most(chunk, share)
        if coming is None:
            return (
                f"the tokens of the next chunk cannot be counted for {self.operation.model}, so nobody knows whether "
                f"the budget of {self.limit:g} AI credits would be crossed"
            )
        if spent + coming <= self.limit:
            return None
        return (
            f"the budget of {self.limit:g} AI credits would be crossed: {spent:.6f} are spent, "
            f"and the next chunk would cost up to {coming:.6f}{self._what_else(coming)}"
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
            self._untold_credits += self._at_most(part.chunk, part.share) or 0.0

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
        if not told_tokens:
            self._untold_credits += self._at_most(chunk) or 0.0

    def leaves_room_to_halve(self, chunk: int) -> bool:
        """Whether a chunk that fails may be halved down to the text that makes it fail, within the budget.

        All the halves that fail on the way cost as much again as the chunk. Where texts were asked already the run has
        come further in any case.
        """
        coming = self._at_most(chunk)
        return self.limit is None or self.n_asked > 0 or coming is None or 2 * coming <= self.limit

    def credits_left(self, n_texts: int) -> float | None:
        """Return about how many AI credits the rest would cost.

        The answers to come are taken to be as long, against what was expected, as those so far.

        Args:
            n_texts: Distinct texts that were not asked.

        Returns:
            `None` where the price is unknown, or nothing is known of the texts' tokens.
        """
        price = self.prices.price(self.operation.model)
        if price is None:
            return None
        if not n_texts:
            return 0.0
        if not self.chunk_tokens:
            spent = self.ai_credits
            return None if spent is None or not self.n_asked else spent / self.n_asked * n_texts
        if any(counted.input_tokens is None for counted in self._left()):
            return None
        asked, left = self._asked(), self._left()
        expected = sum(counted.written for counted in asked)
        length = self.output_tokens / expected if expected and self.output_tokens else 1.0
        return price.credits(
            sum(counted.input_tokens or 0.0 for counted in left) * self._excess(),
            sum(counted.written * counted.scale for counted in left) * length,
        )

    def _asked(self) -> list[ChunkTokens]:
        """What was counted for the texts that were asked: the first ones, in the order of the work list."""
        return self._parts(lambda before, n_texts: min(1.0, max(0.0, (self.n_asked - before) / n_texts)))

    def _left(self) -> list[ChunkTokens]:
        """The same of all the others, those of a chunk under way among them."""
        return self._parts(lambda before, n_texts: min(1.0, max(0.0, (before + n_texts - self.n_asked) / n_texts)))

    def _parts(self, share_of: Callable[[float, float], float]) -> list[ChunkTokens]:
        before, parts = 0.0, []
        for _, counted in sorted(self.chunk_tokens.items()):
            share = share_of(before, counted.n_texts) if counted.n_texts else 0.0
            before += counted.n_texts
            if share:
                parts.append(counted.part(share))
        return parts

    @property
    def _models(self) -> list[str]:
        return [model for model, tokens in self._by_model.items() if any(tokens)] or [self.operation.model]

    def _credits(self) -> float:
        return sum(self.prices.ceiling(model).credits(*tokens) for model, tokens in self._by_model.items())

    def _at_most(self, chunk: int, share: float = 1.0) -> float | None:
        counted = self.chunk_tokens.get(chunk, ChunkTokens())
        if counted.input_tokens is None:
            return None
        return share * self.prices.ceiling(self.operation.model).credits(
            counted.input_tokens * self._excess(), counted.written_at_most * counted.scale
        )

    def _excess(self) -> float:
        """By what the counted tokens are taken times: some models read more (a hidden system prompt), as was told."""
        counted = sum(part.input_tokens or 0.0 for part in self._asked())
        return max(1.0, self.input_tokens / counted) if counted else 1.0


def counted_chunks(
    send: Callable[[Statement], list[Row]], operation: Operation, work: TableName, chunk_rows: int
) -> dict[int, ChunkTokens]:
    """Return, per chunk, the texts to ask, their tokens, and those of the answers. One statement."""
    query = (
        f"SELECT FLOOR(N / {chunk_rows})::NUMBER AS CHUNK, COUNT(*) AS N_TEXTS, COUNT(TOKENS) AS N_COUNTED, "
        f"COALESCE(SUM(TOKENS), 0) AS TOKENS, {written_columns(operation)} "
        f"FROM {work.sql} WHERE STATE = 'ask' AND IS_FIRST GROUP BY 1 ORDER BY 1"
    )
    return {
        int(row["CHUNK"]): ChunkTokens(
            int(row["N_TEXTS"]),
            int(row["N_COUNTED"]),
            int(row["TOKENS"]),
            written=float(row["WRITTEN"]),
            written_at_most=float(row["WRITTEN_AT_MOST"]),
        )
        for row in send(Statement(query))
    }
