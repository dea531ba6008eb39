"""What the next chunk would cost, and whether the budget allows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.table_name import TableName


@dataclass(slots=True)
class Spending:
    """Tokens of one run so far, against its budget.

    A model without a known price counts at the dearest listed price: a hard stop must stay one.
    """

    operation: Operation
    prices: PriceTable
    budget: Budget | None
    chunk_tokens: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    """Per chunk, the texts to ask and the input tokens counted for them."""
    input_tokens: int = 0
    output_tokens: int = 0
    _counted: int = 0

    @property
    def limit(self) -> float | None:
        """AI credits that may be spent; `None` for no limit."""
        return self.budget.ai_credits if self.budget else None

    @property
    def ai_credits(self) -> float | None:
        """AI credits spent; `None` if the model's price is unknown."""
        price = self.prices.price(self.operation.model)
        return None if price is None else price.credits(self.input_tokens, self.output_tokens)

    def stop_before(self, chunk: int) -> str | None:
        """Return why the chunk must not be asked, or `None` if it may."""
        if self.limit is None:
            return None
        spent = self.prices.ceiling(self.operation.model).credits(self.input_tokens, self.output_tokens)
        coming = self._expected(chunk)
        if spent + coming <= self.limit:
            return None
        return (
            f"the budget of {self.limit:g} AI credits would be crossed: {spent:.6f} are spent, "
            f"and the next chunk would cost about {coming:.6f}"
        )

    def add(self, chunk: int, input_tokens: int, output_tokens: int) -> None:
        """Take note of what a chunk used."""
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens
        self._counted += self.chunk_tokens.get(chunk, (0, 0))[1]

    def _expected(self, chunk: int) -> float:
        n_texts, tokens = self.chunk_tokens.get(chunk, (0, 0))
        # Some models read more than is counted (a hidden system prompt), so what was used corrects what was counted.
        excess = max(1.0, self.input_tokens / self._counted) if self._counted else 1.0
        return self.prices.ceiling(self.operation.model).credits(
            tokens * excess, n_texts * self.operation.output_tokens
        )


def counted_chunks(client: CortexClient, work: TableName, chunk_rows: int) -> dict[int, tuple[int, int]]:
    """Return, per chunk, the texts to ask and their input tokens. One statement."""
    rows = client.run(
        f"SELECT FLOOR(N / {chunk_rows})::NUMBER AS CHUNK, COUNT(*) AS N_TEXTS, COALESCE(SUM(TOKENS), 0) AS TOKENS "
        f"FROM {work.sql} WHERE STATE = 'ask' AND IS_FIRST GROUP BY 1 ORDER BY 1"
    )
    return {int(row["CHUNK"]): (int(row["N_TEXTS"]), int(row["TOKENS"])) for row in rows}


def used_tokens(client: CortexClient, into: TableName, run_id: str) -> tuple[int, int]:
    """Return the input and output tokens that the run's rows carry."""
    row = client.run(
        "SELECT COALESCE(SUM(INPUT_TOKENS), 0) AS READ_TOKENS, COALESCE(SUM(OUTPUT_TOKENS), 0) AS WRITTEN_TOKENS "
        f"FROM {into.sql} WHERE RUN_ID = {literal(run_id)}"
    )[0]
    return int(row["READ_TOKENS"]), int(row["WRITTEN_TOKENS"])
