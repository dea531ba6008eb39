"""The statistics of an evaluation against values worked out by hand, and against SciPy and scikit-learn."""

import math
import random

import pytest
from scipy.optimize import minimize_scalar
from scipy.stats import binomtest, permutation_test
from sklearn.metrics import cohen_kappa_score, f1_score, precision_recall_fscore_support

from cortex_tickets._evaluation.statistics.classification import (
    LabelCount,
    agreement_kappa,
    label_counts,
    macro_f1,
)
from cortex_tickets._evaluation.statistics.cluster_bootstrap import (
    MAX_BLOCKS,
    group_totals,
    percentile_bounds,
)
from cortex_tickets._evaluation.statistics.confusions import Said, confusions
from cortex_tickets._evaluation.statistics.estimates import difference_bounds, share_bounds
from cortex_tickets._evaluation.statistics.paired import exact_p_value, holm, tango
from cortex_tickets._evaluation.statistics.proportions import Z, effective_n, wilson
from cortex_tickets.binomial import upper_tail


@pytest.mark.parametrize(("right", "n"), [(0, 7), (1, 20), (23, 25), (25, 25), (2800, 3080)])
def test_wilson_is_the_reference(right: int, n: int) -> None:
    expected = binomtest(right, n).proportion_ci(0.95, method="wilson")
    assert wilson(right / n, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_keeps_a_width_where_all_are_right() -> None:
    # n / (n + z^2), by hand
    assert wilson(1.0, 20) == pytest.approx((20 / (20 + Z * Z), 1.0))
    assert wilson(0.5, 0) == (0.0, 1.0)


def test_effective_n_is_the_number_of_tickets_where_groups_do_not_matter() -> None:
    # every group has the same share: grouping takes nothing away
    assert effective_n([(2, 1.0)] * 10, 0.25) == 20


def test_effective_n_is_the_number_of_groups_where_copies_agree() -> None:
    groups = [(4, 4.0)] * 5 + [(4, 0.0)] * 5
    # variance by hand: 10/9 * 10 * 2^2 / 40^2 = 1/36, and 0.25 * 36 = 9, which is held at Kish's 10 groups
    assert effective_n(groups, 0.25) == 10
    assert effective_n([(3, 3.0), (1, 1.0)], 0.0) == pytest.approx(16 / 10)  # nothing varies
    assert effective_n([(5, 3.0)], 0.24) == 1  # one group


@pytest.mark.parametrize(("first", "second", "n"), [(12, 2, 50), (1, 0, 30), (5, 5, 10), (40, 60, 3080)])
def test_tango_stands_where_the_score_test_with_the_constrained_estimate_does(first: int, second: int, n: int) -> None:
    for difference, target in zip(tango(first, second, n), (Z, -Z), strict=True):

        def loss(only_second: float, difference: float = difference) -> float:
            chances = (only_second + difference, only_second, 1 - 2 * only_second - difference)
            counts = (first, second, n - first - second)
            return -sum(count * math.log(chance) for count, chance in zip(counts, chances, strict=True) if count)

        lowest = max(0.0, -difference)
        found = minimize_scalar(loss, bounds=(lowest + 1e-12, (1 - difference) / 2 - 1e-12), options={"xatol": 1e-12})
        variance = n * (2 * found.x + difference * (1 - difference))
        assert (first - second - n * difference) / math.sqrt(variance) == pytest.approx(target, abs=2e-3)


def test_tango_turns_round() -> None:
    low, high = tango(12, 2, 50)
    assert low < 10 / 50 < high
    assert tango(2, 12, 50) == pytest.approx((-high, -low))


def test_tango_has_a_width_where_the_models_never_differ() -> None:
    # z^2 / (n + z^2), by hand
    reach = Z * Z / (100 + Z * Z)
    assert tango(0, 0, 100) == pytest.approx((-reach, reach))
    assert tango(0, 0, 0) == (-1.0, 1.0)


@pytest.mark.parametrize(("first", "second"), [(0, 0), (5, 0), (6, 0), (9, 3), (40, 41), (300, 250)])
def test_the_test_of_single_tickets_is_mcnemars_exact(first: int, second: int) -> None:
    expected = binomtest(first, first + second).pvalue if first + second else 1.0
    assert exact_p_value([1] * first + [-1] * second + [0] * 9) == pytest.approx(expected)


def test_the_test_of_groups_changes_whole_signs() -> None:
    # 2, 2, 1: all to one side in 1 of 8 ways, twice
    assert exact_p_value([2, 2, 1]) == pytest.approx(2 / 8)
    # sums of 3 or more, of +-3 +-1 +-1: 5 once, 3 twice; with the other side 6 of 8
    assert exact_p_value([3, 1, -1]) == pytest.approx(6 / 8)
    differences = [3, -1, 2, 2, 1, -1, 4, 1]
    reference = permutation_test(
        (differences,), lambda values: values.sum(), permutation_type="samples", n_resamples=1_000
    )
    assert exact_p_value(differences) == pytest.approx(reference.pvalue)


def test_many_groups_take_the_normal_limit() -> None:
    assert exact_p_value([1] * 700 + [-1] * 600) == pytest.approx(binomtest(700, 1300).pvalue, abs=2e-4)


def test_holm_by_hand() -> None:
    assert holm([0.04, 0.01, 0.03]) == pytest.approx([0.06, 0.03, 0.06])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []


def test_bootstrap_totals_are_seeded_paired_and_whole() -> None:
    groups = [(3, 2, 1), (1, 0, 1), (2, 2, 0)]
    draws = group_totals(groups, draws=50, seed=3)
    assert draws == group_totals(groups, draws=50, seed=3)
    assert draws != group_totals(groups, draws=50, seed=4)
    possible = {tuple(map(sum, zip(a, b, c, strict=True))) for a in groups for b in groups for c in groups}
    assert set(draws) <= possible


def test_bootstrap_deals_very_many_groups_into_blocks() -> None:
    groups = [(1, place % 2) for place in range(MAX_BLOCKS + 3)]
    draws = group_totals(groups, draws=20, seed=1)
    assert sum(total[0] for total in draws) / 20 == pytest.approx(len(groups), rel=0.01)
    assert sum(total[1] for total in draws) / 20 == pytest.approx(len(groups) / 2, rel=0.02)


def test_percentile_bounds_are_the_values_fifty_from_the_ends() -> None:
    assert percentile_bounds([float(value) for value in range(1, 2000)]) == (50.0, 1950.0)
    assert percentile_bounds([2.0, 1.0]) == (1.0, 2.0)


def test_a_share_by_group_is_never_surer_than_wilson_on_its_groups() -> None:
    groups = [(2, 2)] * 10
    bounds = share_bounds(groups, group_totals(groups, seed=0, draws=99))
    assert bounds.method == "cluster bootstrap"
    assert bounds[:2] == pytest.approx(wilson(1.0, 10))
    assert share_bounds([(1, 1)] * 10, None)[:2] == pytest.approx(wilson(1.0, 10))


def test_copies_widen_the_interval() -> None:
    single = [(1, int(place % 10 > 0)) for place in range(100)]
    copied = [(5 * size, 5 * right) for size, right in single[:20]]
    wide = share_bounds(copied, group_totals(copied, seed=0))
    narrow = share_bounds(single, None)
    assert wide.high - wide.low > 1.7 * (narrow.high - narrow.low)


def test_a_difference_by_group_keeps_a_width_where_models_agree() -> None:
    groups = [(2, 2, 2, 2)] * 10
    draws = group_totals([group[:3] for group in groups], seed=0, draws=99)
    bounds = difference_bounds(groups, draws)
    assert bounds.low == pytest.approx(-Z * Z / (10 + Z * Z))
    assert difference_bounds([(1, 1, 0, 0)] * 5 + [(1, 1, 1, 1)] * 45, None).method == "tango"


def test_intervals_by_group_cover_what_they_should() -> None:
    source = random.Random(5)
    covered = 0
    for seed in range(150):
        groups = []
        for _ in range(40):
            size = source.randint(1, 4)
            chance = source.betavariate(0.9 * 3, 0.1 * 3)
            groups.append((size, sum(source.random() < chance for _ in range(size))))
        bounds = share_bounds(groups, group_totals(groups, seed=seed, draws=199))
        covered += bounds.low <= 0.9 <= bounds.high
    assert covered / 150 >= 0.93


@pytest.mark.parametrize(
    ("n_groups", "share_large", "large", "truth"), [(400, 0.03, 20, 0.95), (150, 0.05, 16, 0.9), (50, 0.1, 16, 0.9)]
)
def test_lower_bounds_hold_where_a_few_groups_are_large(
    n_groups: int, share_large: float, large: int, truth: float
) -> None:
    source = random.Random(7)
    alike, above, wins = 9.0, 0, 0
    for seed in range(150):
        groups, pairs = [], []
        for _ in range(n_groups):
            size = large if source.random() < share_large else 1
            right, other = (
                _right(source, size, source.betavariate(truth / alike, (1 - truth) / alike)) for _ in range(2)
            )
            groups.append((size, sum(right)))
            pairs.append((size, sum(right), sum(other), sum(map(min, right, other))))
        above += share_bounds(groups, group_totals(groups, seed=seed, draws=199)).low > truth
        # Two models that are equally good: none may be shown to be better.
        wins += difference_bounds(pairs, group_totals([pair[:3] for pair in pairs], seed=seed, draws=199)).low > 0
    assert above / 150 <= 0.04
    assert wins / 150 <= 0.04


def _right(source: random.Random, size: int, chance: float) -> list[int]:
    return [int(source.random() < chance) for _ in range(size)]


def test_the_correlation_within_groups_by_hand() -> None:
    # Two large groups that agree in themselves and are right as often as the rest: the groups do not differ, and yet
    # 8 tickets of them are as good as 2. No pair of a group differs, so the correlation is 1 and Kish's number counts.
    groups = [(4, 4.0), (4, 0.0), *[(1, 1.0), (1, 0.0)] * 4]
    assert effective_n(groups, 0.25) == pytest.approx(16 * 16 / (16 + 16 + 8))
    # Where tickets of a group differ as others do, each of them counts.
    mixed = [(4, 2.0), (4, 2.0), *[(1, 1.0), (1, 0.0)] * 4]
    assert effective_n(mixed, 0.25) == 16
    # A difference of two models, -1, 0 or 1 on each ticket, tells its squares.
    assert effective_n([(2, 0.0)] * 6, 0.5, squares=[2.0] * 6) == 12
    assert effective_n([(2, 0.0)] * 6, 0.5, squares=[0.0] * 6) == 6


def test_label_figures_are_the_reference() -> None:
    source = random.Random(2)
    labels = ["a", "b", "c"]
    gold = [source.choice(labels) for _ in range(60)]
    said = [truth if source.random() < 0.7 else source.choice(labels) for truth in gold]
    counts = label_counts(labels, gold, said)
    precision, recall, f1, support = precision_recall_fscore_support(gold, said, labels=labels)
    for place, label in enumerate(labels):
        count = counts[label]
        assert (count.precision, count.recall, count.f1) == pytest.approx((precision[place], recall[place], f1[place]))
        assert count.true == support[place]
    assert macro_f1(list(counts.values())) == pytest.approx(f1_score(gold, said, average="macro"))
    assert agreement_kappa(gold, said) == pytest.approx(cohen_kappa_score(gold, said))


def test_zero_support_is_defined() -> None:
    counts = label_counts(["a", "b", "c", "d"], ["a", "a", "b"], ["a", "c", None])
    assert counts["c"] == LabelCount(0, 1, 0)
    assert (counts["c"].precision, counts["c"].recall, counts["c"].f1) == (0.0, None, 0.0)
    assert (counts["d"].precision, counts["d"].recall, counts["d"].f1) == (None, None, None)
    assert (counts["b"].precision, counts["b"].recall, counts["b"].f1) == (None, 0.0, 0.0)
    assert macro_f1(list(counts.values())) == pytest.approx((2 / 3 + 0) / 2)
    assert macro_f1([]) is None


def test_kappa_by_hand_and_where_it_is_undefined() -> None:
    # 8 of 10 agree; chance 0.5 * 0.5 + 0.5 * 0.5
    assert agreement_kappa(list("aaaaabbbbb"), list("aaaabbbbba")) == pytest.approx(0.6)
    assert agreement_kappa(["a", "a"], ["a", "a"]) is None
    assert agreement_kappa([], []) is None
    assert agreement_kappa([None, "a"], [None, "b"]) == 0.0  # no label twice is no agreement


@pytest.mark.parametrize(
    ("least", "n", "share"), [(0, 5, 0.3), (3, 5, 0.3), (5, 5, 0.01), (40, 400, 0.05), (1, 3, 0.0)]
)
def test_the_upper_tail_is_the_reference(least: int, n: int, share: float) -> None:
    assert upper_tail(least, n, share) == pytest.approx(binomtest(least, n, share, "greater").pvalue, rel=1e-9)


def test_confused_pairs_go_by_the_error_rate_shared_among_the_other_labels() -> None:
    labels = ["a", "b", "c"]
    tickets = [Said(str(n), "a", "a" if n < 16 else "b") for n in range(20)]
    tickets += [Said(str(20 + n), "b", "b") for n in range(20)]
    (pair,) = confusions(tickets, labels)
    rate = 4 / 40 / 2
    assert pair.p_value == pytest.approx(binomtest(4, 20, rate, "greater").pvalue)
    assert pair.p_corrected == pytest.approx(4 * pair.p_value)  # two gold labels, two others each
    assert confusions(tickets, ["a"]) == []
    assert confusions([], labels) == []
