"""What a fine-tune job would train on and cost."""

from __future__ import annotations

from cortex_tickets.records.record import Received


class FineTuneEstimate(Received):
    """Tokens and platform credits of a fine-tune job, found by counting, before anything is billed.

    Source:
        [Cortex Fine-tuning, cost considerations](
        https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning), read 2026-11-22: trained tokens
        are input tokens times epochs. Whether completions count as input is not said; they are counted here, so
        that the estimate is not too low.
    """

    base_model: str
    """The model that would be tuned; its tokenizer counted."""
    n_training: int
    """Training pairs."""
    n_validation: int
    """Validation pairs; they are not trained on and not in the tokens."""
    tokens_per_epoch: int
    """Tokens of all training pairs, prompts and completions."""
    n_uncounted: int
    """Training pairs whose tokens Snowflake could not count; they are not in the tokens."""
    epochs: int
    """Epochs reckoned with: `max_epochs`, or 3 where that was left to Snowflake."""
    trained_tokens: int
    """Tokens times epochs: what would be billed, at most."""
    platform_credits: float | None
    """Platform credits; `None` if the price is unknown: no source that could be read states it."""

    def __str__(self) -> str:
        cost = (
            f"{self.platform_credits:.6f} platform credits"
            if self.platform_credits is not None
            else "price unknown: give platform_credits_per_million_tokens="
        )
        left_out = f" ({self.n_uncounted:,} pairs could not be counted)" if self.n_uncounted else ""
        return (
            f"{self.base_model}: {self.n_training:,} training and {self.n_validation:,} validation pairs, "
            f"{self.tokens_per_epoch:,} tokens{left_out} x {self.epochs} epochs = {self.trained_tokens:,} trained "
            f"tokens; {cost}"
        )
