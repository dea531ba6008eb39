"""Multinomial logistic regression on sparse rows, trained epoch by epoch."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.preprocessing import normalize

from cortex_tickets.local.fine_tuning.completion_targets import CompletionTargets
from cortex_tickets.local.fine_tuning.text_features import Floats

# Chosen on splits of BANKING77's training questions, from 32 to 8,000 rows of them; its test set was not used.
_LEARNING_RATE = 0.2
_FIRST_CURVATURE = 1e-5
_BATCH_ROWS = 32
_SMALL_BATCH_ROWS = 8
_SMALL_SET_ROWS = 1_000
"""Fewer rows than this go in small batches: else an epoch has too few steps to learn anything."""
_FIRST_LENGTH = 3.0
"""Length of a label's first weights, which point at the mean of its rows. Matters for small sets."""
_INTERCEPT_SHARE = 0.1
_MOST_CANDIDATES = 4_096
"""With more completions than this, a batch is judged against its own and a sample of the others."""
_SCORED_ROWS = 1_024
_LEAST_PROBABILITY = 1e-7
"""What a completion that the model cannot give counts as in the log loss."""

Positions = npt.NDArray[np.intp]


class LinearModel:
    """Weights from features to completions. AdaGrad touches only the columns that stand in a batch."""

    def __init__(self, targets: CompletionTargets, weights: Floats, intercept: Floats) -> None:
        self.targets = targets
        self.weights = weights
        self.intercept = intercept

    @classmethod
    def untrained(cls, targets: CompletionTargets, n_features: int) -> LinearModel:
        """Return a model that finds every completion equally likely."""
        shape = (n_features, targets.n_dimensions)
        return cls(targets, np.zeros(shape, np.float32), np.zeros(targets.n_dimensions, np.float32))

    def outputs(self, rows: sp.csr_matrix) -> Floats:
        """Return shape `(n_rows, n_dimensions)`."""
        return np.asarray(rows @ self.weights + self.intercept, dtype=np.float32)

    def best(self, rows: sp.csr_matrix) -> Positions:
        """Return the index of the most likely completion of each row; ties go to the first."""
        parts = [
            self.targets.scores(self.outputs(rows[start : start + _SCORED_ROWS])).argmax(axis=1)
            for start in range(0, rows.shape[0], _SCORED_ROWS)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.intp)

    def log_loss(self, rows: sp.csr_matrix, positions: Positions) -> float:
        """Return the mean negative log of the probability given to the right completion, in nats."""
        total = 0.0
        for start in range(0, rows.shape[0], _SCORED_ROWS):
            right = positions[start : start + _SCORED_ROWS]
            chances = _softmax(self.targets.scores(self.outputs(rows[start : start + _SCORED_ROWS])))
            given = np.where(right >= 0, chances[np.arange(len(right)), right], 0.0)
            total -= float(np.log(np.maximum(given, _LEAST_PROBABILITY)).sum())
        return total / len(positions)


class Training:
    """A model under training: the accumulated curvature and the order of rows live here, not in the model."""

    def __init__(self, model: LinearModel, rows: sp.csr_matrix, positions: Positions, seed: int) -> None:
        self.model = model
        self._rows = rows
        self._positions = positions
        self._random = np.random.default_rng(seed)
        self._curvature = np.full(model.weights.shape, _FIRST_CURVATURE, np.float32)
        self._batch_rows = _BATCH_ROWS if rows.shape[0] >= _SMALL_SET_ROWS else _SMALL_BATCH_ROWS
        if model.targets.directions is None:
            model.weights[:] = _FIRST_LENGTH * _mean_rows(rows, positions, model.targets.n_dimensions)

    def epoch(self, check: Callable[[], None]) -> None:
        """Go once over all rows, in a new order. `check` runs between batches and may raise to stop."""
        order = self._random.permutation(self._rows.shape[0])
        for start in range(0, len(order), self._batch_rows):
            check()
            self._step(order[start : start + self._batch_rows])

    def _step(self, chosen: Positions) -> None:
        model, targets = self.model, self.model.targets
        batch = self._rows[chosen]
        columns, places = np.unique(batch.indices, return_inverse=True)
        compact = sp.csr_matrix((batch.data, places, batch.indptr), shape=(len(chosen), len(columns)))
        weights = model.weights[columns]

        right = self._positions[chosen]
        candidates = self._candidates(right)
        scores = targets.scores(np.asarray(compact @ weights + model.intercept, np.float32), candidates)
        errors = _softmax(scores)
        hit = right if candidates is None else np.searchsorted(candidates, right)
        errors[np.arange(len(chosen)), hit] -= 1
        errors = targets.output_gradient(errors, candidates)

        gradient = np.asarray(compact.T @ errors, np.float32) / np.float32(len(chosen))
        curvature = self._curvature[columns] + gradient * gradient
        self._curvature[columns] = curvature
        model.weights[columns] = weights - _LEARNING_RATE * gradient / np.sqrt(curvature)
        model.intercept -= np.float32(_LEARNING_RATE * _INTERCEPT_SHARE) * errors.mean(axis=0)

    def _candidates(self, right: Positions) -> Positions | None:
        known = len(self.model.targets.completions)
        if self.model.targets.directions is None or known <= _MOST_CANDIDATES:
            return None
        others = self._random.choice(known, _MOST_CANDIDATES, replace=False)
        return np.union1d(others, right)


def _mean_rows(rows: sp.csr_matrix, positions: Positions, n_labels: int) -> Floats:
    """Return the direction of the mean row of each label; shape `(n_features, n_labels)`."""
    members = sp.csr_matrix(
        (np.ones(len(positions), np.float32), (positions, np.arange(len(positions)))),
        shape=(n_labels, len(positions)),
    )
    return np.asarray(normalize(members @ rows).T.toarray(), dtype=np.float32)


def _softmax(scores: Floats) -> Floats:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True), dtype=np.float32)
