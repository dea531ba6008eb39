"""Draws calibration samples again and again, learns a threshold from each, and scores it against the whole population.

The same thresholds and the same number of errors allowed as `Cascade.certify` has, in numpy; a test holds the two to
each other. Beside the method itself there are three ways of doing it wrong, which have to break the bound.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import most_errors

DELTA = 0.05
TOLERANCE = 0.055
"""Share of draws that may break the bound: delta, and a tenth of it for the draws being finitely many."""
COPIES = 4
_BLOCK = 1_000
_FALLING = np.array(THRESHOLDS)
_NEVER = len(THRESHOLDS)

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


class Way(StrEnum):
    """How a threshold is learned."""

    CERTIFIED = "certified"
    """As `Cascade.certify` does."""
    PLUG_IN = "plug-in threshold, no bound"
    """The lowest threshold with which the sample itself keeps the target."""
    TRAINED_ON = "calibration rows that were trained on"
    """The method itself, on a sample of what the student learned from."""
    DUPLICATED = "rows duplicated four times"
    """The method itself, on a quarter of the tickets, each of them four times."""


@dataclass(frozen=True)
class Scored:
    """A student's answers: how sure it was, and whether it was right. The teacher is the reference."""

    probability: Floats
    is_right: Flags

    @property
    def accuracy(self) -> float:
        """Share of right answers."""
        return float(self.is_right.mean())


@dataclass(frozen=True)
class Outcome:
    """What became of all draws."""

    broken: float
    """Share of draws whose threshold does not keep the target in the population."""
    escalated: float
    """Mean share of the population that the teacher answers; all of it where nothing was certified."""
    refused: float
    """Share of draws that certified nothing."""


def first_places(probability: Floats) -> Places:
    """Return the place of the first threshold that each probability reaches; their number if it reaches none."""
    return np.searchsorted(-_FALLING, -probability, side="left")


def draw_thresholds(
    population: Scored,
    *,
    way: Way,
    target: float,
    n: int,
    draws: int,
    seed: int,
    learned_from: Scored | None = None,
) -> Outcome:
    """Return what becomes of so many calibration samples of `n` rows, drawn with replacement.

    Args:
        population: What every threshold is scored against, and samples are drawn from.
        way: How a threshold is learned.
        target: Share of tickets to be answered as the reference does, 0 to 1.
        n: Rows of a sample.
        draws: How many samples.
        seed: The same seed gives the same draws.
        learned_from: What the student was trained on; for `Way.TRAINED_ON`.
    """
    source = np.random.default_rng(seed)
    drawn_from = learned_from if way is Way.TRAINED_ON and learned_from is not None else population
    wrong, teachers = _curves(population)
    broken = escalated = refused = 0.0
    for first in range(0, draws, _BLOCK):
        n_samples = min(_BLOCK, draws - first)
        chosen = _rows(source, way, n_samples, n, len(drawn_from.probability))
        last = last_places(drawn_from, chosen, way=way, target=target)
        is_certified = last >= 0
        broken += np.count_nonzero(wrong[last[is_certified]] > 1 - target + 1e-12)
        escalated += teachers[last[is_certified]].sum() + np.count_nonzero(~is_certified)
        refused += np.count_nonzero(~is_certified)
    return Outcome(float(broken / draws), float(escalated / draws), float(refused / draws))


def _curves(population: Scored) -> tuple[Floats, Floats]:
    """Return, for each threshold, the share of wrong answers and the share that the teacher answers."""
    places = first_places(population.probability)
    n = len(places)
    wrong = np.bincount(places[~population.is_right], minlength=_NEVER + 1)[:_NEVER].cumsum() / n
    return wrong, 1 - np.bincount(places, minlength=_NEVER + 1)[:_NEVER].cumsum() / n


def _rows(source: np.random.Generator, way: Way, n_samples: int, n: int, n_population: int) -> Places:
    if way is Way.DUPLICATED:
        return np.repeat(source.integers(0, n_population, (n_samples, n // COPIES)), COPIES, axis=1)
    return source.integers(0, n_population, (n_samples, n))


def last_places(scored: Scored, chosen: Places, *, way: Way, target: float) -> Places:
    """Return the place of the lowest threshold that each sample proves; -1 where it certifies nothing.

    With the teacher as the reference, errors only grow down the sequence: it stops where one more than is allowed is
    reached. A threshold that no ticket of the sample reaches certifies nothing.
    """
    n = chosen.shape[1]
    allowed = int(n * (1 - target) + 1e-9) if way is Way.PLUG_IN else most_errors(n, 1 - target, DELTA)
    if allowed < 0:
        return np.full(len(chosen), -1)
    places = first_places(scored.probability)[chosen]
    of_errors = np.sort(np.where(scored.is_right[chosen], _NEVER, places), axis=1)
    last = of_errors[:, allowed] - 1 if allowed < n else np.full(len(chosen), _NEVER - 1)
    return np.where(places.min(axis=1) <= last, last, -1)
