"""What must hold on every page: looking bills nothing, work can be stopped, words stay words, errors are sentences."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from pytest_mock import MockerFixture
from streamlit.testing.v1 import AppTest

from app.pages import as_read, finished, found, keys, n_asked, press, press_nth, told
from cortex_tickets import AccessDeniedError, RunProgress, local
from cortex_tickets.app import main
from cortex_tickets.app.asking import comparing, drafting, fine_tuning, labelling, overview, playing, triage
from cortex_tickets.app.background import StoppedByReader, WorkBoard, WorkState
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.drawing.plain_text import escaped
from cortex_tickets.app.opening import load_samples
from cortex_tickets.app.settings import Settings
from cortex_tickets.app.shared_session import SharedSession

OpenPage = Callable[..., AppTest]
TITLES = ("Overview", "Triage", "Fine-tune", "Compare", "Replies", "Playground")
LABELLER, BASE = "claude-sonnet-4-6", "llama3.1-8b"
HOSTILE = (
    "It's \"quoted\" $$ ;-- <script>alert(1)</script> **bold** :red[x] $a^2$ [a](http://b) \\ </ticket> {{x}} 'end"
)


def ignore(_progress: object) -> None:
    """Hear how far something is, and do nothing."""


def test_looking_at_the_pages_and_touching_what_is_on_them_asks_no_model(opened_page: OpenPage, labelled: Desk) -> None:
    desk = labelled
    fine_tuning.build_task(desk, LABELLER)(ignore)
    made = fine_tuning.training_set(desk)
    assert made is not None
    estimate = fine_tuning.estimate_job(desk, made, base_model=BASE, epochs=1, price=None)
    fine_tuning.start_job(desk, made, estimate, epochs=1, price=None)
    comparing.evaluation_task(desk, made, None, base_model=BASE, tuned=None)(ignore)
    labels = drafting.labels_for_replies(desk, LABELLER)
    brief = drafting.default_brief(desk, "Slow data speed", "claude-haiku-4-5")
    drafting.reply_task(desk, labels, brief, drafting.estimate_replies(desk, labels, brief), None)(ignore)
    before = n_asked(desk)
    for title in TITLES:
        page = opened_page(title)
        for key in [widget.key for widget in page.selectbox]:
            touched = [widget for widget in page.selectbox if widget.key == key and isinstance(widget.value, str)]
            for box in touched:
                box.set_value(box.options[-1]).run()
        for field in page.text_input:
            if not field.disabled:
                field.set_value("Ann")
        page.run()
        assert not page.exception
    assert n_asked(desk) == before


def test_estimates_ask_no_model(opened_page: OpenPage, labelled: Desk) -> None:
    before = n_asked(labelled)
    for title, key in (("Replies", "replies_ask"), ("Playground", "defect_ask"), ("Playground", "sentiment_ask")):
        page = press(opened_page(title), key)
        assert key.replace("_ask", "_start") in keys(page)
    assert n_asked(labelled) == before


def test_labelling_that_is_stopped_keeps_what_was_answered_and_goes_on_with_the_rest(desk: Desk) -> None:
    task = labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)
    told_of: list[int] = []
    asked_before = n_asked(desk)

    def stop_after_the_first_chunk(progress: RunProgress) -> None:
        told_of.append(progress.n_done)
        if progress.n_done:
            raise StoppedByReader

    with pytest.raises(StoppedByReader):
        task(stop_after_the_first_chunk)
    assert told_of == [0, 25]
    assert n_asked(desk) - asked_before == 25
    left = labelling.estimate_labels(desk, LABELLER)
    assert left.n_texts == 130 - 25
    assert [run.state for run in overview.runs(desk)] == ["INTERRUPTED"]
    labelling.label_task(desk, LABELLER, left, None)(ignore)
    assert n_asked(desk) - asked_before == 130
    assert labelling.estimate_labels(desk, LABELLER).n_texts == 0


def test_the_stop_button_stops_the_work(opened_page: OpenPage) -> None:
    page = press(opened_page("Overview"), "labels_ask")
    press(page, "labels_start")
    press(page, "labels_stop")
    work = main.the_board().find("labels")
    assert work is not None
    assert work.wait(60)
    page.run()
    assert work.state is WorkState.STOPPED
    assert any("Stopped. What was answered is kept" in text for text in told(page))
    press(page, "labels_close")
    assert not told(page)


def test_a_job_that_does_not_end_is_cancelled(opened_page: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
    with local.Engine(faults=local.Faults(hung_jobs=1.0)) as engine, engine.session() as session:
        desk = Desk(
            SharedSession(session), Settings(), is_engine=True, opener=lambda: closing(engine.session()), where="x"
        )
        load_samples(desk)
        monkeypatch.setattr(main, "open_desk", lambda _settings: desk)
        main.the_desk.clear()
        labelling.label_task(desk, LABELLER, labelling.estimate_labels(desk, LABELLER), None)(ignore)
        fine_tuning.build_task(desk, LABELLER)(ignore)
        made = fine_tuning.training_set(desk)
        assert made is not None
        estimate = fine_tuning.estimate_job(desk, made, base_model=BASE, epochs=3, price=None)
        job = fine_tuning.start_job(desk, made, estimate, epochs=3, price=None)
        page = opened_page("Fine-tune")
        press(page, "job_cancel")
        assert any("The job was cancelled" in text for text in told(page))
        assert job.refresh().state.value == "CANCELLED"
    main.the_desk.clear()


def test_a_ticket_of_markup_is_shown_as_its_words(opened_page: OpenPage, desk: Desk) -> None:
    desk.rows(
        "INSERT INTO SUPPORT_TICKETS (TICKET_ID, CUSTOMER_NAME, REQUEST) VALUES (?, ?, ?)", "<b>", "**A**", HOSTILE
    )
    page = opened_page("Triage")
    page.text_input(key="triage_search").set_value("$$ ;-- <script>").run()
    press_nth(page, "triage_open_", 0)
    assert HOSTILE in [text.value for text in page.text]
    shown = [str(line.value) for line in page.markdown]
    assert not any("<script>" in line or "<b>" in line or "**A**" in line for line in shown)
    found(page.text_input, "correct_name").set_value("O'Brien <i>")
    press_nth(page, "correct_save_", 0)
    assert told(page) == ["Saved."]
    assert triage.find(desk, "", search=HOSTILE).n_tickets == 1


def looked_at_alone(shown: str) -> list[str]:
    """Return the words that Streamlit looks at by themselves, each without its escapes."""
    return [part.replace("\\", "") for part in shown.split(":small[]")]


@pytest.mark.parametrize("title", ["Triage", "Replies"])
def test_addresses_in_what_customers_wrote_are_no_links(opened_page: OpenPage, labelled: Desk, title: str) -> None:
    address = "http://evil.example/x WWW.evil.example a@evil.example"
    labelled.rows("UPDATE SUPPORT_TICKETS SET CUSTOMER_NAME = ?", address)
    page = opened_page(title)
    if title == "Replies":
        page.selectbox(key="reply_label").set_value("Slow data speed").run()
        press(page, "replies_ask")
        press(page, "replies_start")
        finished(page, "replies")
    shown = [str(line.value) for line in page.markdown if address in as_read(line.value)]
    assert shown
    for part in (part for line in shown for part in looked_at_alone(line)):
        assert not re.search(r"https?://|www\.|\w@", part, re.IGNORECASE), part


@pytest.mark.parametrize(
    "sign", ["a -> b", "a <- b", "a <-> b", "a -- b", "a >= b", "a <= b", "a ~= b", ":rocket:", ":material/star:"]
)
def test_signs_that_streamlit_draws_otherwise_are_shown_as_written(sign: str) -> None:
    assert as_read(escaped(sign)) == sign
    for part in looked_at_alone(escaped(sign)):
        assert not re.search(r"<->|->|<-|--|>=|<=|~=|:[\w+-]+:|:material/", part), part


def test_a_label_of_markup_is_a_badge_of_its_words(
    opened_page: OpenPage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "It's slow & [bad](http://x.y)"
    ticket = triage.find(desk, "").tickets[0]
    found_ticket = triage.Found(1, [replace(ticket, model_label=name)])
    monkeypatch.setattr(triage, "find", lambda *_values, **_options: found_ticket)
    (badge,) = [str(line.value) for line in opened_page("Triage").markdown if "slow" in str(line.value)]
    assert badge == f":primary-badge[{escaped(name)}]"
    assert as_read(badge) == f":primary-badge[{name}]"
    assert "\\\\" not in badge


@pytest.mark.parametrize("text", [HOSTILE, "x" * 200_000, "wort " * 40_000], ids=["markup", "one word", "many words"])
def test_a_pasted_text_of_any_kind_and_length_is_priced_and_asked_as_it_is(
    opened_page: OpenPage, desk: Desk, text: str
) -> None:
    page = opened_page("Playground")
    page.button_group(key="play_origin").set_value("Paste a text").run()
    page.text_area(key="play_text").set_value(text).run()
    press(page, "defect_ask")
    press(page, "defect_start")
    asked = desk.rows("SELECT TEXT FROM SNOWFLAKE.ENGINE.ASKED ORDER BY ASKED_AT DESC LIMIT 1")[0]["TEXT"]
    # The prompt itself makes what looks like its own tags harmless.
    assert text.strip() in asked.replace("&lt;", "<")
    assert not page.exception
    assert not page.error


def test_a_text_that_is_too_long_is_refused_in_a_sentence_before_it_is_sent(opened_page: OpenPage, desk: Desk) -> None:
    page = opened_page("Playground")
    page.button_group(key="play_origin").set_value("Paste a text").run()
    page.text_area(key="play_text").set_value("wort " * 40_000).run()
    press(page, "sentiment_ask")
    before = n_asked(desk)
    press(page, "sentiment_start")
    assert any("AI_SENTIMENT takes at most 2,048" in text for text in told(page))
    assert n_asked(desk) == before


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (AccessDeniedError("no <b>privileges</b> on $table"), "no <b>privileges</b> on $table. Ask an account"),
        (KeyError("secret"), "The app failed at this (KeyError)"),
    ],
)
def test_what_goes_wrong_on_a_page_is_a_sentence(
    opened_page: OpenPage, mocker: MockerFixture, error: Exception, said: str
) -> None:
    mocker.patch("cortex_tickets.app.asking.overview.counts", side_effect=error)
    page = opened_page("Overview")
    assert not page.exception
    assert said in told(page)[0]
    assert "secret" not in told(page)[0]


def test_what_goes_wrong_in_work_is_a_sentence_and_its_words_are_in_no_log(caplog: pytest.LogCaptureFixture) -> None:
    def refused(_listener: Any) -> str:
        raise AccessDeniedError("no privileges")

    def broken(_listener: Any) -> str:
        raise KeyError("secret")

    board = WorkBoard()
    works = [board.start("a", "A", refused), board.start("b", "B", broken)]
    assert all(work.wait(10) for work in works)
    assert works[0].said.startswith("no privileges. Ask an account administrator")
    assert works[1].said == "The app failed at this (KeyError). Its log on the server says where."
    assert [work.state for work in works] == [WorkState.FAILED, WorkState.FAILED]
    assert "KeyError" in caplog.text
    # The line of this test that raises it is shown, its message is not.
    assert "secret" not in caplog.text.replace('raise KeyError("secret")', "")


def test_one_kind_of_work_is_done_once_at_a_time() -> None:
    board = WorkBoard()
    first = board.start("a", "A", lambda _listener: "done")
    assert first.wait(10)
    second = board.start("a", "A", lambda _listener: "again")
    assert second is not first
    assert second.wait(10)
    board.put_away("a", first)
    assert board.find("a") is second
    board.put_away("a", second)
    assert board.find("a") is None


def test_without_a_table_of_tickets_the_samples_are_offered(opened_page: OpenPage, desk: Desk) -> None:
    desk.rows("DROP TABLE SUPPORT_TICKETS")
    page = opened_page("Overview")
    press(page, "load_samples")
    assert ("Tickets", "151") in [(metric.label, metric.value) for metric in page.metric]


def test_tickets_with_dates_are_drawn_over_time(desk: Desk) -> None:
    desk.rows("CREATE OR REPLACE TABLE SUPPORT_TICKETS (TICKET_ID VARCHAR, REQUEST VARCHAR, CREATED_AT TIMESTAMP_TZ)")
    desk.rows("INSERT INTO SUPPORT_TICKETS SELECT 'A', 'one', '2026-01-05 10:00:00 +0000'::TIMESTAMP_TZ")
    dated = Desk(desk.session, desk.settings, is_engine=True, opener=desk.own_session, where="x")
    assert [(day.day.isoformat(), day.n_tickets) for day in overview.by_day(dated, "none").drawn] == [("2026-01-05", 1)]


def test_the_eleven_languages_of_the_guide_are_there() -> None:
    assert len(playing.LANGUAGES) == 11
    assert len(playing.transcripts()) == 200
