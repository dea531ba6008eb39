"""A calibration sample that no random draw looks like: balanced, or rid of equal texts."""

import random
from collections import Counter

import pytest

from cortex_tickets._cascading.sample_shape import (
    balance_problem,
    chi_square_above,
    chi_square_below,
    deduplication_problem,
    duplication_problem,
)

SKEWED = {"A": 500, "B": 300, "C": 150, "D": 50}
EVEN = dict.fromkeys("ABCD", 250)


def drawn(shares: dict[str, int], n: int, seed: int) -> Counter[str]:
    return Counter(random.Random(seed).choices(list(shares), weights=list(shares.values()), k=n))


@pytest.mark.parametrize(
    ("value", "degrees", "below"),
    # Quantiles that every table of the distribution has.
    [(3.841, 1, 0.95), (5.991, 2, 0.95), (0.103, 2, 0.05), (9.236, 5, 0.90), (67.505, 50, 0.95), (34.764, 50, 0.05)],
)
def test_the_chi_square_has_the_quantiles_of_the_tables(value: float, degrees: int, below: float) -> None:
    assert chi_square_below(value, degrees) == pytest.approx(below, abs=5e-4)
    assert chi_square_above(value, degrees) == pytest.approx(1 - below, abs=5e-4)


def test_as_many_of_each_label_is_balanced_also_where_the_labels_are_equally_frequent() -> None:
    counts = {f"label {number}": 5 for number in range(77)}
    problem = balance_problem(counts, counts)
    assert problem is not None
    assert "5 to 5 tickets of each of 77 labels" in problem


def test_a_hundred_of_each_is_balanced_where_the_natural_mix_is_another() -> None:
    problem = balance_problem({"A": 108, "B": 95, "C": 104, "D": 93}, SKEWED)
    assert problem is not None
    assert "those of the training set are not" in problem


def test_two_labels_of_equal_number_are_balanced_where_one_is_rare() -> None:
    assert balance_problem({"A": 200, "B": 200}, {"A": 900, "B": 100}) is not None
    assert balance_problem({"A": 200, "B": 200}, {"A": 510, "B": 490}) is None


MANY = {f"label {number}": 13 for number in range(77)}


@pytest.mark.parametrize(("shares", "n"), [(SKEWED, 400), (EVEN, 400), (MANY, 400), (MANY, 60), (EVEN, 60)])
def test_hardly_any_random_draw_is_called_balanced(shares: dict[str, int], n: int) -> None:
    """Also where labels are equally frequent, many, or rarer than a draw can show: one in a thousand is meant."""
    refused = sum(
        balance_problem(drawn(shares, n, seed), drawn(shares, 600, seed + 5_000)) is not None for seed in range(1_000)
    )
    assert refused <= 4


@pytest.mark.parametrize(("n_labels", "each"), [(4, 43), (5, 12), (5, 80), (8, 10), (77, 1)])
def test_exactly_as_many_of_each_is_no_draw_from_four_labels_on(n_labels: int, each: int) -> None:
    counts = {f"label {number}": each for number in range(n_labels)}
    assert balance_problem(counts, counts) is not None


@pytest.mark.parametrize(("counts", "natural"), [({}, SKEWED), ({"A": 400}, {"A": 10}), ({"A": 7}, {})])
def test_where_there_is_nothing_to_compare_nothing_is_said(counts: dict[str, int], natural: dict[str, int]) -> None:
    assert balance_problem(counts, natural) is None


def test_a_sample_without_repeats_of_a_population_that_is_full_of_them_was_deduplicated() -> None:
    problem = deduplication_problem(400, 400, [(1, 1_000), (10, 200)])
    assert problem == "no text stands in it twice, and 2000 of the 3000 tickets that it was drawn from share theirs"


@pytest.mark.parametrize(
    ("n", "n_distinct", "multiplicities"),
    [
        (400, 399, [(1, 1_000), (10, 200)]),  # one repeat, however unlikely, is no sign of a rule
        (400, 400, [(1, 3_000)]),
        (400, 400, [(1, 2_990), (2, 5)]),
        (60, 60, [(1, 100_000), (1_000, 1)]),
        (5, 5, [(5, 1)]),  # every ticket has the same text: the sample cannot be of it, which others check
    ],
)
def test_a_sample_that_a_random_draw_may_well_be_is_not_called_deduplicated(
    n: int, n_distinct: int, multiplicities: list[tuple[int, int]]
) -> None:
    assert deduplication_problem(n, n_distinct, multiplicities) is None


def test_hardly_any_random_draw_is_called_deduplicated() -> None:
    population = [*range(300), *range(300, 340), *range(300, 340), *range(300, 340)]
    sizes, refused = [(1, 300), (3, 40)], 0
    for seed in range(3_000):
        texts = random.Random(seed).sample(population, 60)
        refused += deduplication_problem(60, len(set(texts)), sizes) is not None
    assert refused == 0


@pytest.mark.parametrize("multiplicities", [[4] * 60, [2, 2], [4] * 20 + [8] * 3, [2] * 8 + [4] * 8, [7]])
def test_tickets_that_were_copied_are_seen(multiplicities: list[int]) -> None:
    assert duplication_problem(multiplicities) is not None


@pytest.mark.parametrize("multiplicities", [[1] * 60, [4] * 59 + [1], [2] * 5 + [4], [], [1], [3, 2]])
def test_texts_that_come_in_more_than_once_are_no_copies(multiplicities: list[int]) -> None:
    assert duplication_problem(multiplicities) is None
