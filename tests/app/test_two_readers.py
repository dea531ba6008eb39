"""Two readers on one page: what one decides lands on what they saw, or is refused in a sentence."""

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import SECONDS, finished, found, keys_of, press, press_nth, told
from cortex_tickets import AccessDeniedError
from cortex_tickets.app import main
from cortex_tickets.app.asking import triage
from cortex_tickets.app.background import WorkState
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]
LABEL = "Slow data speed"
WHEN = r"on \d{4}-\d\d-\d\d at \d\d:\d\d UTC"


@pytest.fixture
def letters(labelled: Desk, opened_page: OpenPage) -> Desk:
    """The desk with letters to all tickets of one label."""
    page = opened_page("Replies")
    page.selectbox(key="reply_label").set_value(LABEL).run()
    press(page, "replies_ask")
    press(page, "replies_start")
    assert finished(page, "replies").state is WorkState.DONE
    return labelled


def sits_down(opened_page: OpenPage, name: str) -> AppTest:
    page = opened_page("Replies")
    page.selectbox(key="reply_label").set_value(LABEL).run()
    return page.text_input(key="reply_person").set_value(name).run()


def tickets_shown(page: AppTest) -> list[str]:
    """Tickets of the cards, in their order."""
    return [line.split("**")[1] for line in (str(mark.value) for mark in page.markdown) if line.startswith("**TR")]


def decided(session: Any) -> list[tuple[Any, ...]]:
    query = "SELECT TICKET_ID, STATUS, REVIEWED_BY FROM TICKET_REPLIES WHERE REVIEWED_BY IS NOT NULL ORDER BY 1"
    return [tuple(row) for row in session.sql(query).collect()]


@pytest.mark.usefixtures("letters")
def test_a_decision_about_a_letter_that_somebody_decided_about_meanwhile_lands_nowhere_and_says_who_did_and_when(
    opened_page: OpenPage, second: Any
) -> None:
    ann, bob = sits_down(opened_page, "Ann"), sits_down(opened_page, "Bob")
    ticket, rejecting = tickets_shown(bob)[0], keys_of(bob, "reject_")[0]
    press_nth(ann, "approve_", 0)
    press(bob, rejecting)
    assert decided(second) == [(ticket, "approved", "Ann")]
    (said,) = [text for text in told(bob) if "Ann" in text]
    assert re.fullmatch(
        rf"Ann approved the letter to ticket {ticket} {WHEN}, after you had read it: your decision was not written\. "
        r"Read it as it stands here now, and decide again\.",
        said,
    )
    # It stays in sight, and about the letter as it stands now Bob may decide otherwise.
    assert tickets_shown(bob)[0] == ticket
    press(bob, rejecting)
    assert decided(second) == [(ticket, "rejected", "Bob")]


@pytest.mark.usefixtures("letters")
def test_a_letter_that_has_left_the_cards_that_a_reader_chose_is_not_decided_about_unread(
    opened_page: OpenPage, second: Any
) -> None:
    ann, bob = sits_down(opened_page, "Ann"), sits_down(opened_page, "Bob")
    bob.button_group(key="reply_status").set_value("draft").run()
    ticket = tickets_shown(bob)[0]
    press(ann, keys_of(bob, "reject_")[0])
    press_nth(bob, "approve_", 0)
    assert decided(second) == [(ticket, "rejected", "Ann")]
    assert any(text.startswith(f"Ann rejected the letter to ticket {ticket}") for text in told(bob))
    assert ticket not in tickets_shown(bob.run())


@pytest.mark.usefixtures("letters")
def test_a_letter_that_was_edited_meanwhile_is_not_approved_unread(opened_page: OpenPage, second: Any) -> None:
    ann, bob = sits_down(opened_page, "Ann"), sits_down(opened_page, "Bob")
    ticket = tickets_shown(bob)[0]
    press_nth(ann, "edit_", 0)
    found(ann.text_area, "editor_body").set_value("We will refund $200 tomorrow.")
    press_nth(ann, "editor_save", 0)
    press_nth(bob, "approve_", 0)
    assert decided(second) == [(ticket, "needs_review", "Ann")]
    assert any(text.startswith(f"Ann edited the letter to ticket {ticket}") for text in told(bob))


@pytest.mark.usefixtures("letters")
def test_an_edit_of_a_letter_that_somebody_decided_about_meanwhile_is_refused_once_and_its_words_stay(
    opened_page: OpenPage, second: Any
) -> None:
    ann, bob = sits_down(opened_page, "Ann"), sits_down(opened_page, "Bob")
    ann.button_group(key="reply_status").set_value("draft").run()
    ticket, key = tickets_shown(ann)[0], keys_of(ann, "approve_")[0]
    press_nth(ann, "edit_", 0)
    found(ann.text_area, "editor_body").set_value("We will refund $200 tomorrow.")
    press(bob, key)
    press_nth(ann, "editor_approve", 0)
    assert decided(second) == [(ticket, "approved", "Bob")]
    assert any(text.startswith(f"Bob approved the letter to ticket {ticket}") for text in told(ann))
    assert found(ann.text_area, "editor_body").value == "We will refund $200 tomorrow."
    press_nth(ann, "editor_approve", 0)
    assert decided(second) == [(ticket, "needs_review", "Ann")]


