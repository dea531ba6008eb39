"""Many letters to one label: all of them are counted, come up and are exported."""

import csv
from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import found, press_nth
from cortex_tickets import ReplyStatus, RunProgress, TableRun
from cortex_tickets.app.asking import drafting, labelling
from cortex_tickets.app.asking.drafting import Brief
from cortex_tickets.app.desk import Desk

OpenPage = Callable[..., AppTest]
LABELLER, LABEL, N = "claude-sonnet-4-6", "Slow data speed", 260


def ignore(_progress: RunProgress) -> None:
    """Hear how far something is, and do nothing."""


def written(desk: Desk, n_tickets: int) -> tuple[TableRun, Brief]:
    """Return what letters to this many tickets of one label were written by."""
    desk.rows(
        "CREATE OR REPLACE TABLE SUPPORT_TICKETS AS SELECT 'TR' || LPAD(SEQ4()::VARCHAR, 4, '0') AS TICKET_ID, "
        "'My data is slow at home, at number ' || SEQ4()::VARCHAR || ' of our road.' AS REQUEST, "
        "'Ann' AS CUSTOMER_NAME, NULL::VARCHAR AS CUSTOMER_EMAIL, NULL::VARCHAR AS SERVICE_TYPE, "
        f"'Email' AS CONTACT_PREFERENCE FROM TABLE(GENERATOR(ROWCOUNT => {n_tickets}))"
    )
    labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)(ignore)
    labels = drafting.labels_for_replies(desk, LABELLER)
    start = drafting.default_brief(desk, LABEL, "claude-haiku-4-5")
    # As the page's fields give it back.
    entry = start.entry.model_copy(update={"tone": start.tone, "signature": start.signature})
    brief = replace(start, entry=entry, campaign=None)
    drafting.reply_task(desk, labels, brief, drafting.estimate_replies(desk, labels, brief), None)(ignore)
    return labels, brief


def page_of(opened_page: OpenPage) -> AppTest:
    page = opened_page("Replies")
    return page.selectbox(key="reply_label").set_value(LABEL).run()


def tabs(page: AppTest) -> list[str]:
    return [option.content for option in page.button_group(key="reply_status").proto.options]


def tickets_shown(page: AppTest) -> list[str]:
    """Tickets of the cards, in their order."""
    return [line.split("**")[1] for line in (str(mark.value) for mark in page.markdown) if line.startswith("**TR")]


def notes(page: AppTest) -> str:
    return " ".join(str(caption.value) for caption in page.caption)


def test_letters_come_at_most_as_many_as_are_asked_for(labelled: Desk) -> None:
    labels = drafting.labels_for_replies(labelled, LABELLER)
    brief = drafting.default_brief(labelled, LABEL, "claude-haiku-4-5")
    drafting.reply_task(labelled, labels, brief, drafting.estimate_replies(labelled, labels, brief), None)(ignore)
    tickets, into = drafting.labelled_tickets(labelled, labels, LABEL), labelled.settings.replies
    letters = drafting.writer(labelled, brief)
    assert [len(letters.replies(tickets, labels=labels, into=into, limit=limit)) for limit in (1, 5)] == [1, 5]


def test_all_letters_of_a_label_are_counted_and_each_comes_up(opened_page: OpenPage, desk: Desk) -> None:
    written(desk, N)
    page = page_of(opened_page)
    assert tabs(page) == [f"draft ({N})"]
    assert "first" not in notes(page)
    desk.rows("UPDATE TICKET_REPLIES SET STATUS = 'approved' WHERE TICKET_ID < 'TR0200'")
    page = page_of(opened_page)
    assert tabs(page) == ["draft (60)", "approved (200)"]
    page.button_group(key="reply_status").set_value(ReplyStatus.DRAFT).run()
    assert tickets_shown(page) == [f"TR{number:04}" for number in range(200, 208)]
    pages = found(page.selectbox, "reply_page")
    assert pages.options[-1] == "8 of 8"
    pages.set_value(7).run()
    assert tickets_shown(page) == [f"TR{number:04}" for number in range(256, N)]


def test_what_no_page_can_hold_is_said_and_comes_into_the_file_once_the_rest_is_decided(
    opened_page: OpenPage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels, brief = written(desk, 5)

    def to_review() -> list[str]:
        file = drafting.exported(desk, labels, brief, (ReplyStatus.NEEDS_REVIEW, ReplyStatus.DRAFT))
        return [row["TICKET_ID"] for row in csv.DictReader(file.decode("utf-8-sig").splitlines())]

    assert len(to_review()) == 5
    monkeypatch.setattr(drafting, "MOST_READ", 3)
    page = page_of(opened_page)
    assert tabs(page) == ["draft (3)"]
    assert "These are the first 3 letters" in notes(page)
    assert to_review() == ["TR0000", "TR0001", "TR0002"]
    page.text_input(key="reply_person").set_value("Ann").run()
    press_nth(page, "approve_", 0)
    assert to_review() == ["TR0001", "TR0002", "TR0003"]
