"""What something may cost, and what it would cost, in Snowflake's two currencies."""

from __future__ import annotations

from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from cortex_tickets.notebook_card import card, facts
from cortex_tickets.records.record import Record


class Budget(Record):
    """A hard stop for one call. AI credits and platform credits are two currencies and are never added up."""

    ai_credits: float | None = Field(default=None, gt=0)
    """AI credits, which pay for AI functions; `None` for no limit."""
    platform_credits: float | None = Field(default=None, gt=0)
    """Platform credits, which pay for fine-tuning; `None` for no limit."""
    unknown_price: Literal["refuse", "dearest_listed"] = "refuse"
    """What becomes of a model without a known price: it is refused until `prices=` tells it, or it counts as the
    dearest model of the price table. Never as 0."""

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.ai_credits is None and self.platform_credits is None:
            raise ValueError("a budget needs ai_credits= or platform_credits=; leave budget= out for no limit")
        return self


class ModelPrice(Record):
    """What a model costs per million tokens, in AI credits."""

    input: float = Field(ge=0)
    """AI credits per million tokens read."""
    output: float = Field(ge=0)
    """AI credits per million tokens written."""

    def credits(self, input_tokens: float, output_tokens: float) -> float:
        """Return the AI credits that these tokens cost.

        Args:
            input_tokens: Tokens read.
            output_tokens: Tokens written.
        """
        return (input_tokens * self.input + output_tokens * self.output) / 1_000_000


class Estimate(Record):
    """What a table operation would ask and cost, found by counting, before anything is billed."""

    n_tickets: int
    """Ticket rows in the source; rows equal in id and text are one ticket."""
    n_texts: int
    """Distinct texts that would be asked: blank ones and those answered already are not among them."""
    input_tokens: int
    """Tokens that would be read, prompt included, counted by AI_COUNT_TOKENS or scaled up from a sample."""
    output_tokens: int
    """Tokens that would be written, as far as one can expect."""
    output_tokens_at_most: int
    """Tokens that would be written at most: a budget's hard stop counts with these."""
    model: str
    """The model that would be asked."""
    ai_credits: float | None
    """AI credits, as far as one can expect; `None` if the model's price is unknown: give it with `prices=`."""
    ai_credits_at_most: float | None
    """AI credits if every answer were as long as it may get; `None` if the price is unknown. With a budget of so many a
    run whose texts differ much in length may be stopped before its end, and asks the rest when it is resumed; one of
    twice as many leaves room for that, and for what fails and is asked again."""
    dollars: float | None
    """US dollars for `ai_credits`, at `dollars_per_ai_credit`; `None` if the price is unknown."""
    dollars_per_ai_credit: float
    """US dollars for one AI credit."""
    price_date: date
    """The date of the price table."""

    def __str__(self) -> str:
        cost = (
            f"{self.ai_credits:.6f} AI credits (${self.dollars:.6f}), {self.ai_credits_at_most:.6f} at most"
            if self.ai_credits is not None
            else "price unknown: give it with prices={'" + self.model + "': ModelPrice(input=..., output=...)}"
        )
        return (
            f"{self.n_tickets:,} tickets, {self.n_texts:,} distinct texts to ask; {self.model}: "
            f"{self.input_tokens:,} tokens in, about {self.output_tokens:,} out "
            f"({self.output_tokens_at_most:,} at most); {cost}; "
            f"prices of {self.price_date.isoformat()}, warehouse time not included"
        )

    def _repr_html_(self) -> str:
        price = "unknown: give it with prices="
        if self.ai_credits is not None:
            price = f"{self.ai_credits:.6f} AI credits (${self.dollars:.6f})"
        at_most = None if self.ai_credits_at_most is None else f"{self.ai_credits_at_most:.6f} AI credits"
        return card(
            f"{self.n_texts:,} distinct texts to ask, of {self.n_tickets:,} tickets",
            facts(
                {
                    "model": self.model,
                    "tokens read": f"{self.input_tokens:,}",
                    "tokens written": f"about {self.output_tokens:,}, {self.output_tokens_at_most:,} at most",
                    "price": price,
                    "at most": at_most,
                    "prices of": f"{self.price_date.isoformat()}; warehouse time is not in them",
                }
            ),
        )
