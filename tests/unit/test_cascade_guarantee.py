"""The guarantee itself, by drawing: a made-up population in the normal suite, BANKING77 in the soak."""

import numpy as np
import pytest
from cascade_draws import DELTA, TOLERANCE, Scored, Way, draw_thresholds, first_places, last_places

from cortex_tickets._cascading.fixed_sequence import JudgedTicket, learn_threshold
from cortex_tickets._cascading.thresholds import THRESHOLDS

DRAWS, N = 4_000, 400
THREE_ERRORS = 3 * (DELTA * (1 - DELTA) / DRAWS) ** 0.5


def made_up(seed: int, n: int, *, share_sure: float, knows: float = 0.0) -> Scored:
    """Return a student that is right as often as it is sure; the more it `knows`, the oftener."""
    source = np.random.default_rng(seed)
    probability = np.where(source.random(n) < share_sure, source.beta(20, 0.5, n), source.beta(2, 1.5, n))
    return Scored(probability, source.random(n) < probability + (1 - probability) * knows)


POPULATION = made_up(1, 3_080, share_sure=0.75)
LEARNED_FROM = made_up(2, 9_000, share_sure=0.9, knows=0.9)


@pytest.mark.parametrize("target", [0.95, 0.98])
def test_the_bound_is_broken_in_at_most_delta_of_the_draws(target: float) -> None:
    found = draw_thresholds(POPULATION, way=Way.CERTIFIED, target=target, n=N, draws=DRAWS, seed=3)
    assert found.broken <= DELTA + THREE_ERRORS
    assert found.broken > 0.005  # what is never broken is too careful, or does not measure
    assert found.escalated < 0.5


@pytest.mark.parametrize("target", [0.95, 0.98])
@pytest.mark.parametrize("way", [Way.PLUG_IN, Way.TRAINED_ON, Way.DUPLICATED])
def test_three_ways_of_doing_it_wrong_break_the_bound(way: Way, target: float) -> None:
    found = draw_thresholds(POPULATION, way=way, target=target, n=N, draws=DRAWS, seed=3, learned_from=LEARNED_FROM)
    assert found.broken > TOLERANCE + THREE_ERRORS


@pytest.mark.parametrize("target", [0.95, 0.98])
def test_the_draws_learn_what_certify_learns(target: float) -> None:
    source = np.random.default_rng(11)
    for _ in range(20):
        rows = source.integers(0, len(POPULATION.probability), N)
        sample = Scored(POPULATION.probability[rows], POPULATION.is_right[rows])
        judged = [
            JudgedTicket(float(probability), student_is_right=bool(right), teacher_is_right=True)
            for probability, right in zip(sample.probability, sample.is_right, strict=True)
        ]
        learned = learn_threshold(judged, target=target, level=DELTA).chosen
        assert learned is not None
        drawn = last_places(POPULATION, rows[np.newaxis], way=Way.CERTIFIED, target=target)
        assert drawn.tolist() == [THRESHOLDS.index(learned.threshold)]


def test_the_first_threshold_that_a_probability_reaches() -> None:
    probabilities = np.array([1.0, THRESHOLDS[5], np.nextafter(THRESHOLDS[5], 0), 0.0])
    assert first_places(probabilities).tolist() == [0, 5, 6, len(THRESHOLDS)]