def test_what_was_written_into_a_letter_whose_ticket_got_another_label_meanwhile_is_not_lost(
    opened_page: OpenPage, letters: Desk, second: Any
) -> None:
    page = sits_down(opened_page, "Ann")
    ticket = tickets_shown(page)[0]
    press_nth(page, "edit_", 0)
    found(page.text_area, "editor_body").set_value("My own words.")
    (row,) = triage.find(letters, "", search=ticket).tickets
    triage.correct(letters, row, label="Lost phone", annotator="Bob")
    press_nth(page, "editor_approve_", 0)
    assert decided(second) == []
    assert any(text.startswith(f"The letter to ticket {ticket} is not among these any more") for text in told(page))
    assert any("My own words." in block.value for block in page.code)


@pytest.mark.usefixtures("letters")
def test_one_reader_who_presses_twice_decides_once_and_is_told_no_other_thing(
    opened_page: OpenPage, second: Any
) -> None:
    page = sits_down(opened_page, "Ann")
    ticket, key = tickets_shown(page)[0], keys_of(page, "approve_")[0]
    again = sits_down(opened_page, "Ann")
    press(page, key)
    press(again, key)
    assert decided(second) == [(ticket, "approved", "Ann")]
    assert [str(toast.value) for toast in again.toast] == [f"{ticket} is approved\\."]


def test_a_correction_is_of_the_ticket_that_was_read_and_not_over_what_somebody_said_meanwhile(
    opened_page: OpenPage, labelled: Desk, second: Any
) -> None:
    del labelled
    ann, bob = opened_page("Triage"), opened_page("Triage")
    for page in (ann, bob):
        page.selectbox(key="triage_label").set_value("Roaming fees").run()
    ticket, third = tickets_shown(bob)[0], tickets_shown(bob)[2]
    press_nth(ann, "triage_open_", 0)
    press_nth(bob, "triage_open_", 0)
    corrects(ann, "Lost phone", "Ann")
    assert any(text == "Saved." for text in told(ann))
    corrects(bob, "Closing account", "Bob")
    assert [
        re.fullmatch(
            rf"Ann said Lost phone of ticket {ticket} {WHEN}, after you had read it: your label was not written\. "
            r"If you still think otherwise, save it again\.",
            text,
        )
        is not None
        for text in told(bob)
    ] == [True]
    assert corrected(second) == [(ticket, "Lost phone", "Ann")]
    # What is opened is what was read, wherever it has come to stand.
    press(ann, keys_of(ann, "triage_open_")[0])
    before = keys_of(bob, "triage_open_")
    assert tickets_shown(bob)[1] == third
    corrects(ann, "Lost phone", "Ann")
    press(bob, before[1])
    assert bob.session_state["triage_open"].startswith(f"{third}|")
    bob.selectbox(key="triage_label").set_value("All labels").run()
    bob.text_input(key="triage_search").set_value(ticket).run()
    press_nth(bob, "triage_open_", 0)
    corrects(bob, "Closing account", "Bob")
    assert (ticket, "Closing account", "Bob") in corrected(second)


def corrects(page: AppTest, label: str, name: str) -> None:
    found(page.selectbox, "correct_label").set_value(label)
    found(page.text_input, "correct_name").set_value(name)
    press_nth(page, "correct_save_", 0)


def corrected(session: Any) -> list[tuple[Any, ...]]:
    query = "SELECT TICKET_ID, LABEL, ANNOTATOR FROM TICKET_GOLD WHERE SOURCE = 'correction' ORDER BY LABELLED_AT, 1"
    return [tuple(row) for row in session.sql(query).collect()]


def test_stop_and_close_are_about_the_work_that_was_shown(opened_page: OpenPage) -> None:
    goes_on = threading.Event()

    def failing(_listener: Any) -> str:
        raise AccessDeniedError("no privileges")

    def long(listener: Any) -> str:
        while not goes_on.wait(0.01):
            listener(None)
        return "All done."

    board = main.the_board()
    assert board.start("labels", "First", failing).wait(SECONDS)
    ann, bob = opened_page("Overview"), opened_page("Overview")
    press(ann, "labels_close")
    again = board.start("labels", "Second", failing)
    assert again.wait(SECONDS)
    press(bob, "labels_close")
    assert board.find("labels") is again
    shown = board.start("labels", "Third", long)
    ann.run()
    shown.stop()
    assert shown.wait(SECONDS)
    other = board.start("labels", "Fourth", long)
    press(ann, "labels_stop")
    assert not other.is_stopping
    goes_on.set()
    assert other.wait(SECONDS)
