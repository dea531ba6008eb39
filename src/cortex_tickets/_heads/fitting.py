"""Fits a head: scikit-learn's logistic regression over vectors, and one temperature for its probabilities."""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Vectors = npt.NDArray[np.float32]
    Numbers = npt.NDArray[np.float64]
    Places = npt.NDArray[np.int64]

RECIPE = 1
"""Number of the method; another one gives another head from the same rows."""
_GRID = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)
"""Values of `C` that are tried, from the middle towards the better side; vectors have length 1."""
_FOLDS = 3
_MOST_ROWS_OF_A_CHOICE = 4_000
"""Rows on which `C` is chosen: the choice needs fewer than the fit."""
_SIGNIFICANT_BITS = 22
"""Of the largest weight, so that every weight is exact in the 24 bits that a VECTOR(FLOAT, n) keeps."""
_MOST_SCALE_BITS = 30
_MOST_ITERATIONS = 200
_TOLERANCE = 1e-3
_UNSEEN_BIAS = -50.0
_LEAST_LOG_TEMPERATURE, _MOST_LOG_TEMPERATURE = -3.0, 3.0
_GOLDEN = (math.sqrt(5) - 1) / 2
_STEPS = 60
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Fitted:
    """A head in whole numbers, and how it does on the validation rows."""

    weights: Places
    """Shape `(n_labels, dimension)`, in multiples of 2 to the power of `-scale_bits`."""
    biases: Places
    """Shape `(n_labels,)`, the same."""
    scale_bits: int
    inverse_regularisation: float
    temperature: float
    accuracy: float
    log_loss: float


def fit(
    vectors: Vectors,
    labels: Places,
    groups: Sequence[str],
    held_out: Vectors,
    held_out_labels: Places,
    *,
    n_labels: int,
) -> Fitted:
    """Return the head of these rows. The same rows in the same order give the same head on the same machine.

    `C` is chosen by cross validation over groups of near-copies, by the log loss of the left-out rows at its best
    temperature; the head is fitted on all training rows, and its temperature on the held-out ones alone.

    Args:
        vectors: Shape `(n_rows, dimension)`.
        labels: Shape `(n_rows,)`, places of the labels; each has two rows at least.
        groups: Shape `(n_rows,)`: rows of one group stay together in cross validation.
        held_out: Shape `(n_held_out, dimension)`: the validation split.
        held_out_labels: Shape `(n_held_out,)`.
        n_labels: How many labels there are.

    Source:
        Guo et al. 2017, "On Calibration of Modern Neural Networks" (ICML): one temperature, fitted by log loss.
    """
    import numpy as np  # noqa: PLC0415  an extra brings it

    chosen = _chosen_c(vectors, labels, groups, n_labels)
    weights, biases = _regression(vectors, labels, chosen, n_labels)
    largest = max(float(np.abs(weights).max()), float(np.abs(biases).max()), 2.0**-_MOST_SCALE_BITS)
    bits = min(_MOST_SCALE_BITS, _SIGNIFICANT_BITS - math.ceil(math.log2(largest)))
    whole_weights, whole_biases = _whole(weights, bits), _whole(biases, bits)
    logits = held_out.astype(np.float64) @ (whole_weights.T / 2.0**bits) + whole_biases / 2.0**bits
    temperature = round(math.exp(_best_log_temperature(logits, held_out_labels)), _DECIMALS)
    return Fitted(
        weights=whole_weights,
        biases=whole_biases,
        scale_bits=bits,
        inverse_regularisation=chosen,
        temperature=temperature,
        accuracy=float(np.mean(logits.argmax(axis=1) == held_out_labels)),
        log_loss=_log_loss(logits / temperature, held_out_labels),
    )


def _whole(numbers: Numbers, bits: int) -> Places:
    import numpy as np  # noqa: PLC0415  an extra brings it

    whole: Places = np.rint(numbers * 2.0**bits).astype(np.int64)
    return whole


def _chosen_c(vectors: Vectors, labels: Places, groups: Sequence[str], n_labels: int) -> float:
    """Walk the grid from its middle to the better side for as long as the loss falls."""
    import numpy as np  # noqa: PLC0415  an extra brings it

    by_hash = sorted(range(len(groups)), key=lambda place: (_digest(groups[place]), place))[:_MOST_ROWS_OF_A_CHOICE]
    rows = np.array(sorted(by_hash))
    folds = np.array([_digest(groups[place]) % _FOLDS for place in rows])
    losses: dict[int, float] = {}

    def loss(place: int) -> float:
        if place not in losses:
            losses[place] = _left_out_loss(vectors[rows], labels[rows], folds, _GRID[place], n_labels)
        return losses[place]

    best = len(_GRID) // 2 - 1
    step = 1 if loss(best + 1) < loss(best) else -1
    while 0 <= best + step < len(_GRID) and loss(best + step) < loss(best):
        best += step
    return _GRID[best]


