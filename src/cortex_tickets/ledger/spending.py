"""What a run has spent, what the next chunk would cost, and whether the budget allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.ledger.operation import Operation
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


@dataclass(slots=True)
class Spending:
    """Tokens of one run so far, against its budget.

    A hard stop must stay one: a model without a known price counts at the dearest listed price, and a chunk whose
    tokens the server did not tell counts with what was expected of it.
    """

    operation: Operation
    prices: PriceTable
    budget: Budget | None
    chunk_tokens: Mapping[int, ChunkTokens] = field(default_factory=dict)
    """What was counted for each chunk."""
    n_asked: int = 0
    """Distinct texts that were asked."""
    input_tokens: int = 0
    """Tokens read, as the server told them."""
    output_tokens: int = 0
    """Tokens written, as the server told them."""
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
        """AI credits spent; `None` if the price is unknown, or if texts were asked and no tokens were told."""
        price = self.prices.price(self.operation.model)
        return None if price is None or self.is_untold else price.credits(self.input_tokens, self.output_tokens)

    def stop_before(self, chunk: int) -> str | None:
        """Return why the chunk must not be asked, or `None` if it may."""
        if self.limit is None:
            return None
        ceiling = self.prices.ceiling(self.operation.model)
        spent = ceiling.credits(self.input_tokens, self.output_tokens) + self._untold_credits
        coming = self._expected(chunk)
        if coming is None:
            return (
                f"the tokens of the next chunk cannot be counted for {self.operation.model}, so nobody knows whether "
                f"the budget of {self.limit:g} AI credits would be crossed"
            )
        if spent + coming <= self.limit:
            return None
        return (
            f"the budget of {self.limit:g} AI credits would be crossed: {spent:.6f} are spent, "
            f"and the next chunk would cost about {coming:.6f}"
        )

    def add(self, chunk: int, input_tokens: int, output_tokens: int) -> None:
        """Take note of the tokens that the server told for a chunk; 0 where it told none."""
        if input_tokens == 0:
            self._untold_credits += self._expected(chunk) or 0.0
            return
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self._counted += self.chunk_tokens.get(chunk, ChunkTokens()).input_tokens or 0.0

    def _expected(self, chunk: int) -> float | None:
        counted = self.chunk_tokens.get(chunk, ChunkTokens())
        if counted.input_tokens is None:
            return None
        # Some models read more than is counted (a hidden system prompt), so what was used corrects what was counted.
        excess = max(1.0, self.input_tokens / self._counted) if self._counted else 1.0
        return self.prices.ceiling(self.operation.model).credits(
            counted.input_tokens * excess, counted.n_texts * self.operation.output_tokens
        )


def counted_chunks(client: CortexClient, work: TableName, chunk_rows: int) -> dict[int, ChunkTokens]:
    """Return, per chunk, the texts to ask and their input tokens. One statement."""
    rows = client.run(
        f"SELECT FLOOR(N / {chunk_rows})::NUMBER AS CHUNK, COUNT(*) AS N_TEXTS, COUNT(TOKENS) AS N_COUNTED, "
        "COALESCE(SUM(TOKENS), 0) AS TOKENS "
        f"FROM {work.sql} WHERE STATE = 'ask' AND IS_FIRST GROUP BY 1 ORDER BY 1"
    )
    return {
        int(row["CHUNK"]): ChunkTokens(int(row["N_TEXTS"]), int(row["N_COUNTED"]), int(row["TOKENS"])) for row in rows
    }


def used_tokens(client: CortexClient, into: TableName, run_id: str) -> tuple[int, int]:
    """Return the input and output tokens that the run's rows carry."""
    row = client.run(
        "SELECT COALESCE(SUM(INPUT_TOKENS), 0) AS READ_TOKENS, COALESCE(SUM(OUTPUT_TOKENS), 0) AS WRITTEN_TOKENS "
        f"FROM {into.sql} WHERE RUN_ID = {literal(run_id)}"
    )[0]
    return int(row["READ_TOKENS"]), int(row["WRITTEN_TOKENS"])
