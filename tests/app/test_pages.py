"""Each page's main action, as a reader takes it, and what a second session then reads."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import finished, found, keys, keys_of, n_asked, press, press_nth, told
from cortex_tickets import ReplyStatus
from cortex_tickets.app.asking.triage import TicketRow, story
from cortex_tickets.app.background import WorkState
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]


def test_the_first_screen_shows_the_tickets_and_what_people_said_of_them(opened_page: OpenPage) -> None:
    page = opened_page("Overview")
    assert [(metric.label, metric.value) for metric in page.metric] == [
        ("Tickets", "151"),
        ("Distinct texts", "130"),
        ("With a label", "0"),
        ("Corrected by people", "0"),
    ]
    assert not page.exception
    assert not page.error


def test_tickets_are_labelled_only_after_their_price_was_shown(opened_page: OpenPage, desk: Desk, second: Any) -> None:
    asked_before = n_asked(desk)
    page = opened_page("Overview")
    assert "labels_start" not in keys(page)
    press(page, "labels_ask")
    assert ("AI credits", "0.0448") in [(metric.label, metric.value) for metric in page.metric]
    assert n_asked(desk) == asked_before
    press(page, "labels_start")
    assert finished(page, "labels").state is WorkState.DONE
    assert n_asked(desk) - asked_before == 130
    rows = second.sql("SELECT OUTCOME, COUNT(*) AS N FROM TICKET_LABELS GROUP BY OUTCOME").collect()
    assert [(row["OUTCOME"], row["N"]) for row in rows] == [("valid", 151)]
    assert any("130 texts asked" in text for text in told(page))


@pytest.mark.usefixtures("labelled")
def test_a_correction_counts_at_once_and_says_who_gave_it(opened_page: OpenPage, second: Any) -> None:
    page = opened_page("Triage")
    page.text_input(key="triage_search").set_value("$90 in international fees").run()
    press_nth(page, "triage_open_", 0)
    found(page.selectbox, "correct_label").set_value("Lost phone")
    found(page.text_input, "correct_name").set_value("Ann")
    press_nth(page, "correct_save_", 0)
    assert told(page) == ["Saved."]
    rows = second.sql("SELECT TICKET_ID, LABEL, ANNOTATOR FROM TICKET_GOLD WHERE SOURCE = 'correction'").collect()
    assert [tuple(row) for row in rows] == [("TR0098", "Lost phone", "Ann")]
    assert any("corrected by a person" in str(line.value) for line in page.markdown)


@pytest.mark.usefixtures("labelled")
def test_a_correction_without_a_name_is_refused_in_a_sentence(opened_page: OpenPage) -> None:
    page = opened_page("Triage")
    press_nth(page, "triage_open_", 0)
    press_nth(page, "correct_save_", 0)
    assert told(page) == ["Write your name: a correction has one."]
    assert not page.exception


@pytest.mark.usefixtures("labelled")
def test_a_model_is_trained_after_its_price_was_shown_and_found_again_after_a_reload(
    opened_page: OpenPage, second: Any
) -> None:
    page = opened_page("Fine-tune")
    press(page, "build")
    assert finished(page, "training_set").state is WorkState.DONE
    assert "tune_start" not in keys(page)
    page.number_input(key="platform_price").set_value(10.0).run()
    press(page, "tune_ask")
    assert ("Platform credits", "0.1709") in [(metric.label, metric.value) for metric in page.metric]
    press(page, "tune_start")
    job_id = page.query_params["job"]
    reloaded = opened_page("Fine-tune", job=job_id[0] if isinstance(job_id, list) else job_id)
    while "job_cancel" in keys(reloaded):
        reloaded.run()
    assert any("The model is CORTEX_TICKETS" in text for text in told(reloaded))
    losses = [metric.value for metric in reloaded.metric if metric.label.endswith("loss")]
    assert [float(loss) > 0 for loss in losses] == [True, True]
    jobs = second.sql("SELECT JOB_ID FROM CORTEX_TICKETS_JOBS").collect()
    assert [row["JOB_ID"] for row in jobs] == [job_id[0] if isinstance(job_id, list) else job_id]


@pytest.mark.usefixtures("labelled")
def test_models_are_compared_and_the_verdict_stays(opened_page: OpenPage, second: Any) -> None:
    tuning = opened_page("Fine-tune")
    press(tuning, "build")
    finished(tuning, "training_set")
    page = opened_page("Compare")
    press(page, "evaluation_ask")
    press(page, "evaluation_start")
    assert finished(page, "evaluation").state is WorkState.DONE
    rows = second.sql("SELECT DISTINCT ANSWERED_BY FROM TICKET_LABELS ORDER BY 1").collect()
    assert [row["ANSWERED_BY"] for row in rows] == ["claude-sonnet-4-6", "llama3.1-8b"]
    again = opened_page("Compare")
    assert "Verdict" in [heading.value for heading in again.subheader]


def letters_in_stories(desk: Desk) -> list[str]:
    """What the stories of all tickets that a person decided about tell of their letters, in order."""
    rows = desk.rows("SELECT DISTINCT TICKET_ID, TICKET_TEXT_HASH FROM TICKET_REPLIES WHERE REVIEWED_BY IS NOT NULL")
    told_of: list[str] = []
    for row in rows:
        ticket = TicketRow(row["TICKET_ID"], row["TICKET_TEXT_HASH"], "", None, None, "valid", None, None)
        events = [event for event in story(desk, ticket) if event.what.startswith("reply")]
        assert [event.at for event in events] == sorted(event.at for event in events if event.at)
        told_of += [f"{event.at}: {event.what}, {event.who}: {event.said}" for event in events]
    return told_of


def test_replies_are_written_approved_edited_and_rejected(opened_page: OpenPage, labelled: Desk, second: Any) -> None:
    page = opened_page("Replies")
    page.selectbox(key="reply_label").set_value("Slow data speed").run()
    page.text_area(key="goal_Slow data speed").set_value("Help the customer to a faster line.").run()
    press(page, "replies_ask")
    press(page, "replies_start")
    work = finished(page, "replies")
    assert work.state is WorkState.DONE, work.said
    press_nth(page, "approve_", 0)
    assert "Write your name: a decision has one." in told(page)
    page.text_input(key="reply_person").set_value("Rita").run()
    press_nth(page, "approve_", 0)
    press_nth(page, "reject_", 1)
    press_nth(page, "edit_", 2)
    found(page.text_area, "editor_body").set_value("We will refund $200 tomorrow.")
    press_nth(page, "editor_approve_", 0)
    assert any("needs another look" in text for text in told(page))
    rows = second.sql(
        "SELECT STATUS, REVIEWED_BY, IS_EDITED FROM TICKET_REPLIES WHERE REVIEWED_BY IS NOT NULL ORDER BY STATUS"
    ).collect()
    assert [tuple(row) for row in rows] == [
        (ReplyStatus.APPROVED, "Rita", False),
        (ReplyStatus.NEEDS_REVIEW, "Rita", True),
        (ReplyStatus.REJECTED, "Rita", False),
    ]
    told_of = {line.partition(": ")[2] for line in letters_in_stories(labelled)}
    assert {
        "reply decided by a person, Rita: approved",
        "reply decided by a person, Rita: rejected",
        "reply edited by a person, Rita: needs_review",
        "reply written, claude-haiku-4-5: for a person to decide",
    } <= told_of
    again = opened_page("Replies")
    again.selectbox(key="reply_label").set_value("Slow data speed").run()
    assert again.text_area(key="goal_Slow data speed").value == "Help the customer to a faster line."
    assert keys_of(again, "approve_")
    press(again, "export")
    assert "export_download" in [button.key for button in again.get("download_button")]


@pytest.mark.parametrize("what", ["defect", "translation", "sentiment"])
def test_a_packaged_call_is_asked_about_once_its_price_was_shown(opened_page: OpenPage, desk: Desk, what: str) -> None:
    page = opened_page("Playground")
    assert f"{what}_start" not in keys(page)
    press(page, f"{what}_ask")
    before = n_asked(desk)
    press(page, f"{what}_start")
    if what == "translation":
        assert any("needs a real model: set CORTEX_TICKETS_LLM_URL" in text for text in told(page))
    else:
        assert n_asked(desk) > before
    assert not page.error


def test_times_are_in_utc_and_say_so_whatever_zone_they_were_written_in(
    opened_page: OpenPage, labelled: Desk, second: Any
) -> None:
    del labelled
    second.sql("UPDATE TICKET_LABELS SET ANSWERED_AT = '2026-11-25 16:05:00 -0800'::TIMESTAMP_TZ").collect()
    second.sql("UPDATE TICKET_LABELS_RUNS SET STARTED_AT = '2026-11-25 16:05:00 -0800'::TIMESTAMP_TZ").collect()
    page = press_nth(opened_page("Triage"), "triage_open_", 0)
    lines = [str(line.value).replace("\\", "") for line in page.markdown]
    told_at = [line.partition("by a ")[0] for line in lines if "labelled" in line]
    assert "2026-11-26 00:05 UTC: labelled " in told_at
    assert all(" UTC: " in line or line.startswith("no date: ") for line in told_at)
    (runs,) = opened_page("Overview").dataframe
    assert [str(moment) for moment in runs.value["Started (UTC)"]] == ["2026-11-26 00:05:00"]
