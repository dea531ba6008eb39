"""What real tables of tickets have, and the samples have not: no text, rows twice, texts of very unequal length."""

import threading
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.pages import finished, found, keys, press, press_nth, told
from cortex_tickets import local
from cortex_tickets.app import main
from cortex_tickets.app.asking import drafting, fine_tuning, labelling, overview, triage
from cortex_tickets.app.background import WorkState, stop_all_work
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.opening import open_desk
from cortex_tickets.app.settings import Settings

OpenPage = Callable[..., AppTest]
LABELLER = "claude-sonnet-4-6"


def ignore(_progress: object) -> None:
    """Hear how far something is, and do nothing."""


def label(desk: Desk) -> str:
    return labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)(ignore)


def hash_of(desk: Desk) -> str:
    return desk.classifier(LABELLER).classifier_hash


def test_a_ticket_without_a_text_is_found_has_an_outcome_and_hinders_no_training_set(desk: Desk) -> None:
    desk.rows("UPDATE SUPPORT_TICKETS SET REQUEST = NULL WHERE TICKET_ID IN ('TR0098', 'TR0097')")
    label(desk)
    assert overview.counts(desk, hash_of(desk)).n_answered == 151
    blank = triage.find(desk, hash_of(desk), search="tr0098")
    assert [(ticket.ticket_id, ticket.outcome) for ticket in blank.tickets] == [("TR0098", "blank")]
    run = labelling.stored_run(desk, LABELLER)
    assert run is not None
    assert (run.n_left, run.is_complete) == (0, True)
    assert "to train on" in fine_tuning.build_task(desk, LABELLER)(ignore)


def test_rows_equal_in_id_and_text_are_one_ticket_that_opens(opened_page: OpenPage, desk: Desk) -> None:
    desk.rows("INSERT INTO SUPPORT_TICKETS SELECT * FROM SUPPORT_TICKETS WHERE TICKET_ID = 'TR0098'")
    assert overview.counts(desk, hash_of(desk)).n_tickets == 151
    page = opened_page("Triage")
    page.text_input(key="triage_search").set_value("TR0098").run()
    assert [caption.value for caption in page.caption if caption.value.endswith("ticket")] == ["1 ticket"]
    press_nth(page, "triage_open_", 0)
    assert not page.error
    assert any("What happened to this ticket" in str(line.value) for line in page.markdown)


def test_a_reply_is_written_for_the_label_that_counts_after_each_correction(
    opened_page: OpenPage, labelled: Desk
) -> None:
    desk = labelled

    def n_letters(label: str) -> int:
        labels = drafting.labels_for_replies(desk, LABELLER)
        return drafting.estimate_replies(
            desk, labels, drafting.default_brief(desk, label, "claude-haiku-4-5")
        ).n_tickets

    page = opened_page("Replies")
    page.selectbox(key="reply_label").set_value("Lost phone").run()
    assert told(page) == ["No ticket has the label Lost phone. Choose another category."]
    before = n_letters("Roaming fees")
    (ticket,) = triage.find(desk, hash_of(desk), search="TR0098").tickets
    triage.correct(desk, ticket, label="Lost phone", annotator="Ann")
    assert (n_letters("Roaming fees"), n_letters("Lost phone")) == (before - 1, 1)
    labels, brief = (
        drafting.labels_for_replies(desk, LABELLER),
        drafting.default_brief(desk, "Lost phone", "claude-haiku-4-5"),
    )
    drafting.reply_task(desk, labels, brief, drafting.estimate_replies(desk, labels, brief), None)(ignore)
    assert [(reply.ticket_id, reply.label) for reply in drafting.drafts(desk, labels, brief)] == [
        ("TR0098", "Lost phone")
    ]
    (ticket,) = triage.find(desk, hash_of(desk), search="TR0098").tickets
    triage.correct(desk, ticket, label="Roaming fees", annotator="Ann")
    assert n_letters("Roaming fees") == before


