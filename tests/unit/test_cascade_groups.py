"""A sample of groups of near-copies, by drawing: what one ticket of each proves, and what all of their rows would.

The populations are clustered: tickets of one group are answered alike, and mostly right or wrong together.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from cascade_draws import DELTA, TOLERANCE, Scored, Way, first_places, last_places

from cortex_tickets._cascading.thresholds import THRESHOLDS

DRAWS, N_GROUPS, PER_GROUP = 3_000, 800, 4
THREE_ERRORS = 3 * (DELTA * (1 - DELTA) / DRAWS) ** 0.5
TARGET = 0.95

Numbers = npt.NDArray[np.intp]


class Clustered(NamedTuple):
    """Rows in groups; the rows of a group stand together."""

    rows: Scored
    first: Numbers
    """The first row of each group."""
    size: Numbers
    """Rows of each group."""

    def keeps(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return which thresholds keep the target, rows having these weights."""
        places, wrong = first_places(self.rows.probability), ~self.rows.is_right
        by_place = np.bincount(places[wrong], weights=weights[wrong], minlength=len(THRESHOLDS) + 1)
        return np.asarray(by_place[: len(THRESHOLDS)].cumsum() / weights.sum() <= 1 - TARGET + 1e-12)

    @property
    def each_group_once(self) -> npt.NDArray[np.float64]:
        """Weights with which every group counts the same, however large."""
        return np.repeat(1 / self.size, self.size)

    def broken(self, last: Numbers, weights: npt.NDArray[np.float64]) -> float:
        """Return the share of samples whose threshold does not keep the target."""
        certified = last >= 0
        return float(np.count_nonzero(~self.keeps(weights)[last[certified]]) / len(last))


def clustered(sizes: Numbers, *, surer_than_right: float = 0.0) -> Clustered:
    """Return groups that are right or wrong as a whole; groups of one are the oftener wrong, equally sure."""
    source = np.random.default_rng(7)
    n = len(sizes)
    probability = np.where(source.random(n) < 0.75, source.beta(20, 0.5, n), source.beta(2, 1.5, n))
    is_right = source.random(n) < np.where(sizes == 1, probability - surer_than_right, probability)
    first = np.concatenate(([0], sizes.cumsum()[:-1]))
    return Clustered(Scored(np.repeat(probability, sizes), np.repeat(is_right, sizes)), first, sizes)


FOUR_TIMES = clustered(np.full(N_GROUPS, PER_GROUP))
UNEQUAL = clustered(
    np.where(np.random.default_rng(8).random(4_000) < 0.5, 1, 12).astype(np.intp), surer_than_right=0.08
)


def learned(population: Clustered, rows: Numbers) -> Numbers:
    return last_places(population.rows, rows, way=Way.CERTIFIED, target=TARGET)


@pytest.mark.parametrize("population", [FOUR_TIMES, UNEQUAL])
def test_one_ticket_of_each_group_proves_what_is_said_of_groups(population: Clustered) -> None:
    source = np.random.default_rng(1)
    groups = source.integers(0, len(population.size), (DRAWS, 400))
    rows = population.first[groups] + (source.random(groups.shape) * population.size[groups]).astype(np.intp)
    broken = population.broken(learned(population, rows), population.each_group_once)
    assert broken <= DELTA + THREE_ERRORS
    assert broken > 0.005  # what is never broken is too careful, or does not measure


def test_a_split_of_groups_taken_for_so_many_single_rows_proves_nothing() -> None:
    source = np.random.default_rng(1)
    groups = source.integers(0, N_GROUPS, (DRAWS, 400 // PER_GROUP))
    rows = (FOUR_TIMES.first[groups][:, :, np.newaxis] + np.arange(PER_GROUP)).reshape(DRAWS, -1)
    for weights in (FOUR_TIMES.each_group_once, np.ones(N_GROUPS * PER_GROUP)):
        assert FOUR_TIMES.broken(learned(FOUR_TIMES, rows), weights) > 2 * TOLERANCE + THREE_ERRORS


@pytest.mark.parametrize("is_chosen_first", [True, False])
def test_where_few_rows_are_labelled_the_ticket_of_a_group_is_chosen_before_labels_are_looked_at(
    is_chosen_first: bool,  # noqa: FBT001  a parametrized value
) -> None:
    """Every tenth row is labelled. Taking any labelled ticket of a group takes the large groups oftener."""
    source, share, n, draws = np.random.default_rng(2), 0.1, 200, 1_000
    chance = np.full(len(UNEQUAL.size), share) if is_chosen_first else 1 - (1 - share) ** UNEQUAL.size
    labelled = [np.flatnonzero(source.random(len(chance)) < chance) for _ in range(draws)]
    rows = UNEQUAL.first[np.array([source.choice(groups, n, replace=False) for groups in labelled])]
    broken = UNEQUAL.broken(learned(UNEQUAL, rows), UNEQUAL.each_group_once)
    if is_chosen_first:
        assert broken <= DELTA + 3 * (DELTA * (1 - DELTA) / draws) ** 0.5
    else:
        assert broken > 3 * DELTA
