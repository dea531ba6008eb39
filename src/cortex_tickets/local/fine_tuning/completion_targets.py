"""The completions that a model can give, and the vectors that a linear model is trained towards."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.decomposition import TruncatedSVD
from sklearn.preprocessing import normalize
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # ships no types

from cortex_tickets.local.fine_tuning.text_features import Floats, TextFeatures

_ALWAYS_LABELS = 50
_MOST_LABELS = 1_000
_ROWS_PER_LABEL = 1.5
_DIMENSIONS = 128
_SHARPNESS = 12.0
"""Cosines lie between -1 and 1; times this they can become probabilities near 0 and 1."""

_LIMITING = threading.Lock()
"""The limit is the process's: two that set it at once could leave it behind."""


@dataclass(frozen=True, slots=True)
class CompletionTargets:
    """Distinct completions, in sorted order, and for free text the direction in which each one lies."""

    completions: tuple[str, ...]
    directions: Floats | None
    """Shape `(n_completions, n_dimensions)`, for free text; `None` for labels, each its own dimension."""

    @classmethod
    def of(cls, completions: Sequence[str], seed: int) -> CompletionTargets:
        """Decide whether completions are labels or free text, and lay out the latter in a space.

        Completions are labels when there are few of them, or clearly fewer than rows. In free text most are
        different: there the model learns to point from a prompt to the neighbourhood of its completion.
        """
        distinct = tuple(sorted(set(completions)))
        come_back = len(completions) >= _ROWS_PER_LABEL * len(distinct)
        if len(distinct) <= _ALWAYS_LABELS or (len(distinct) <= _MOST_LABELS and come_back):
            return cls(distinct, None)
        return cls(distinct, _directions(distinct, seed))

    @property
    def n_dimensions(self) -> int:
        """Columns of the weight matrix."""
        return len(self.completions) if self.directions is None else self.directions.shape[1]

    def positions(self, completions: Sequence[str]) -> npt.NDArray[np.intp]:
        """Give each completion's index, and -1 for one that is not among the targets."""
        index = {completion: position for position, completion in enumerate(self.completions)}
        return np.array([index.get(completion, -1) for completion in completions], dtype=np.intp)

    def scores(self, outputs: Floats, candidates: npt.NDArray[np.intp] | None = None) -> Floats:
        """Turn a model's outputs into one score per completion, or per candidate completion."""
        if self.directions is None:
            return outputs if candidates is None else outputs[:, candidates]
        directions = self.directions if candidates is None else self.directions[candidates]
        return np.asarray(outputs @ directions.T * np.float32(_SHARPNESS), dtype=np.float32)

    def output_gradient(self, errors: Floats, candidates: npt.NDArray[np.intp] | None) -> Floats:
        """Turn the errors of scores back into errors of outputs: the transpose of `scores`."""
        if self.directions is None:
            return errors
        directions = self.directions if candidates is None else self.directions[candidates]
        return np.asarray(errors @ directions * np.float32(_SHARPNESS), dtype=np.float32)


def _directions(completions: Sequence[str], seed: int) -> Floats:
    _, rows = TextFeatures.fit(completions, max_features=50_000)
    dimensions = min(_DIMENSIONS, len(completions) - 1, rows.shape[1] - 1)
    # Matrices this small gain nothing from several threads, and on a busy machine those wait for each other.
    with _LIMITING, threadpool_limits(limits=1, user_api="blas"):
        projected = TruncatedSVD(dimensions, n_iter=2, random_state=seed).fit_transform(rows)
    return np.asarray(normalize(projected), dtype=np.float32)
