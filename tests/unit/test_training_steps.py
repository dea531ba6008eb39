"""Grouping, splitting and cleaning: what may never happen to a training set."""

import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_mock import MockerFixture

from cortex_tickets import near_copies
from cortex_tickets._training.candidate import Candidate
from cortex_tickets._training.cleaning import BLANK, CONFLICT, NO_LABEL, OVER_LIMIT, REPEATED, dropped_reasons
from cortex_tickets._training.splitting import Grouped, kept_side, split_by_hash, split_by_time
from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.near_copies import SIMILARITY, _words, group_texts
from cortex_tickets.records.split import Shares, Split

VOCABULARY = ("my", "bill", "has", "a", "fee", "for", "roaming", "in", "japan", "90", "95", "phone", "lost")
WORDS = st.lists(st.sampled_from(VOCABULARY), min_size=1)


def by_hash(texts: list[str]) -> dict[str, str]:
    return {hashlib.sha256(text.encode()).hexdigest(): text for text in texts}


def jaccard(one: str, other: str) -> float:
    first, second = _words(one), _words(other)
    return len(first & second) / len(first | second)


@given(st.lists(WORDS.map(" ".join), min_size=1, max_size=25))
@settings(max_examples=150)
def test_no_near_copy_is_in_another_group(texts: list[str]) -> None:
    named = by_hash(texts)
    groups = group_texts(named)
    for one, first in named.items():
        for other, second in named.items():
            if jaccard(first, second) >= SIMILARITY:
                assert groups[one] == groups[other]


@given(st.lists(WORDS.map(" ".join), min_size=2, max_size=15))
def test_groups_do_not_depend_on_the_order(texts: list[str]) -> None:
    assert group_texts(by_hash(texts)) == group_texts(by_hash(texts[::-1]))


def test_amounts_do_not_make_a_text_another_one_and_topics_do() -> None:
    texts = ["I was charged $90 for roaming.", "I was charged $125 for roaming!", "My phone is lost."]
    groups = group_texts(by_hash(texts))
    assert len(set(groups.values())) == 2


def test_texts_that_differ_in_numbers_alone_are_not_held_against_each_other(mocker: MockerFixture) -> None:
    compared = mocker.spy(near_copies, "_is_near")
    told: list[int] = []
    texts = [f"My line {number} is slow." for number in range(300)] + ["My phone is lost in town."]
    groups = group_texts(by_hash(texts), tell=told.append)
    assert len(set(groups.values())) == 2
    assert compared.call_count <= 1
    assert told == [299, 301]


def test_texts_without_blanks_between_words_are_compared_by_character_pairs() -> None:
    near = group_texts(by_hash(["我的账单上有漫游费用请退款谢谢", "我的账单上有漫游费用请退款谢谢您"]))
    assert len(set(near.values())) == 1
    far = group_texts(by_hash(["我的账单上有漫游费用", "我想关闭我的账户"]))
    assert len(set(far.values())) == 2


GROUPS = st.lists(st.text("abcdef", min_size=1, max_size=6), min_size=12, max_size=60, unique=True)


def grouped(names: list[str], label: str | None = "A") -> list[Grouped]:
    return [Grouped(name, label, 1) for name in names]


@given(GROUPS, st.integers(), st.lists(st.text("xyz", min_size=1, max_size=4), max_size=10, unique=True))
def test_added_groups_move_nothing(names: list[str], seed: int, added: list[str]) -> None:
    # Enough groups that no side of the label has to be filled.
    names = [*names, *(f"{n}" for n in range(100))]
    before, moved = split_by_hash(grouped(names), seed=seed, shares=Shares())
    after, moved_later = split_by_hash(grouped(names + added), seed=seed, shares=Shares())
    if not moved and not moved_later:
        assert {name: after[name] for name in names} == before


def test_a_side_that_the_hash_leaves_short_is_filled_and_what_deviates_is_said() -> None:
    for seed in range(30):
        groups = grouped([str(n) for n in range(20)])
        sides, notes = split_by_hash(groups, seed=seed, shares=Shares())
        counts = {side: list(sides.values()).count(side) for side in Split}
        assert counts[Split.TRAINING] >= 6
        assert counts[Split.VALIDATION] >= 1
        assert counts[Split.TEST] >= 2
        short = [side for side in Split if abs(counts[side] / 20 - Shares().of(side)) > 0.1]
        assert all(any(f"in {side}," in note for note in notes) for side in short)


@given(GROUPS, st.integers())
def test_every_label_is_on_every_side(names: list[str], seed: int) -> None:
    groups = [*grouped(names[:4], "A"), *grouped(names[4:7], "B"), *grouped(names[7:], "C")]
    sides, _ = split_by_hash(groups, seed=seed, shares=Shares())
    for label in "ABC":
        assert {sides[group.name] for group in groups if group.label == label} == set(Split)


def test_the_shares_are_met_where_there_are_many_groups() -> None:
    sides, notes = split_by_hash(grouped([str(n) for n in range(4000)]), seed=7, shares=Shares())
    counts = [list(sides.values()).count(side) / 4000 for side in Split]
    assert counts == pytest.approx([0.6, 0.15, 0.25], abs=0.02)
    assert notes == []


