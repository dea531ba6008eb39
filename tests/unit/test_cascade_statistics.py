"""The mathematics of a certificate: exact tails, the fixed sequence, and what a proof takes."""

import itertools
import math
import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cortex_tickets._cascading.fixed_sequence import ESCALATE_ALL, JudgedTicket, learn_threshold
from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import (
    fewest_tickets,
    lower_tail,
    most_errors,
    tickets_needed,
    upper_bound,
)


def exact_tail(n_errors: int, n: int, risk: Fraction) -> Fraction:
    return sum(
        (math.comb(n, k) * risk**k * (1 - risk) ** (n - k) for k in range(min(n_errors, n) + 1)), start=Fraction(0)
    )


@given(st.integers(-1, 90), st.integers(1, 90), st.fractions(Fraction(1, 1000), Fraction(999, 1000)))
def test_the_tail_is_the_binomial_one_to_the_last_digits(n_errors: int, n: int, risk: Fraction) -> None:
    assert lower_tail(n_errors, n, float(risk)) == pytest.approx(float(exact_tail(n_errors, n, risk)), rel=1e-11)


def test_the_tail_holds_with_many_tickets() -> None:
    for n_errors in (60, 100, 140):
        exact = float(exact_tail(n_errors, 2_000, Fraction(1, 20)))
        assert lower_tail(n_errors, 2_000, 0.05) == pytest.approx(exact, rel=1e-10)


@pytest.mark.parametrize(
    ("n_errors", "n", "bound"),
    # One-sided 95 % bounds; without an error it is 1 - 0.05 ** (1 / n).
    [(0, 59, 1 - 0.05 ** (1 / 59)), (12, 400, 0.048154), (3, 400, 0.019269), (1, 1, 1.0), (10, 10, 1.0)],
)
def test_the_bound_is_clopper_and_pearsons(n_errors: int, n: int, bound: float) -> None:
    assert upper_bound(n_errors, n, 0.05) == pytest.approx(bound, abs=2e-5)


@given(st.integers(0, 60), st.integers(1, 300), st.floats(0.005, 0.3), st.floats(0.005, 0.2))
def test_a_share_is_rejected_exactly_where_the_bound_is_below_it(
    n_errors: int, n: int, risk: float, level: float
) -> None:
    tail = lower_tail(n_errors, n, risk)
    if abs(tail - level) > 1e-9:
        assert (tail <= level) == (upper_bound(n_errors, n, level) <= risk)


@pytest.mark.parametrize(("n", "risk", "allowed"), [(400, 0.05, 12), (400, 0.02, 3), (59, 0.05, 0), (58, 0.05, -1)])
def test_so_many_errors_are_allowed(n: int, risk: float, allowed: int) -> None:
    assert most_errors(n, risk, 0.05) == allowed


@pytest.mark.parametrize(("risk", "n"), [(0.05, 59), (0.02, 149), (0.5, 5)])
def test_fewer_tickets_than_this_prove_nothing(risk: float, n: int) -> None:
    assert fewest_tickets(risk, 0.05) == n
    assert lower_tail(0, n, risk) <= 0.05 < lower_tail(0, n - 1, risk)


@given(st.integers(1, 250), st.integers(0, 40), st.sampled_from([0.02, 0.05, 0.1, 0.2]), st.sampled_from([0.05, 0.1]))
def test_what_it_takes_is_more_than_there_was_passes_and_is_the_least_that_does(
    n: int, n_errors: int, risk: float, level: float
) -> None:
    if n_errors > n or lower_tail(n_errors, n, risk) <= level:
        return  # not refused
    needed = tickets_needed(n_errors, n, risk, level)
    assert (needed is None) == (n_errors >= n * risk)
    if needed is None:
        return
    assert needed > n

    def passes(tickets: int) -> bool:
        return lower_tail(math.ceil(Fraction(tickets * n_errors, n)), tickets, risk) <= level

    assert passes(needed)
    assert not any(passes(fewer) for fewer in range(max(n + 1, needed - 400), needed))


@pytest.mark.parametrize(
    ("n", "n_errors", "risk", "level"), [(110, 7, 0.1, 0.1), (60, 1, 0.05, 0.05), (300, 2, 0.02, 0.05)]
)
def test_a_sample_that_was_too_small_is_never_told_to_be_smaller(
    n: int, n_errors: int, risk: float, level: float
) -> None:
    needed = tickets_needed(n_errors, n, risk, level)
    assert needed is not None
    assert needed > n


@pytest.mark.parametrize(("n_errors", "n"), [(20, 400), (24, 400), (499, 10_000)])
def test_no_number_of_tickets_proves_what_is_not_so(n_errors: int, n: int) -> None:
    assert tickets_needed(n_errors, n, 0.05, 0.05) is None


def test_the_thresholds_fall_from_nearly_one_to_nearly_nothing() -> None:
    assert all(higher > lower for higher, lower in itertools.pairwise(THRESHOLDS))
    assert (THRESHOLDS[0], THRESHOLDS[-1]) == (0.999999887, 0.000911051)
    assert max(higher - lower for higher, lower in itertools.pairwise(THRESHOLDS)) < 0.0026


