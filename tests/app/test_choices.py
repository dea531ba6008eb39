"""What the settings file chooses: prices, limits, models, and how to train and reply, on the pages and in the work."""

import inspect
import json
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import finished, found, keys, press, told
from cortex_tickets import TrainingSetBuilder
from cortex_tickets.app import main
from cortex_tickets.app.asking import comparing, drafting, fine_tuning, labelling
from cortex_tickets.app.background import WorkLeftError, WorkState
from cortex_tickets.app.choices import Choices
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.settings import Settings
from cortex_tickets.cli.settings import TrainingSettings

OpenPage = Callable[..., AppTest]
Choosing = Callable[..., Desk]
LABELLER = "claude-sonnet-4-6"
PLAYBOOK = {
    "tone": "dry",
    "signature": "The clerks",
    "generic": {"label": "else", "goal": "Say that it was read."},
    "entries": [{"label": "Slow data speed", "goal": "Offer a faster line.", "may_offer": True}],
}


def ignore(_progress: object) -> None:
    """Hear how far something is, and do nothing."""


@pytest.fixture
def choosing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Choosing:
    """Opens the desk with what a settings file chooses."""

    def choose(**choices: Any) -> Desk:
        given = Settings.from_environment({"CORTEX_TICKETS_APP_CHOICES": json.dumps(choices)})
        made = Desk(desk.session, given, is_engine=True, opener=desk.own_session, where="the tests' engine")
        monkeypatch.setattr(main, "open_desk", lambda _settings: made)
        main.the_desk.clear()
        return made

    return choose


def ai_credits(page: AppTest) -> float:
    return next(float(metric.value) for metric in page.metric if metric.label == "AI credits")


def test_the_teacher_of_the_settings_labels_at_the_price_of_the_settings(
    choosing: Choosing, opened_page: OpenPage
) -> None:
    choosing(models=["llama3.3-70b"], prices={"llama3.3-70b": {"input": 1000.0, "output": 0.0}})
    page = press(opened_page("Overview"), "labels_ask")
    assert page.selectbox(key="labelling_model").value == "llama3.3-70b"
    dear = ai_credits(page)
    choosing(models=["llama3.3-70b"], prices={"llama3.3-70b": {"input": 500.0, "output": 0.0}})
    page = press(opened_page("Overview"), "labels_ask")
    assert ai_credits(page) == pytest.approx(dear / 2, rel=1e-3)


def test_several_models_of_the_settings_are_tried_in_order_and_are_one_teacher(choosing: Choosing) -> None:
    desk = choosing(models=["llama3.3-70b, claude-haiku-4-5"])
    name = desk.settings.labelling_models[0]
    assert desk.classifier(name).models == ("llama3.3-70b", "claude-haiku-4-5")
    labelling.label_task(desk, name, labelling.estimate_labels(desk, name), None)(ignore)
    fine_tuning.build_task(desk, name)(ignore)
    made = fine_tuning.training_set(desk)
    assert made is not None
    models = comparing.classifiers(desk, made, base_model="llama3.1-8b", tuned=None)
    (teacher, _) = comparing.estimate_evaluation(desk, made, models)
    assert teacher.n_texts == 0


@pytest.mark.parametrize("base", ["llama3.1-8b", "llama3.3-70b"])
def test_where_the_settings_have_the_teacher_no_more_its_labels_stand_in_the_verdict_and_no_other_model(
    choosing: Choosing, base: str
) -> None:
    name = "llama3.3-70b, claude-haiku-4-5"
    desk = choosing(models=[name])
    labelling.label_task(desk, name, labelling.estimate_labels(desk, name), None)(ignore)
    fine_tuning.build_task(desk, name)(ignore)
    without = choosing()
    made = fine_tuning.training_set(without)
    assert made is not None
    assert set(comparing.classifiers(without, made, base_model=base, tuned=None)) == {"base"}
    comparing.evaluation_task(without, made, None, base_model=base, tuned=None)(ignore)
    verdict = comparing.last_evaluation(without)
    assert verdict is not None
    assert verdict.teacher == "teacher (stored)"
    assert [score.name for score in verdict.scores if score.role == "teacher"] == ["teacher (stored)"]


def test_a_teacher_that_the_settings_do_not_offer_any_more_is_known_by_its_name(choosing: Choosing) -> None:
    desk = choosing(models=["mistral-large3"])
    labelling.label_task(desk, "mistral-large3", labelling.estimate_labels(desk, "mistral-large3"), None)(ignore)
    fine_tuning.build_task(desk, "mistral-large3")(ignore)
    without = choosing()
    assert "mistral-large3" not in without.settings.labelling_models
    made = fine_tuning.training_set(without)
    assert made is not None
    models = comparing.classifiers(without, made, base_model="llama3.1-8b", tuned=None)
    assert models["teacher"].classifier_hash == made.teacher_hash


def test_the_budget_of_the_settings_stops_work_and_no_reader_can_raise_it(
    choosing: Choosing, opened_page: OpenPage
) -> None:
    desk = choosing(ai_credits=0.02)
    page = press(opened_page("Overview"), "labels_ask")
    limit = found(page.number_input, "labels_limit")
    assert (limit.value, limit.max) == (0.02, 0.02)
    assert any("allow 0.0200 AI credits for one run" in str(line.value).replace("\\", "") for line in page.caption)
    limit.set_value(None).run()
    press(page, "labels_start")
    work = finished(page, "labels")
    assert work.state is WorkState.LEFT
    assert "the limit of 0.0200 AI credits" in work.said
    with pytest.raises(WorkLeftError):
        labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), 5.0)(ignore)