def _digest(group: str) -> int:
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8], "big")


def _left_out_loss(vectors: Vectors, labels: Places, folds: Places, c: float, n_labels: int) -> float:
    """Return the log loss of the left-out rows at its best temperature; labels that a fold never saw are left out."""
    import numpy as np  # noqa: PLC0415  an extra brings it

    said: list[Any] = []
    true: list[Any] = []
    for fold in range(_FOLDS):
        learnt, left = folds != fold, folds == fold
        known = np.isin(labels, labels[learnt])
        left &= known
        if not left.any() or len(set(labels[learnt].tolist())) == 1:
            continue
        weights, biases = _regression(vectors[learnt], labels[learnt], c, n_labels)
        said.append(vectors[left].astype(np.float64) @ weights.T + biases)
        true.append(labels[left])
    if not said:
        return 0.0  # too few groups to leave any out: nothing speaks for one value or another
    logits, places = np.concatenate(said), np.concatenate(true)
    return _log_loss(logits / math.exp(_best_log_temperature(logits, places)), places)


def _regression(vectors: Vectors, labels: Places, c: float, n_labels: int) -> tuple[Numbers, Numbers]:
    """Return weights and biases of all labels; one that has no row gets a bias that keeps it last."""
    import numpy as np  # noqa: PLC0415  an extra brings it
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415  an extra, and slow to import
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415  the same

    model = LogisticRegression(C=c, max_iter=_MOST_ITERATIONS, tol=_TOLERANCE)
    with warnings.catch_warnings():
        # After so many steps no label changes, whether or not the last digit of the loss does.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(vectors, labels)
    weights, biases = np.zeros((n_labels, vectors.shape[1])), np.full(n_labels, _UNSEEN_BIAS)
    if len(model.classes_) == 2:  # noqa: PLR2004  of two labels scikit-learn tells the difference
        half, bias = model.coef_[0] / 2, float(model.intercept_[0]) / 2
        weights[model.classes_], biases[model.classes_] = np.stack([-half, half]), np.array([-bias, bias])
    else:
        weights[model.classes_], biases[model.classes_] = model.coef_, model.intercept_
    return weights, biases


def _best_log_temperature(logits: Numbers, labels: Places) -> float:
    """Return the logarithm of the temperature with the least log loss, which has one minimum; by golden section.

    Where every row is right, no finite temperature has the least loss: few rows would make the head all too sure. So
    each row counts as one of `n + 2` that might have been another label, by Laplace's rule.

    Source:
        Platt 1999, "Probabilistic Outputs for Support Vector Machines": targets of (n + 1) / (n + 2).
    """
    doubt = 1 / (len(labels) + 2)

    def loss(temperature: float) -> float:
        scaled = logits / temperature
        return (1 - doubt) * _log_loss(scaled, labels) + doubt * _other_loss(scaled, labels)

    return _golden_section(
        lambda log_temperature: loss(math.exp(log_temperature)),
        _LEAST_LOG_TEMPERATURE,
        _MOST_LOG_TEMPERATURE,
    )


def _golden_section(value: Callable[[float], float], low: float, high: float) -> float:
    first, second = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_first, at_second = value(first), value(second)
    for _ in range(_STEPS):
        if at_first <= at_second:
            high, second, at_second = second, first, at_first
            first = high - _GOLDEN * (high - low)
            at_first = value(first)
        else:
            low, first, at_first = first, second, at_second
            second = low + _GOLDEN * (high - low)
            at_second = value(second)
    return (low + high) / 2


def _log_loss(logits: Numbers, labels: Places) -> float:
    """Return the mean negative logarithm of the labels' probabilities, in nats."""
    import numpy as np  # noqa: PLC0415  an extra brings it

    return abs(float(_logarithms(logits)[np.arange(len(labels)), labels].mean()))


def _other_loss(logits: Numbers, labels: Places) -> float:
    """Return the same of the labels that the rows do not have, each as likely as the next."""
    import numpy as np  # noqa: PLC0415  an extra brings it

    logarithms = _logarithms(logits)
    of_label = logarithms[np.arange(len(labels)), labels]
    return abs(float(((logarithms.sum(axis=1) - of_label) / (logits.shape[1] - 1)).mean()))


def _logarithms(logits: Numbers) -> Numbers:
    """Return the logarithms of the softmax, row by row."""
    import numpy as np  # noqa: PLC0415  an extra brings it

    shifted = logits - logits.max(axis=1, keepdims=True)
    logarithms: Numbers = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return logarithms