def sample(*, sure_right: int, sure_wrong: int, unsure_right: int = 0, unsure_wrong: int = 0) -> list[JudgedTicket]:
    return [
        *[JudgedTicket(0.9, student_is_right=True, teacher_is_right=True)] * sure_right,
        *[JudgedTicket(0.9, student_is_right=False, teacher_is_right=True)] * sure_wrong,
        *[JudgedTicket(0.4, student_is_right=True, teacher_is_right=True)] * unsure_right,
        *[JudgedTicket(0.4, student_is_right=False, teacher_is_right=True)] * unsure_wrong,
    ]


def test_the_threshold_is_the_lowest_one_down_to_which_the_errors_are_few_enough() -> None:
    learned = learn_threshold(
        sample(sure_right=288, sure_wrong=12, unsure_right=50, unsure_wrong=50), target=0.95, level=0.05
    )
    assert learned.chosen is not None
    assert learned.stopped_at is not None
    assert (learned.chosen.n_errors, learned.chosen.n_escalated) == (12, 100)
    assert learned.stopped_at.threshold <= 0.4 < learned.chosen.threshold < 0.41
    assert learned.stopped_at.n_errors == 62


def test_one_error_more_among_the_sure_ones_and_only_the_teacher_alone_is_proved() -> None:
    learned = learn_threshold(
        sample(sure_right=287, sure_wrong=13, unsure_right=50, unsure_wrong=50), target=0.95, level=0.05
    )
    assert learned.chosen is not None
    assert learned.stopped_at is not None
    assert learned.stopped_at.n_errors == 13
    assert learned.chosen.n_escalated == 400
    assert learned.chosen.n_errors == 0


def test_a_teacher_that_is_wrong_too_often_proves_nothing_even_if_the_student_is_always_right() -> None:
    tickets = [JudgedTicket(0.9, student_is_right=True, teacher_is_right=number > 50) for number in range(400)]
    learned = learn_threshold(tickets, target=0.95, level=0.05)
    assert learned.chosen is None
    assert learned.stopped_at is not None
    assert learned.stopped_at.threshold == ESCALATE_ALL


def test_a_student_without_errors_answers_all_but_what_it_has_no_label_for() -> None:
    unlabelled = [JudgedTicket(None, student_is_right=False, teacher_is_right=True)] * 20
    learned = learn_threshold([*sample(sure_right=380, sure_wrong=0), *unlabelled], target=0.95, level=0.05)
    assert learned.chosen is not None
    assert (learned.chosen.threshold, learned.chosen.n_escalated, learned.stopped_at) == (THRESHOLDS[-1], 20, None)


def test_the_sequence_stops_at_the_first_failure_and_looks_at_nothing_below_it() -> None:
    # Very sure and wrong, then right without end: taking the lowest threshold with few enough errors would go on.
    tickets = [
        *[JudgedTicket(0.99, student_is_right=False, teacher_is_right=True)] * 4,
        *[JudgedTicket(0.5, student_is_right=True, teacher_is_right=False)] * 96,
    ]
    learned = learn_threshold(tickets, target=0.9, level=0.05)
    assert learned.chosen is None


@pytest.mark.parametrize("risk_at_stop", [0.051, 0.08])
def test_a_threshold_just_beyond_the_target_is_chosen_in_at_most_delta_of_the_samples(risk_at_stop: float) -> None:
    """The least favourable case: two thresholds, of which the lower one is just too low."""
    source, draws, n = random.Random(5), 4_000, 200

    def ticket() -> JudgedTicket:
        return JudgedTicket(0.6, student_is_right=source.random() >= risk_at_stop, teacher_is_right=True)

    broken = 0
    for _ in range(draws):
        learned = learn_threshold([ticket() for _ in range(n)], target=0.95, level=0.05, thresholds=(0.9, 0.5))
        broken += learned.chosen is not None and learned.chosen.threshold == 0.5
    # Three standard errors above the level.
    assert broken / draws <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / draws)
    if risk_at_stop < 0.06:
        assert broken > 0  # a test that never errs would prove nothing either


@pytest.mark.parametrize(("population", "n"), [(500, 100), (3_080, 400), (1_000, 400), (450, 400)])
@pytest.mark.parametrize(("target", "level"), [(0.95, 0.05), (0.98, 0.05), (0.9, 0.01)])
def test_drawn_without_replacement_a_sample_errs_no_more_often(
    population: int, n: int, target: float, level: float
) -> None:
    """A simple random sample of a table never has a ticket twice; the binomial tail is then an upper bound."""
    allowed = most_errors(n, 1 - target, level)
    if allowed < 0:
        return
    wrong = math.floor(population * (1 - target)) + 1  # the least number that breaks the target
    ways = math.comb(population, n)
    tail = sum(
        math.comb(wrong, k) * math.comb(population - wrong, n - k)
        for k in range(allowed + 1)
        if n - k <= population - wrong
    )
    assert Fraction(tail, ways) <= Fraction(level)
