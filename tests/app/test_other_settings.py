"""Changed settings: a training set and a verdict that were made before say so, and nothing is begun unsaid."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.conftest import schema_of
from app.pages import finished, keys, press, told
from cortex_tickets import InvalidInputError, Label, LabelSet, TrainingSet
from cortex_tickets.app import main
from cortex_tickets.app.asking import comparing, fine_tuning, labelling, other_settings
from cortex_tickets.app.background import WorkState
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.settings import LABELS, Settings

OpenPage = Callable[..., AppTest]
Changing = Callable[..., Desk]
LABELLER, BASE = "claude-sonnet-4-6", "llama3.1-8b"
OWN = ("Fees abroad", "Slow data", "Lost phone", "Add new line", "Closing account")
OTHER_LABELS = (
    "This training set was made with other settings: it has the labels Roaming fees and Slow data speed, which the app "
    "has not, and lacks Fees abroad and Slow data. Label the tickets on the page Overview, then build it anew "
)
MEASURED_BEFORE = (
    "This was measured on a training set that was made with other settings. Once that is built anew, compare again."
)
DESCRIBED = [*(Label(name=name) for name in LABELS[:-1]), Label(name=LABELS[-1], description="Leaves.")]
MEASURED_EARLIER = (
    "This was measured on an earlier training set, made with other settings: it has the labels Roaming fees and Slow "
    "data speed, which the app has not, and lacks Fees abroad and Slow data. Compare again."
)


def ignore(_progress: object) -> None:
    """Hear how far something is, and do nothing."""


def label(desk: Desk) -> None:
    labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)(ignore)


@pytest.fixture
def changing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Changing:
    """Opens the desk with other settings over the same tables, as after a new start."""

    def change(**settings: Any) -> Desk:
        made = Desk(
            desk.session, replace(desk.settings, **settings), is_engine=True, opener=desk.own_session, where="x"
        )
        monkeypatch.setattr(main, "open_desk", lambda _settings: made)
        main.the_desk.clear()
        return made

    return change


@pytest.fixture
def made(labelled: Desk) -> TrainingSet:
    """A training set of the samples."""
    fine_tuning.build_task(labelled, LABELLER)(ignore)
    found = fine_tuning.training_set(labelled)
    assert found is not None
    return found


@pytest.fixture
def measured(labelled: Desk, made: TrainingSet) -> TrainingSet:
    """The same with a verdict on it."""
    comparing.evaluation_task(labelled, made, None, base_model=BASE, tuned=None)(ignore)
    return made


def said_on(page: AppTest) -> list[str]:
    return [text for text in told(page) if "settings" in text]


def test_with_the_settings_that_it_was_made_with_nothing_is_said(
    opened_page: OpenPage, measured: TrainingSet, changing: Changing
) -> None:
    # However the tables are named, they are the same ones.
    database_schema = measured.table.rpartition(".")[0]
    schema = database_schema.rpartition(".")[2]
    for names in ({}, {"tickets": f"{database_schema}.SUPPORT_TICKETS", "gold": f"{schema}.ticket_gold"}):
        changing(**names)
        for title in ("Fine-tune", "Compare"):
            page = opened_page(title)
            assert not said_on(page)
            assert not page.exception
        assert "evaluation_ask" in keys(opened_page("Compare"))


@pytest.mark.usefixtures("measured")
def test_a_set_of_other_labels_is_marked_and_neither_trained_on_nor_measured_with(
    opened_page: OpenPage, changing: Changing
) -> None:
    changing(labels=LabelSet.of(list(OWN)))
    tuning = opened_page("Fine-tune")
    assert OTHER_LABELS + "below." in said_on(tuning)
    assert "tune_ask" not in keys(tuning)
    assert "build" in keys(tuning)
    comparison = opened_page("Compare")
    assert said_on(comparison) == [OTHER_LABELS + "on the page Fine-tune.", MEASURED_BEFORE]
    assert "evaluation_ask" not in keys(comparison)
    assert "Verdict" in [heading.value for heading in comparison.subheader]


@pytest.mark.usefixtures("measured")
def test_built_anew_the_set_is_current_and_the_verdict_says_of_which_labels_it_was(
    opened_page: OpenPage, changing: Changing
) -> None:
    now = changing(labels=LabelSet.of(list(OWN)))
    label(now)
    tuning = opened_page("Fine-tune")
    press(tuning, "build")
    work = finished(tuning, "training_set")
    assert work.state is WorkState.DONE, work.said
    assert not [text for text in said_on(tuning) if text.startswith("This training set")]
    assert "tune_ask" in keys(tuning)
    comparison = opened_page("Compare")
    assert said_on(comparison) == [MEASURED_EARLIER]
    assert "evaluation_ask" in keys(comparison)


def test_labels_that_are_changed_back_and_built_anew_give_the_set_of_then(
    made: TrainingSet, changing: Changing
) -> None:
    other = changing(labels=LabelSet.of(list(OWN)))
    label(other)
    fine_tuning.build_task(other, LABELLER)(ignore)
    back = changing(labels=LabelSet.of(list(LABELS)))
    found = fine_tuning.training_set(back)
    assert found is not None
    assert other_settings.difference(back, found) is not None
    fine_tuning.build_task(back, LABELLER)(ignore)
    again = fine_tuning.training_set(back)
    assert again is not None
    assert again.id == made.id
    assert other_settings.difference(back, again) is None


@pytest.mark.usefixtures("made")
@pytest.mark.parametrize(
    ("labels", "said"),
    [
        (DESCRIBED, "another desc"),
        ([Label(name=name) for name in reversed(LABELS)], "the labels are in another order"),
        ([Label(name=name) for name in LABELS[1:]], "it has the label Roaming fees, which the app has not."),
        ([Label(name=name) for name in (*LABELS, "Else")], "it lacks Else."),
    ],
)
def test_what_else_can_be_changed_about_labels_is_told(
    opened_page: OpenPage, changing: Changing, labels: list[Label], said: str
) -> None:
    changing(labels=LabelSet.of(labels))
    tuning, comparison = opened_page("Fine-tune"), opened_page("Compare")
    assert any(said in text for text in said_on(tuning))
    assert any(said in text for text in said_on(comparison))
    assert not {"tune_ask", "evaluation_ask"} & (keys(tuning) | keys(comparison))


def test_what_is_to_be_done_about_other_labels_can_be_done(
    opened_page: OpenPage, made: TrainingSet, changing: Changing
) -> None:
    now = changing(labels=LabelSet.of(DESCRIBED))
    (said,) = said_on(opened_page("Compare"))
    assert said.endswith("Label the tickets on the page Overview, then build it anew on the page Fine-tune.")
    label(now)
    tuning = opened_page("Fine-tune")
    (said,) = said_on(tuning)
    assert said.endswith("Label the tickets on the page Overview, then build it anew below.")
    press(tuning, "build")
    assert finished(tuning, "training_set").state is WorkState.DONE
    again = fine_tuning.training_set(now)
    assert again is not None
    assert again.id != made.id
    assert not said_on(tuning)
    assert {"tune_ask", "evaluation_ask"} <= keys(tuning) | keys(opened_page("Compare"))


def test_a_verdict_without_a_note_was_measured_with_the_labels_of_the_settings(
    opened_page: OpenPage, measured: TrainingSet, changing: Changing
) -> None:
    changing(labels=LabelSet.of(DESCRIBED))
    assert "evaluation_ask" not in keys(opened_page("Compare"))
    back = changing(labels=LabelSet.of(list(LABELS)))
    comparison = opened_page("Compare")
    assert not said_on(comparison)
    assert "evaluation_ask" in keys(comparison)
    verdict = comparing.last_evaluation(back)
    assert verdict is not None
    asked = {score.classifier_hash for score in verdict.scores if score.role != "baseline"}
    assert asked == {measured.teacher_hash, back.classifier(BASE).classifier_hash}


@pytest.mark.parametrize(
    ("named", "what_to_do"),
    [
        ({"ledger": "OTHER"}, "Label the tickets on the page Overview, then build it anew below."),
        ({"gold": "OTHER"}, "Build it anew below."),
    ],
)
def test_where_the_tickets_may_be_unlabelled_they_are_to_be_labelled_first(
    opened_page: OpenPage, made: TrainingSet, changing: Changing, named: dict[str, str], what_to_do: str
) -> None:
    del made
    changing(**named)
    (said,) = said_on(opened_page("Fine-tune"))
    assert said.endswith(f"the app's those of OTHER. {what_to_do}")


def test_many_other_labels_are_counted(made: TrainingSet, changing: Changing) -> None:
    now = changing(labels=LabelSet.of([f"L{number}" for number in range(9)]))
    found = other_settings.difference(now, made)
    assert found is not None
    assert found.reasons.endswith("and lacks L0, L1, L2, L3, L4 and 4 more")


def test_another_table_is_told_and_work_on_the_old_set_is_begun_by_who_has_read_that(
    opened_page: OpenPage, made: TrainingSet, changing: Changing
) -> None:
    now = changing(tickets="CASES", gold="CASES_GOLD")
    now.rows("CREATE TABLE CASES AS SELECT * FROM SUPPORT_TICKETS")
    now.rows("CREATE TABLE CASES_GOLD AS SELECT * FROM TICKET_GOLD")
    where = made.table.rpartition(".")[0]
    said = (
        f"This training set was made with other settings: its tickets are those of {where}.SUPPORT_TICKETS, the app's "
        f"those of CASES; its labels by people are those of {where}.TICKET_GOLD, the app's those of CASES_GOLD. "
        "Label the tickets on the page Overview, then build it anew "
    )
    assert said_on(opened_page("Fine-tune")) == [said + "below."]
    comparison = opened_page("Compare")
    assert said + "on the page Fine-tune." in said_on(comparison)
    assert {"tune_ask", "evaluation_ask"} <= keys(opened_page("Fine-tune")) | keys(comparison)
    fine_tuning.build_task(now, LABELLER)(ignore)
    assert not said_on(opened_page("Fine-tune"))
    assert not said_on(opened_page("Compare"))


def test_gold_of_which_a_part_was_used_is_the_same_table(labelled: Desk) -> None:
    labelled.rows("INSERT INTO TICKET_GOLD SELECT * REPLACE ('Old label' AS LABEL) FROM TICKET_GOLD LIMIT 1")
    labelled.rows("UPDATE TICKET_GOLD SET SOURCE = 'correction'")
    fine_tuning.build_task(labelled, LABELLER)(ignore)
    found = fine_tuning.training_set(labelled)
    assert found is not None
    assert "_USABLE_" in str(found.gold_table)
    assert other_settings.difference(labelled, found) is None


def test_a_verdict_on_a_set_that_is_not_there_any_more_is_an_earlier_ones(
    opened_page: OpenPage, labelled: Desk, measured: TrainingSet
) -> None:
    labelled.rows("DELETE FROM TICKETS_FT_MANIFEST")
    fine_tuning.build_task(replaced(labelled), LABELLER)(ignore)
    with pytest.raises(InvalidInputError):
        TrainingSet.load(labelled.session, measured.table, measured.id)
    assert "This was measured on an earlier training set. Compare again." in told(opened_page("Compare"))


def replaced(desk: Desk) -> Desk:
    """Return the desk with another seed: its training set is another one."""
    choices = desk.settings.choices.model_copy(update={"seed": 11})
    settings: Settings = replace(desk.settings, choices=choices)
    return Desk(desk.session, settings, is_engine=True, opener=desk.own_session, where=schema_of(desk))


def train(desk: Desk, made: TrainingSet) -> None:
    estimate = fine_tuning.estimate_job(desk, made, base_model=BASE, epochs=1, price=None)
    fine_tuning.start_job(desk, made, estimate, epochs=1, price=None).wait(timeout=60)


@pytest.mark.parametrize("labels", [list(OWN), DESCRIBED])
def test_a_model_of_other_labels_is_not_said_to_be_compared(
    opened_page: OpenPage, labelled: Desk, made: TrainingSet, changing: Changing, labels: list[str | Label]
) -> None:
    train(labelled, made)
    changing(labels=LabelSet.of(labels))
    said = told(opened_page("Fine-tune"))
    assert not any("Compare it" in text for text in said)
    assert any(
        "It was trained for labels that the app has not, or not so, and the page Compare does not measure it." in text
        for text in said
    )
    changing(labels=LabelSet.of(list(LABELS)))
    assert any("Compare it on the page Compare" in text for text in told(opened_page("Fine-tune")))


def test_a_model_of_an_earlier_set_is_not_said_to_be_compared(
    opened_page: OpenPage, labelled: Desk, made: TrainingSet
) -> None:
    train(labelled, made)
    assert any("Compare it on the page Compare" in text for text in told(opened_page("Fine-tune")))
    fine_tuning.build_task(replaced(labelled), LABELLER)(ignore)
    said = told(opened_page("Fine-tune"))
    assert not any("Compare it" in text for text in said)
    assert any("It was trained on an earlier training set" in text for text in said)
