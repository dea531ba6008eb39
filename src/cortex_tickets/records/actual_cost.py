"""What something cost, by Snowflake's own account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from cortex_tickets.notebook_card import Tone, card, facts, title, tokens
from cortex_tickets.records.record import Received


class ActualCost(Received):
    """What the usage view says of the statements with one query tag."""

    ai_credits: float
    """AI credits, by Snowflake's own account; 0 where the view has no row yet."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    n_statements: int
    """Statements that the view knows; 0 means that it has no data yet."""
    is_final: bool
    """Whether every window of the view that they are in is closed."""

    @classmethod
    def together(cls, costs: Sequence[Self]) -> Self:
        """Return the cost of all of them together."""
        return cls(
            ai_credits=sum(cost.ai_credits for cost in costs),
            input_tokens=sum(cost.input_tokens for cost in costs),
            output_tokens=sum(cost.output_tokens for cost in costs),
            n_statements=sum(cost.n_statements for cost in costs),
            is_final=all(cost.is_final for cost in costs),
        )

    def _repr_html_(self) -> str:
        return card(
            title(
                f"{self.ai_credits:.6f} AI credits, by Snowflake's account",
                "final" if self.is_final else "not final",
                Tone.PLAIN,
            ),
            facts({"tokens": tokens(self.input_tokens, self.output_tokens), "statements": f"{self.n_statements:,}"}),
        )