def test_texts_of_unequal_length_are_all_labelled_within_the_limit_that_is_offered(
    opened_page: OpenPage, desk: Desk
) -> None:
    desk.rows("DELETE FROM SUPPORT_TICKETS")
    short = ["short", "two words", "three words here", "and four words here"]
    long = "I lost my phone and it is gone. " * 300
    # Texts are asked in the order of their hashes: the long one first, which makes the rest look as long.
    while sha256(long.encode()).digest() > min(sha256(text.encode()).digest() for text in short):
        long += "again. "
    for number, text in enumerate([long, *short]):
        desk.rows("INSERT INTO SUPPORT_TICKETS (TICKET_ID, REQUEST) VALUES (?, ?)", f"T{number}", text)
    page = press(opened_page("Overview"), "labels_ask")
    press(page, "labels_start")
    work = finished(page, "labels")
    assert (work.state, work.title) == (WorkState.DONE, f"Label the tickets ({LABELLER})"), work.said
    assert overview.counts(desk, hash_of(desk)).n_answered == 5


def test_work_that_stops_at_its_limit_warns_and_shows_what_the_rest_costs(opened_page: OpenPage, desk: Desk) -> None:
    page = press(opened_page("Overview"), "labels_ask")
    found(page.number_input, "labels_limit").set_value(0.02).run()
    press(page, "labels_start")
    assert finished(page, "labels").state is WorkState.LEFT
    assert not page.success
    (warning,) = told(page)
    assert "tickets are left: the next statement could have crossed the limit of 0.0200 AI credits." in warning
    assert not any(word in warning for word in ("chunk_rows", "budget", "resume"))
    assert "labels_start" in keys(page)
    press(page, "labels_start")
    assert finished(page, "labels").state is WorkState.DONE
    assert overview.counts(desk, hash_of(desk)).n_answered == 151


def test_another_readers_work_is_not_taken_for_ones_own(opened_page: OpenPage) -> None:
    page = press(opened_page("Overview"), "labels_ask")
    going_on = threading.Event()
    main.the_board().start("labels", "Label the tickets (another-model)", lambda _listener: str(going_on.wait(60)))
    try:
        press(page, "labels_start")
        assert any("another-model" in str(line.value).replace("\\", "") for line in page.markdown)
        assert any("This is other work than yours" in str(line.value) for line in page.caption)
    finally:
        going_on.set()
    finished(page, "labels")
    assert "labels_start" in keys(page)


def test_a_misspelt_table_is_not_made(
    engine: local.Engine, engine_session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "Engine", lambda *_args, **_options: engine)
    # A session that outlives its engine knocks at a closed door for minutes when the interpreter ends.
    monkeypatch.setattr(engine, "session", lambda: engine_session)
    desk = open_desk(Settings(tickets="MY_TICKTES"))
    assert not desk.has("MY_TICKTES")


def test_tables_with_quoted_names_serve_every_page(
    opened_page: OpenPage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Settings(ledger='"my labels"', training_set='"my set"', replies='"my replies"')
    named = Desk(desk.session, names, is_engine=True, opener=desk.own_session, where="x")
    monkeypatch.setattr(main, "open_desk", lambda _settings: named)
    main.the_desk.clear()
    label(named)
    assert "to train on" in fine_tuning.build_task(named, LABELLER)(ignore)
    for title in ("Overview", "Triage", "Fine-tune", "Compare", "Replies"):
        page = opened_page(title)
        assert not page.error
    assert [run.ledger for run in overview.runs(named)] == ['"my labels"']


def test_work_is_stopped_when_the_server_ends_and_its_run_is_closed(desk: Desk) -> None:
    board = main.the_board()
    task = labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)
    work = board.start("labels", "Labels", task)
    stop_all_work(60)
    assert work.state is WorkState.STOPPED
    label(desk)
    assert overview.counts(desk, hash_of(desk)).n_answered == 151


def test_columns_are_those_that_the_settings_name(desk: Desk) -> None:
    desk.rows("ALTER TABLE SUPPORT_TICKETS RENAME COLUMN REQUEST TO BODY")
    given = {"CORTEX_TICKETS_APP_COLUMNS": '{"text": "BODY", "customer_email": null}'}
    named = Desk(
        desk.session, Settings.from_environment(given), is_engine=True, opener=desk.own_session, where="the same engine"
    )
    assert (named.tickets.text, named.tickets.customer_email, named.tickets.customer_name) == (
        "BODY",
        None,
        "CUSTOMER_NAME",
    )
    assert overview.counts(named, hash_of(named)).n_tickets == 151