def test_another_seed_is_another_split() -> None:
    names = [str(n) for n in range(100)]
    one, _ = split_by_hash(grouped(names), seed=1, shares=Shares())
    two, _ = split_by_hash(grouped(names), seed=2, shares=Shares())
    assert one != two


def test_a_label_that_is_too_rare_says_so_for_every_such_label() -> None:
    groups = [*grouped(["a", "b"], "Rare"), *grouped(["c"], "Rarer"), *grouped([str(n) for n in range(9)])]
    with pytest.raises(InvalidTrainingSetError) as raised:
        split_by_hash(groups, seed=0, shares=Shares())
    assert len(raised.value.problems) == 2
    assert "'Rare' has 2 groups" in raised.value.problems[0]


def test_a_group_that_is_most_of_the_set_is_not_measured() -> None:
    groups = [Grouped("big", "A", 50), *grouped([str(n) for n in range(30)])]
    for seed in range(20):
        sides, notes = split_by_hash(groups, seed=seed, shares=Shares())
        assert sides["big"] is Split.TRAINING
        assert any("50 near-identical" in note for note in notes)


def test_deviations_are_told_in_tickets_since_that_is_what_is_measured() -> None:
    names = [str(n) for n in range(40)]
    sides, _ = split_by_hash(grouped(names), seed=1, shares=Shares())
    heavy = next(name for name in names if sides[name] is Split.VALIDATION)
    groups = [Grouped(name, "A", 1, n_tickets=60 if name == heavy else 1) for name in names]
    _, notes = split_by_hash(groups, seed=1, shares=Shares())
    assert any("of its tickets are in validation, 15% were meant" in note for note in notes)


@given(GROUPS, st.integers(), st.data())
def test_a_kept_group_stays_on_its_side(names: list[str], seed: int, data: st.DataObject) -> None:
    kept = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from(list(Split)), max_size=8))
    groups = [Grouped(name, "A", 1, kept=kept.get(name)) for name in names]
    sides, _ = split_by_hash(groups, seed=seed, shares=Shares())
    assert {name: sides[name] for name in kept} == kept


def test_texts_of_two_sides_that_became_one_group_are_trained_on() -> None:
    assert kept_side({Split.TRAINING, Split.TEST}) is Split.TRAINING
    assert kept_side({Split.TEST}) is Split.TEST
    assert kept_side(set()) is None


def test_by_time_the_newest_are_the_test() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    groups = [Grouped(str(n), "A", 1, start + timedelta(days=n)) for n in range(20)]
    sides, _ = split_by_time(groups, shares=Shares())
    newest = {str(n) for n in range(15, 20)}
    assert {name for name, side in sides.items() if side is Split.TEST} == newest
    assert all(sides[str(n)] is Split.TRAINING for n in range(12))
    with pytest.raises(InvalidTrainingSetError, match="no date"):
        split_by_time(grouped(["a", "b", "c"]), shares=Shares())


@pytest.mark.parametrize("parts", [(0.5, 0.5, 0.5), (1.0, 0.0, 0.0), (0.9, 0.2, -0.1)])
def test_shares_are_parts_of_one(parts: tuple[float, float, float]) -> None:
    with pytest.raises(InvalidInputError, match="add up to 1"):
        Shares(*parts)


def candidate(id_: str, text: str, label: str | None) -> Candidate:
    hashed = hashlib.sha256(text.encode()).hexdigest()
    return Candidate(id_, text, hashed, None, label, "valid" if label else "off_label", None, None)


def test_only_training_rows_are_dropped_and_each_has_its_reason() -> None:
    training = [
        candidate("1", "roaming", "A"),
        candidate("2", "roaming", "A"),
        candidate("3", "which?", "A"),
        candidate("4", "which?", "B"),
        candidate("5", "unclear", None),
        candidate("6", " ", None),
    ]
    test = [
        candidate("7", "unclear too", None),
        candidate("8", "roaming abroad", "A"),
        candidate("9", "roaming abroad", "B"),
    ]
    sides = {one.key: Split.TRAINING for one in training} | {one.key: Split.TEST for one in test}
    reasons = dropped_reasons([*training, *test], sides, seed=0, max_per_label=None)
    assert {key[0]: reason for key, reason in reasons.items()} == {
        "2": REPEATED,
        "3": CONFLICT,
        "4": CONFLICT,
        "5": NO_LABEL,
        "6": BLANK,
    }


def test_balancing_keeps_a_part_that_does_not_depend_on_what_else_is_there() -> None:
    rows = [candidate(str(n), f"text {n}", "A") for n in range(20)]
    sides = dict.fromkeys((row.key for row in rows), Split.TRAINING)
    few = dropped_reasons(rows, sides, seed=3, max_per_label=5)
    many = dropped_reasons(rows, sides, seed=3, max_per_label=10)
    assert set(few.values()) == {OVER_LIMIT}
    assert len(few) == 15
    assert set(many) < set(few)
