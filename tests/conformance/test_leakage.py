"""What near-copies on both sides of a split do to a linear model's figures."""

import json
import random
from typing import Any

import pytest

from cortex_tickets import (
    InvalidInputError,
    LeakageSweep,
    TicketClassifier,
    TrainingSet,
    TrainingSetBuilder,
    leakage_sweep,
)

LABELS = ("Left", "Right", "Up")
N_FAMILIES, N_COPIES = 16, 4


def built(session: Any, *, gold: bool) -> TrainingSet:
    """Texts in families of near-copies whose label is drawn by lot: nothing but the copies themselves can be learnt."""
    draw = random.Random(5)
    rows = []
    for _ in range(N_FAMILIES):
        words = ["".join(draw.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(11)]
        label = draw.choice(LABELS)
        rows += [(" ".join([*words, mark]), label) for mark in "wxyz"]
    values = json.dumps([[str(number), text, label] for number, (text, label) in enumerate(rows)])
    session.sql(
        "CREATE TABLE GIVEN AS SELECT F.VALUE[0]::VARCHAR AS TICKET_ID, F.VALUE[1]::VARCHAR AS REQUEST, "
        f"F.VALUE[2]::VARCHAR AS LABEL FROM TABLE(FLATTEN(INPUT => PARSE_JSON('{values}'))) F"
    ).collect()
    session.sql("CREATE TABLE T AS SELECT TICKET_ID, REQUEST FROM GIVEN").collect()
    teacher = TicketClassifier(session, labels=list(LABELS), model="llama3.1-8b")
    run = teacher.classify_table("T", into="L")
    session.sql(
        "UPDATE L SET LABEL = G.LABEL, OUTCOME = 'valid' FROM GIVEN G WHERE G.TICKET_ID = L.TICKET_ID"
    ).collect()
    if gold:
        session.sql(
            "CREATE TABLE GOLD AS SELECT TICKET_ID, SHA2(REQUEST, 256) AS TEXT_HASH, LABEL, "
            "'random_sample' AS SOURCE, CURRENT_TIMESTAMP() AS LABELLED_AT FROM GIVEN"
        ).collect()
    return TrainingSetBuilder(session).build("T", into="FT", labels=run, gold="GOLD" if gold else None)


@pytest.mark.parametrize("gold", [True, False])
def test_a_random_split_finds_what_is_not_there(session: Any, *, gold: bool) -> None:
    found = leakage_sweep(session, built(session, gold=gold), thresholds=(1.0, 0.8), n_folds=3)
    assert isinstance(found, LeakageSweep)
    exact, chosen = found.rows
    assert exact.grouped is not None
    assert chosen.grouped is not None
    assert chosen.random is not None
    assert chosen.overstated is not None
    assert found.reference == ("gold" if gold else "teacher")
    assert (exact.n_groups, chosen.n_groups) == (N_FAMILIES * N_COPIES, N_FAMILIES)
    # By the copies alone the model knows nearly all; without them it can only guess among three.
    assert chosen.random.value > 0.9
    assert chosen.grouped.value < 0.6
    assert exact.grouped.value > 0.9
    assert chosen.overstated > 0.3
    assert "the random split overstates by" in str(found)
    assert ("accuracy" if gold else "agreement with the teacher") in found.sentence
    assert leakage_sweep(session, TrainingSet.load(session, "FT"), thresholds=(1.0, 0.8), n_folds=3) == found


def test_a_chain_of_near_copies_is_trained_on_and_not_measured(session: Any) -> None:
    training_set = built(session, gold=False)
    session.sql("UPDATE FT SET TEXT = TEXT || ' and some more' WHERE MOD(TICKET_ID::INT, 2) = 0").collect()
    found = leakage_sweep(session, training_set, thresholds=(0.1,), n_folds=2)
    (row,) = found.rows
    assert (row.grouped, row.random, row.overstated) == (None, None, None)
    assert "nothing is measured" in str(found)
    # One chain runs through every second text; their copies hang on it, too.
    assert (row.n_bounded, row.largest_group) == (N_FAMILIES * N_COPIES, N_FAMILIES * N_COPIES)


def test_every_problem_is_told(session: Any) -> None:
    training_set = built(session, gold=False)
    with pytest.raises(InvalidInputError) as raised:
        leakage_sweep(session, training_set, thresholds=(0, 1.5), n_folds=1, seed=True, timeout=-1)
    assert len(raised.value.problems) == 5
    with pytest.raises(InvalidInputError, match="give at most 20"):
        leakage_sweep(session, training_set, n_folds=21)
    with pytest.raises(InvalidInputError) as raised:
        leakage_sweep(session, "FT", thresholds=["a", None])  # type: ignore[arg-type, list-item]  # a user's mistake
    assert [problem.split(";")[0] for problem in raised.value.problems] == [
        "training_set is a str",
        "thresholds has 'a', which is no likeness",
        "thresholds has None, which is no likeness",
    ]
    with pytest.raises(InvalidInputError, match="thresholds is empty"):
        leakage_sweep(session, training_set, thresholds=())
    session.sql("DELETE FROM FT WHERE TICKET_ID::INT >= 19").collect()
    with pytest.raises(InvalidInputError, match="Only 19 tickets"):
        leakage_sweep(session, training_set)
