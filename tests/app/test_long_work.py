"""Long work: what it says while it goes on, that it can be stopped, and what is there when it was."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import SECONDS, as_read, finished, keys, n_asked, press, told
from cortex_tickets import BuildProgress, BuildStep, Draft, ResponseGenerator, RunProgress
from cortex_tickets.app import main
from cortex_tickets.app.asking import comparing, drafting, fine_tuning, labelling
from cortex_tickets.app.background import StoppedByReader, WorkState
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.drawing.progress_words import words_of_progress

OpenPage = Callable[..., AppTest]
LABELLER, BASE = "claude-sonnet-4-6", "llama3.1-8b"


def run_progress(**figures: Any) -> RunProgress:
    told_of = {"run_id": "r", "operation": "classify", "model": "m", "n_done": 3, "n_all": 12, "n_errors": 0}
    unknown = {"ai_credits": None, "texts_per_second": None, "seconds_left": None}
    return RunProgress(**{**told_of, **unknown, "input_tokens": 0, "output_tokens": 0, "seconds": 0.0, **figures})


def build_progress(step: BuildStep, n_done: int = 0, n_all: int = 0) -> BuildProgress:
    return BuildProgress(step=step, step_number=1, n_steps=3, n_done=n_done, n_all=n_all, seconds=0.0)


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (None, "Getting ready"),
        (run_progress(), "m: 3 of 12 texts"),
        (
            run_progress(n_errors=1, ai_credits=0.25, seconds_left=200.0),
            "m: 3 of 12 texts, 1 errors, 0.2500 AI credits",
        ),
        (run_progress(operation="reply"), "m: 3 of 12 letters"),
        (run_progress(operation="reply_again"), "Second try of letters with findings, m: 3 of 12 letters"),
        (build_progress(BuildStep.READING), "Reading tickets and labels"),
        (build_progress(BuildStep.GROUPING, 500, 1_000), "Looking for near-copies: 500 of 1,000 texts"),
        (build_progress(BuildStep.WRITING, 2_000, 4_000), "Writing: 2,000 of 4,000 tickets"),
    ],
)
def test_each_phase_of_work_has_words_of_its_own(progress: RunProgress | BuildProgress | None, words: str) -> None:
    assert as_read(words_of_progress(progress)).startswith(words)


def test_the_page_says_that_letters_are_tried_a_second_time(opened_page: OpenPage, labelled: Desk) -> None:
    del labelled
    goes_on, is_told = threading.Event(), threading.Event()

    def write(listener: Any) -> str:
        listener(run_progress(operation="reply", n_done=12))
        listener(run_progress(operation="reply_again", n_done=0, n_all=4))
        is_told.set()
        goes_on.wait(SECONDS)
        return "Written."

    work = main.the_board().start("replies", "Write the replies (x)", write)
    assert is_told.wait(SECONDS)
    (bar,) = opened_page("Replies").get("progress")
    goes_on.set()
    assert work.wait(SECONDS)
    assert as_read(bar.proto.text) == "Second try of letters with findings, m: 0 of 4 letters"


def test_second_tries_of_real_letters_are_told_after_the_first_and_never_go_back(
    labelled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = drafting.labels_for_replies(labelled, LABELLER)
    brief = drafting.default_brief(labelled, "Slow data speed", "claude-haiku-4-5")
    estimate = drafting.estimate_replies(labelled, labels, brief)
    checked = partial(ResponseGenerator, checks=[never_content])
    monkeypatch.setattr(drafting, "ResponseGenerator", checked)
    told_of: list[RunProgress] = []
    drafting.reply_task(labelled, labels, brief, estimate, None)(told_of.append)
    phases = [(progress.operation != "reply", progress.n_done) for progress in told_of]
    assert phases == sorted(phases)
    assert phases[-1][0]


def never_content(_draft: Draft) -> str:
    return "It could be better."


def test_a_build_that_is_stopped_leaves_the_page_as_it_was_and_can_be_begun_again(
    opened_page: OpenPage, labelled: Desk, second: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    del labelled
    goes_on = threading.Event()

    def no_gold(_desk: Desk) -> None:
        goes_on.wait(SECONDS)

    with monkeypatch.context() as patch:
        patch.setattr(fine_tuning, "usable_gold", no_gold)
        page = press(opened_page("Fine-tune"), "build")
        press(page, "training_set_stop")
        goes_on.set()
        work = finished(page, "training_set")
    assert work.state is WorkState.STOPPED
    assert "Training set: Stopped. Nothing was written: there is what there was before." in told(page)
    assert not page.error
    assert second.sql("SHOW TABLES LIKE 'TICKETS_FT%'").collect() == []
    press(page, "build")
    assert finished(page, "training_set").state is WorkState.DONE
    assert second.sql("SELECT COUNT(*) AS N FROM TICKETS_FT").collect()[0]["N"] == 151


def test_a_build_that_is_stopped_as_it_would_write_leaves_no_row(opened_page: OpenPage, labelled: Desk) -> None:
    told_of: list[BuildProgress] = []

    def stop_before_the_end(progress: BuildProgress) -> None:
        told_of.append(progress)
        if progress.step is BuildStep.WRITING:
            raise StoppedByReader

    with pytest.raises(StoppedByReader):
        fine_tuning.build_task(labelled, LABELLER)(stop_before_the_end)
    shares = [progress.share_done for progress in told_of]
    assert shares == sorted(shares)
    assert fine_tuning.training_set(labelled) is None
    page = opened_page("Fine-tune")
    assert not page.error
    assert "build" in keys(page)
    assert "to train on" in fine_tuning.build_task(labelled, LABELLER)(told_of.append)


def test_a_comparison_is_told_and_stopped_between_statements_and_goes_on_with_the_rest(
    labelled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine_tuning.build_task(labelled, LABELLER)(lambda _progress: None)
    made = fine_tuning.training_set(labelled)
    assert made is not None
    monkeypatch.setattr(labelling, "_FEWEST_IN_A_CHUNK", 5)
    before, told_of = n_asked(labelled), []

    def stop_in_the_middle(progress: RunProgress) -> None:
        told_of.append((progress.model, progress.n_done))
        if progress.n_done == 10:
            raise StoppedByReader

    task = comparing.evaluation_task(labelled, made, None, base_model=BASE, tuned=None)
    with pytest.raises(StoppedByReader):
        task(stop_in_the_middle)
    assert told_of == [(LABELLER, 0), (BASE, 0), (BASE, 5), (BASE, 10)]
    assert n_asked(labelled) - before == 10
    assert comparing.last_evaluation(labelled) is None
    models = comparing.classifiers(labelled, made, base_model=BASE, tuned=None)
    left = sum(estimate.n_texts for estimate in comparing.estimate_evaluation(labelled, made, models))
    task(lambda _progress: None)
    assert n_asked(labelled) - before == 10 + left
    assert comparing.last_evaluation(labelled) is not None
