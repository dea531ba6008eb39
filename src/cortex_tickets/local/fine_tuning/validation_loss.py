"""The loss on rows that a model has not learnt from: rows that were given, or rows that are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from cortex_tickets.local.fine_tuning.completion_targets import CompletionTargets
from cortex_tickets.local.fine_tuning.linear_model import LinearModel, Positions, Training

_HELD_OUT_ONE_IN = 10


class ValidationLoss(Protocol):
    """Something that can be asked for the loss once after each epoch."""

    def after_epoch(self, check: Callable[[], None]) -> float:
        """Return the log loss in nats. `check` may raise to stop."""


class GivenRowsLoss:
    """The loss of the model itself on rows that the caller gave."""

    def __init__(self, model: LinearModel, rows: sp.csr_matrix, positions: Positions) -> None:
        self._model, self._rows, self._positions = model, rows, positions

    def after_epoch(self, check: Callable[[], None]) -> float:
        """Return the log loss in nats."""
        check()
        return self._model.log_loss(self._rows, self._positions)


class HeldOutLoss:
    """The loss of a twin, trained beside the model, on one prompt in ten that the twin never sees.

    The model itself learns from every row: holding rows back from it would cost accuracy. Word weights
    (IDF) are counted over all prompts; nothing else of the held-out rows reaches the twin.
    """

    def __init__(
        self,
        prompts: Sequence[str],
        targets: CompletionTargets,
        rows: sp.csr_matrix,
        positions: Positions,
        seed: int,
    ) -> None:
        held_out = _held_out(prompts)
        self._twin = LinearModel.untrained(targets, rows.shape[1])
        self._training = Training(self._twin, rows[~held_out], positions[~held_out], seed)
        self._rows, self._positions = rows[held_out], positions[held_out]

    def after_epoch(self, check: Callable[[], None]) -> float:
        """Train the twin for one epoch and return its log loss in nats."""
        self._training.epoch(check)
        return self._twin.log_loss(self._rows, self._positions)


def _held_out(prompts: Sequence[str]) -> np.typing.NDArray[np.bool_]:
    """Mark the rows of a tenth of the distinct prompts, chosen by hash; at least one, never all."""
    # With one distinct prompt, its rows can only be told apart by their place.
    keys = list(prompts) if len(set(prompts)) > 1 else [str(row) for row in range(len(prompts))]
    by_hash = sorted(set(keys), key=lambda key: hashlib.blake2b(key.encode("utf-8", "replace")).digest())
    chosen = set(by_hash[: max(1, len(by_hash) // _HELD_OUT_ONE_IN)])
    return np.array([key in chosen for key in keys])