@pytest.mark.parametrize("budget", [None, 0.02])
def test_a_limit_of_0_starts_nothing(choosing: Choosing, opened_page: OpenPage, budget: float | None) -> None:
    choosing(ai_credits=budget)
    page = press(opened_page("Overview"), "labels_ask")
    found(page.number_input, "labels_limit").set_value(0.0).run()
    assert page.button(key="labels_start").disabled
    assert any("A limit of 0 allows nothing" in str(line.value) for line in page.caption)
    found(page.number_input, "labels_limit").set_value(0.01).run()
    assert not page.button(key="labels_start").disabled


def test_a_limit_smaller_than_the_budget_stays(choosing: Choosing, opened_page: OpenPage) -> None:
    choosing(ai_credits=50.0)
    page = press(opened_page("Overview"), "labels_ask")
    assert found(page.number_input, "labels_limit").value < 1


def test_a_question_of_the_playground_stays_within_the_budget(choosing: Choosing, opened_page: OpenPage) -> None:
    choosing(ai_credits=0.000001)
    page = press(opened_page("Playground"), "defect_ask")
    assert "defect_start" not in keys(page)
    assert any("allow 0.0000 AI credits for one question" in text for text in told(page))


@pytest.mark.parametrize(("what", "function"), [("translation", "AI_TRANSLATE"), ("sentiment", "AI_SENTIMENT")])
def test_under_a_budget_a_question_without_a_price_says_how_to_state_one(
    choosing: Choosing, opened_page: OpenPage, what: str, function: str
) -> None:
    choosing(ai_credits=1.0)
    page = press(opened_page("Playground"), f"{what}_ask")
    assert f"{what}_start" not in keys(page)
    (remedy,) = [text for text in told(page) if "1.0000" in text]
    assert f"no price is known for {function}: state it in cortex_tickets.toml, under [prices.{function}]" in remedy
    assert "input and output" in remedy
    choosing(ai_credits=1.0, prices={function: {"input": 1.0, "output": 1.0}})
    assert f"{what}_start" in keys(press(opened_page("Playground"), f"{what}_ask"))


def test_without_a_real_model_translate_says_first_what_it_needs(
    choosing: Choosing, opened_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    choosing(ai_credits=1.0)
    monkeypatch.delenv("CORTEX_TICKETS_LLM_URL", raising=False)
    (said,) = told(opened_page("Playground"))
    assert said.startswith("Translate needs a real model on the embedded engine")
    assert "CORTEX_TICKETS_LLM_URL" in said
    monkeypatch.setenv("CORTEX_TICKETS_LLM_URL", "http://127.0.0.1:1/v1")
    assert told(opened_page("Playground")) == []


def test_training_is_as_the_settings_say(choosing: Choosing, opened_page: OpenPage, labelled: Desk) -> None:
    del labelled
    desk = choosing(seed=11, max_per_label=9, max_epochs=5, platform_price=10.0, platform_credits=0.01)
    fine_tuning.build_task(desk, LABELLER)(ignore)
    made = fine_tuning.training_set(desk)
    assert made is not None
    assert made.seed == 11
    assert max(row.n_training for row in made.report.labels) == 9
    page = opened_page("Fine-tune")
    assert (page.number_input(key="epochs").value, page.number_input(key="platform_price").value) == (5, 10)
    press(page, "tune_ask")
    press(page, "tune_start")
    assert any("and the budget is 0.01" in text for text in told(page))
    page.number_input(key="platform_price").set_value(0.0).run()
    press(page, "tune_ask")
    press(page, "tune_start")
    assert any(text.startswith("The settings allow 0.01 platform credits") for text in told(page))
    assert fine_tuning.known_jobs(desk) == []


def test_replies_are_written_as_the_settings_say(choosing: Choosing, opened_page: OpenPage, labelled: Desk) -> None:
    del labelled
    desk = choosing(writing_model="llama3.1-8b", playbook=PLAYBOOK, campaign="promote plan Z", guardrails=True)
    page = opened_page("Replies")
    page.selectbox(key="reply_label").set_value("Slow data speed").run()
    assert found(page.selectbox, "reply_model_").value == "llama3.1-8b"
    assert page.text_area(key="goal_Slow data speed").value == "Offer a faster line."
    assert page.text_input(key="signature_Slow data speed").value == "The clerks"
    assert page.text_input(key="campaign_Slow data speed").value == "promote plan Z"
    brief = drafting.default_brief(desk, "Slow data speed", "llama3.1-8b")
    writer = drafting.writer(desk, brief)
    assert writer.playbook.generic.goal == "Say that it was read."
    assert writer.prompt.campaign == "promote plan Z"
    plain = drafting.writer(choosing(playbook=PLAYBOOK, campaign="promote plan Z"), brief)
    assert writer.generator_hash != plain.generator_hash


def test_without_a_choice_the_split_is_that_of_the_library_and_the_command_line() -> None:
    theirs = inspect.signature(TrainingSetBuilder).parameters["seed"].default
    assert (Choices().seed, TrainingSettings().seed) == (theirs, theirs)
