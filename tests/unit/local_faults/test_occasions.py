"""When a fault happens: by seed, kind and what is struck, and by nothing else."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest

from cortex_tickets.local import Fault
from cortex_tickets.local.faults.occasions import Occasions, calls_cortex, key_of, row_key

KEYS = [key_of(f"SELECT {number}") for number in range(2_000)]


def struck(seed: int, rate: float = 0.1, kind: str = "throttled", ordinal: int = 0) -> list[int]:
    occasions = Occasions(kind, Fault(rate), seed)
    return [place for place, key in enumerate(KEYS) if occasions.happens(key, ordinal, "")]


def test_the_same_seed_strikes_the_same_and_another_others() -> None:
    assert struck(7) == struck(7)
    assert struck(7) != struck(8)


def test_another_kind_and_another_time_are_drawn_apart() -> None:
    first = set(struck(7))
    # Two independent draws of one in ten agree on about one in a hundred.
    assert len(first & set(struck(7, kind="timeouts"))) < 50
    assert len(first & set(struck(7, ordinal=1))) < 50


@pytest.mark.parametrize("rate", [0.01, 0.1, 0.5, 0.9])
def test_a_rate_is_kept(rate: float) -> None:
    n_struck = sum(len(struck(seed, rate)) for seed in range(5))
    assert n_struck / (5 * len(KEYS)) == pytest.approx(rate, abs=0.012)


def test_rate_nought_never_strikes_and_rate_one_always_does() -> None:
    assert struck(7, 0.0) == []
    assert len(struck(7, 1.0)) == len(KEYS)


def test_threads_make_no_difference() -> None:
    occasions = Occasions("throttled", Fault(0.1), 7)
    with ThreadPoolExecutor(8) as threads:
        happened = list(threads.map(lambda key: occasions.happens(key, 0, ""), reversed(KEYS)))
    assert [place for place, hit in enumerate(reversed(happened)) if hit] == struck(7)


def test_the_nth_occasion_is_counted_among_those_that_are_meant() -> None:
    occasions = Occasions("lost_answers", Fault(nth=(1, 3), matching="insert", only_cortex=True), 0)
    texts = ["SELECT AI_X()", "INSERT 1", "INSERT AI_X()", "insert AI_X() again", "INSERT AI_X() once more"]
    happened = [occasions.happens(b"", 0, text, is_cortex="AI_X" in text) for text in texts]
    assert happened == [False, False, True, False, True]


def test_no_more_than_at_most() -> None:
    occasions = Occasions("throttled", Fault(1.0, at_most=3), 0)
    assert sum(occasions.happens(key, 0, "") for key in KEYS) == 3


def test_a_row_that_was_answered_stays_answered_and_one_that_was_struck_is_drawn_anew() -> None:
    occasions = Occasions("null_rows", Fault(0.5), 7)
    keys = [row_key("AI_COMPLETE", "m", str(number)) for number in range(200)]
    rounds = [[occasions.happens_to_row(key, "") for key in keys] for _ in range(12)]
    for earlier, later in pairwise(rounds):
        assert all(not again for before, again in zip(earlier, later, strict=True) if not before)
        assert sum(later) <= sum(earlier)
    assert sum(rounds[0]) > 70
    assert sum(rounds[11]) < 3


def test_what_clients_make_anew_in_each_run_counts_as_equal() -> None:
    first = key_of(
        'DROP TABLE "A_WORK_3A12320D7750"', "run 6f43c3627246465a8e5e12c39bb97e9d", "2026-11-22T10:00:00.123+00:00"
    )
    again = key_of(
        'DROP TABLE "A_WORK_B011F289BCD9"', "run b74346a794bc48c6a83e4218865baedd", "2026-11-23 11:00:00+00:00"
    )
    assert first == again
    assert key_of("ft_18af0c98-e05b-4cf3-ad2f-aec743e64bb3") == key_of("ft_2cc70f83-c360-4d3f-98e3-4d06fe1bdd3d")
    assert key_of("SELECT * FROM SNOWPARK_TEMP_TABLE_ABCDEF1234") == key_of(
        "SELECT * FROM SNOWPARK_TEMP_TABLE_ZZZZZZ9999"
    )
    assert key_of("T_1", 2) != key_of("T_2", 2)
    assert key_of("T", 1) != key_of("T", 2)
    assert key_of("ab", "c") != key_of("a", "bc")
    # A row's text is a customer's: every character of it counts.
    assert row_key("F", "M", "order 12345678") != row_key("F", "M", "order 87654321")


def test_what_a_statement_calls_is_read_from_its_text() -> None:
    assert calls_cortex("select ai_complete('m', x) from t")
    assert calls_cortex("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')")
    assert not calls_cortex("INSERT INTO AI_TABLE VALUES (1)")
    assert not calls_cortex("SELECT MAIN_AI (1)")
