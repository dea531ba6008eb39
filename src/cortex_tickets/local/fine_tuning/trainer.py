"""Trains a linear text model from prompts and completions, as FINETUNE does on the embedded engine."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from cortex_tickets.local.fine_tuning.completion_targets import CompletionTargets
from cortex_tickets.local.fine_tuning.linear_model import LinearModel, Training
from cortex_tickets.local.fine_tuning.text_features import TextFeatures
from cortex_tickets.local.fine_tuning.training_data import (
    Pair,
    PromptFrame,
    TrainingDataError,
    check_completions,
    check_pairs,
)
from cortex_tickets.local.fine_tuning.tuned_model import TunedModel
from cortex_tickets.local.fine_tuning.validation_loss import GivenRowsLoss, HeldOutLoss, ValidationLoss
from cortex_tickets.local.language.tokens import count_tokens_many

__all__ = ["TrainingCancelled", "TrainingDataError", "TunedModel", "train"]

_MOST_WEIGHTS = 60_000_000
"""Features times outputs: bounds the weights, with their curvature, to half a gigabyte."""
_MOST_FEATURES = 200_000


class TrainingCancelled(Exception):  # noqa: N818  an order that was followed, not an error
    """Training was asked to stop and did."""


def train(
    pairs: Sequence[Pair],
    validation: Sequence[Pair] | None,
    *,
    max_epochs: int,
    seed: int,
    on_epoch: Callable[[int, int, float, float | None], None],
    cancelled: Callable[[], bool],
) -> TunedModel:
    """Learn completions from prompts, from these pairs only.

    Without validation rows the loss is measured by a second model that is trained beside the first and
    never sees the prompts held out; the model returned has learnt from all pairs.

    Args:
        pairs: Prompt and completion per row.
        validation: Rows to measure the loss on, never trained on. `None`: see above.
        max_epochs: Passes over the training rows. All of them are made.
        seed: Fixes the order of rows; same pairs and seed, same model.
        on_epoch: Called after each epoch with its number (from 1), the number of epochs, the training loss
            and the validation loss, in nats.
        cancelled: Polled between batches.

    Raises:
        TrainingDataError: When the rows cannot be trained on.
        TrainingCancelled: Soon after `cancelled` returned true.
    """
    check_pairs(pairs, "training data")
    check_completions(pairs)
    if validation is not None:
        check_pairs(validation, "validation data")
    prompts = [prompt for prompt, _ in pairs]
    frame = PromptFrame.shared_by(prompts)
    targets = CompletionTargets.of([completion for _, completion in pairs], seed)
    max_features = min(_MOST_FEATURES, _MOST_WEIGHTS // targets.n_dimensions)
    features, rows = TextFeatures.fit([frame.inside(prompt) for prompt in prompts], max_features)
    positions = targets.positions([completion for _, completion in pairs])

    def stop_if_cancelled() -> None:
        if cancelled():
            raise TrainingCancelled("Training was cancelled.")

    stop_if_cancelled()
    model = LinearModel.untrained(targets, rows.shape[1])
    main = Training(model, rows, positions, seed)
    if validation is None:
        unseen: ValidationLoss = HeldOutLoss(prompts, targets, rows, positions, seed)
    else:
        unseen = GivenRowsLoss(
            model,
            features.rows([frame.inside(prompt) for prompt, _ in validation]),
            targets.positions([completion for _, completion in validation]),
        )

    training_loss = validation_loss = math.nan
    for epoch in range(1, max_epochs + 1):
        main.epoch(stop_if_cancelled)
        training_loss = model.log_loss(rows, positions)
        validation_loss = unseen.after_epoch(stop_if_cancelled)
        stop_if_cancelled()
        on_epoch(epoch, max_epochs, training_loss, validation_loss)
    return TunedModel(
        frame=frame,
        features=features,
        model=model,
        training_loss=training_loss,
        validation_loss=validation_loss,
        trained_tokens=sum(count_tokens_many(prompts)) * max_epochs,
    )
