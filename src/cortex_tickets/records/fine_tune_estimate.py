"""What a fine-tune job would train on and cost."""

from __future__ import annotations

from cortex_tickets.notebook_card import card, facts
from cortex_tickets.records.record import Received


class FineTuneEstimate(Received):
    """Tokens and platform credits of a fine-tune job, found by counting, before anything is billed.

    Prompts are counted, since Snowflake bills input tokens times epochs. Whether a completion is input as well is not
    documented, so its tokens and what they might cost are kept apart; a budget reckons with both.

    Source:
        [Cortex Fine-tuning, cost considerations](
        https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning), read 2026-11-22: trained tokens
        are input tokens times epochs.
    """

    base_model: str
    """The model that would be tuned; its tokenizer counted."""
    n_training: int
    """Training pairs."""
    n_validation: int
    """Validation pairs; they are not trained on and not in the tokens."""
    tokens_per_epoch: int
    """Tokens of all training prompts."""
    completion_tokens_per_epoch: int
    """Tokens of all training completions, which may be billed too; in none of the other counts."""
    n_uncounted: int
    """Training pairs whose tokens Snowflake could not count; they are not in the tokens."""
    epochs: int
    """Epochs reckoned with: `max_epochs`, or 3 where that was left to Snowflake."""
    trained_tokens: int
    """Tokens of the prompts times epochs, as the job itself will count them; the most, if it stops early."""
    platform_credits: float | None
    """Platform credits for these; `None` if the price is unknown: no source that could be read states it."""
    platform_credits_at_most: float | None
    """Platform credits if the completions are billed too; `None` if the price is unknown."""

    def __str__(self) -> str:
        cost = (
            f"{self.platform_credits:.6f} platform credits, "
            f"{self.platform_credits_at_most:.6f} if completions are billed"
            if self.platform_credits is not None
            else "price unknown: give platform_credits_per_million_tokens="
        )
        left_out = f" ({self.n_uncounted:,} pairs could not be counted)" if self.n_uncounted else ""
        return (
            f"{self.base_model}: {self.n_training:,} training and {self.n_validation:,} validation pairs, "
            f"{self.tokens_per_epoch:,} prompt tokens{left_out} x {self.epochs} epochs = "
            f"{self.trained_tokens:,} trained tokens; {cost}"
        )

    def _repr_html_(self) -> str:
        price = "unknown: give it with platform_credits_per_million_tokens="
        if self.platform_credits is not None:
            price = f"{self.platform_credits:.6f} platform credits"
            price += f"; {self.platform_credits_at_most:.6f} if completions are billed"
        return card(
            f"{self.trained_tokens:,} tokens to train {self.base_model} on",
            facts(
                {
                    "pairs": f"{self.n_training:,} for training, {self.n_validation:,} for validation",
                    "prompt tokens": f"{self.tokens_per_epoch:,} in each of {self.epochs} epochs",
                    "completion tokens": f"{self.completion_tokens_per_epoch:,} in each; may be billed too",
                    "not counted": f"{self.n_uncounted:,} pairs" if self.n_uncounted else None,
                    "price": price,
                }
            ),
        )
