"""What Overview says of a run that has not ended: what it has cost so far, or that it is under way; never a guess."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import SECONDS, as_read
from cortex_tickets import BuildProgress, BuildStep, RunProgress
from cortex_tickets.app import main
from cortex_tickets.app.asking import labelling, overview
from cortex_tickets.app.background import Listener, WorkBoard
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]
LABELLER = "claude-sonnet-4-6"


@pytest.fixture
def halfway(desk: Desk) -> Iterator[Callable[[WorkBoard], RunProgress]]:
    """Starts labelling on a board, and leaves it where its first chunk is answered."""
    is_there, going_on = threading.Event(), threading.Event()

    def start(board: WorkBoard) -> RunProgress:
        label = labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)

        def task(listener: Listener) -> str:
            def listen(progress: RunProgress) -> None:
                listener(progress)
                if progress.n_done:
                    is_there.set()
                    going_on.wait(SECONDS)

            return label(listen)

        work = board.start("labels", "Label the tickets", task)
        started.append(work)
        assert is_there.wait(SECONDS)
        assert isinstance(work.progress, RunProgress)
        return work.progress

    started: list[Any] = []
    yield start
    going_on.set()
    assert all(work.wait(SECONDS) for work in started)


def row_of_the_run(page: AppTest) -> dict[str, Any]:
    (row,) = page.dataframe[0].value.to_dict("records")
    return dict(row)


def total(page: AppTest) -> str:
    (said,) = [text for text in (as_read(line.value) for line in page.caption) if "AI credits in the last" in text]
    return said


def test_a_run_of_this_server_is_shown_with_what_it_has_cost_so_far(
    opened_page: OpenPage, halfway: Callable[[WorkBoard], RunProgress]
) -> None:
    progress = halfway(main.the_board())
    page = opened_page("Overview")
    row = row_of_the_run(page)
    assert progress.ai_credits
    assert (row["State"], row["Texts"]) == ("RUNNING", progress.n_done)
    assert row["Tokens"] == progress.input_tokens + progress.output_tokens
    assert row["AI credits"] == f"{progress.ai_credits:.6f} so far"
    assert total(page) == f"{progress.ai_credits:.4f} AI credits in the last run."


def test_a_run_of_another_process_is_under_way_and_its_price_is_not_said_to_be_unknown(
    opened_page: OpenPage, halfway: Callable[[WorkBoard], RunProgress]
) -> None:
    progress = halfway(WorkBoard())
    page = opened_page("Overview")
    row = row_of_the_run(page)
    assert (row["State"], row["Texts"], row["AI credits"]) == ("RUNNING", progress.n_done, "under way")
    assert row["Tokens"] == progress.input_tokens + progress.output_tokens
    assert total(page) == "0.0000 AI credits in the last run; 1 under way is not counted yet."


def test_a_run_whose_process_died_is_not_said_to_be_under_way(
    opened_page: OpenPage, desk: Desk, halfway: Callable[[WorkBoard], RunProgress]
) -> None:
    progress = halfway(WorkBoard())
    desk.rows("UPDATE TICKET_LABELS_LEASES SET EXPIRES_AT = DATEADD(second, -1, CURRENT_TIMESTAMP())")
    page = opened_page("Overview")
    row = row_of_the_run(page)
    assert (row["AI credits"], row["Tokens"]) == ("unknown", progress.input_tokens + progress.output_tokens)
    assert total(page) == "0.0000 AI credits in the last run; what 1 has cost is unknown."


def test_a_run_that_has_ended_says_what_it_cost(opened_page: OpenPage, labelled: Desk) -> None:
    (run,) = overview.runs(labelled)
    assert run.ai_credits
    assert (run.is_under_way, run.n_texts) == (False, 130)
    page = opened_page("Overview")
    assert row_of_the_run(page)["AI credits"] == f"{run.ai_credits:.6f}"
    assert total(page) == f"{run.ai_credits:.4f} AI credits in the last run."


def test_a_training_set_that_is_being_built_is_no_run(opened_page: OpenPage, labelled: Desk) -> None:
    (run,) = overview.runs(labelled)
    is_there, going_on = threading.Event(), threading.Event()

    def build(listener: Callable[[BuildProgress], None]) -> str:
        listener(BuildProgress(step=BuildStep.READING, step_number=1, n_steps=3, n_done=0, n_all=0, seconds=0.0))
        is_there.set()
        going_on.wait(SECONDS)
        return "Built."

    work = main.the_board().start("training_set", "Training set", build)
    assert is_there.wait(SECONDS)
    try:
        assert row_of_the_run(opened_page("Overview"))["Texts"] == run.n_texts
    finally:
        going_on.set()
        assert work.wait(SECONDS)
