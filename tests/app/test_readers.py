"""What belongs to one reader: messages about work that they saw run, and what they left in a field."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import finished, keys, keys_of, press, told
from cortex_tickets import AccessDeniedError, Estimate, TicketInsights
from cortex_tickets.app import main
from cortex_tickets.app.asking import playing
from cortex_tickets.app.background import WorkLeftError
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]
TITLE = "Label the tickets (claude-sonnet-4-6)"


def done(page: AppTest) -> list[str]:
    return [str(box.value).replace("\\", "") for box in page.success]


def test_the_message_of_finished_work_is_for_those_who_saw_it_run_and_each_closes_it_alone(
    opened_page: OpenPage,
) -> None:
    goes_on = threading.Event()

    def task(_listener: Any) -> str:
        goes_on.wait(60)
        return "All done."

    work = main.the_board().start("labels", TITLE, task)
    first, second = opened_page("Overview"), opened_page("Overview")
    goes_on.set()
    assert work.wait(60)
    late = opened_page("Overview")
    for reader in (first, second):
        assert done(reader.run()) == [f"{TITLE}: All done."]
    assert done(late) == []
    assert "labels_close" not in keys(late)
    press(first, "labels_close")
    assert done(first) == []
    assert done(second.run()) == [f"{TITLE}: All done."]


def test_whoever_starts_work_reads_its_message_however_fast_it_was(opened_page: OpenPage) -> None:
    page = press(opened_page("Overview"), "labels_ask")
    press(page, "labels_start")
    finished(page, "labels")
    assert len(done(page)) == 1
    press(page, "labels_close")
    assert done(page) == []
    assert done(opened_page("Overview")) == []


def test_work_that_failed_or_was_left_is_told_to_all_until_somebody_closes_it(opened_page: OpenPage) -> None:
    def refused(_listener: Any) -> str:
        raise AccessDeniedError("no privileges")

    def left(_listener: Any) -> str:
        raise WorkLeftError("5 tickets are left.")

    for task, said in ((refused, "no privileges"), (left, "5 tickets are left.")):
        assert main.the_board().start("labels", TITLE, task).wait(60)
        first, second = opened_page("Overview"), opened_page("Overview")
        assert any(said in text for text in told(first))
        assert any(said in text for text in told(second))
        press(first, "labels_close")
        assert not any(said in text for text in told(second.run()))


def script() -> None:
    import streamlit as st  # noqa: PLC0415  Streamlit runs this function's source by itself

    from cortex_tickets.app import main as app  # noqa: PLC0415  the same

    app.show_page(st.query_params["page"])


def test_what_was_pasted_is_there_after_a_look_at_another_page(opened_page: OpenPage) -> None:
    del opened_page
    page = AppTest.from_function(script, default_timeout=60)
    page.query_params["page"] = "Playground"
    page.run()
    page.button_group(key="play_origin").set_value("Paste a text").run()
    page.text_area(key="play_text").set_value("My phone is gone.").run()
    page.selectbox(key="play_language").set_value("French").run()
    page.query_params["page"] = "Compare"
    page.run()
    assert not page.text_area
    page.query_params["page"] = "Playground"
    page.run()
    assert page.text_area(key="play_text").value == "My phone is gone."
    assert page.selectbox(key="play_language").value == "French"
    assert not page.warning


def test_the_way_to_another_page_of_tickets_stands_above_them(opened_page: OpenPage) -> None:
    page = opened_page("Triage")
    order = [str(button.key) for button in page.button]
    assert order.index("triage_later") < order.index(keys_of(page, "triage_open_")[0])
    press(page, "triage_later")
    assert any("Page 2 of 16" in str(line.value) for line in page.caption)
    page.text_input(key="triage_search").set_value("TR").run()
    assert any("Page 1 of 16" in str(line.value) for line in page.caption)


def test_two_who_estimate_the_same_text_at_the_same_moment_both_read_what_it_costs(
    desk: Desk,
) -> None:
    text, estimates, estimate_extract = playing.transcripts()[0].text, list[Estimate](), TicketInsights.estimate_extract

    def while_another_does_the_same(insights: TicketInsights, *given: Any) -> Estimate:
        patch.undo()
        estimates.append(playing.estimate(desk, text, "defect", "German"))
        return estimate_extract(insights, *given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TicketInsights, "estimate_extract", while_another_does_the_same)
        estimates.append(playing.estimate(desk, text, "defect", "German"))
    assert estimates[0] == estimates[1]
    assert not desk.rows("SHOW TABLES LIKE 'CORTEX_TICKETS_PLAYGROUND%'")
