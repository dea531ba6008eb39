"""The app's pages, clicked through on the real sample tickets; each effect is read back by a second session."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from browser.conftest import RunningApp
from browser.reader import NARROW, Reader

HOSTILE = (
    "It's \"so\" $$ <script>document.title = 'taken'</script> <img src=x onerror=\"document.title='taken'\"> **b** `"
)

ADDRESSES = "http://evil.example/x www.evil.example a@evil.example -> :material/star:"
LABEL = "It's slow & [bad](http://x.y)"


@pytest.fixture
def second(running_app: RunningApp, reader: Reader) -> Iterator[Any]:
    reader.open("Overview")  # the engine starts with the first page that is opened
    with running_app.second_session() as session:
        yield session


def rows(session: Any, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(query).collect()]


def test_the_main_job_by_clicks(reader: Reader, second: Any) -> None:
    label_the_tickets(reader, second)
    correct_a_label(reader, second)
    read_on_in_the_tickets(reader)
    fine_tune_a_model(reader, second)
    compare_the_models(reader, second)
    write_and_decide_about_replies(reader, second)
    come_back_to_what_was_chosen_and_written(reader)
    play_with_a_call(reader, second)
    look_on_a_telephone_in_the_dark(reader)


def label_the_tickets(reader: Reader, second: Any) -> None:
    reader.sees("151")
    reader.press("labels_ask")
    reader.sees("0.0448")
    reader.picture("estimate")
    reader.press("labels_start")
    n_answered = stop_the_work(reader, second)
    reader.press("labels_close")
    reader.press("labels_ask")
    reader.press("labels_start")
    reader.sees(f"{130 - n_answered} texts asked")
    reader.settle()
    assert rows(second, "SELECT OUTCOME, COUNT(*) FROM TICKET_LABELS GROUP BY OUTCOME") == [("valid", 151)]
    reader.press("labels_close")
    reader.sees_no_more("Close this message")
    reader.picture("overview")


def stop_the_work(reader: Reader, second: Any) -> int:
    """Stop the labelling that is under way, and return how many texts have their answer."""
    reader.sees("0 of 130 texts")
    reader.press("labels_stop")
    reader.sees("Stopped. What was answered is kept")
    reader.settle()
    # The statement that was under way came to its end, and its answers stand.
    ((n_answered,),) = rows(second, "SELECT COUNT(DISTINCT TEXT_HASH) FROM TICKET_LABELS")
    assert 0 < n_answered < 130
    assert rows(second, "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED") == [(n_answered,)]
    assert rows(second, "SELECT STATE FROM TICKET_LABELS_RUNS") == [("INTERRUPTED",)]
    return int(n_answered)


def correct_a_label(reader: Reader, second: Any) -> None:
    reader.go_to("Triage")
    reader.write("triage_search", "japan")
    reader.press_nth("triage_open_", 0)
    reader.page.locator('[class*="st-key-correct_label"]').get_by_role("combobox").click()
    reader.page.get_by_role("option", name="Lost phone").click()
    reader.page.locator('[class*="st-key-correct_name"] input').fill("Ann")
    reader.press_nth("correct_save_", 0)
    reader.sees("corrected by a person")
    assert rows(second, "SELECT TICKET_ID, LABEL, ANNOTATOR FROM TICKET_GOLD WHERE SOURCE = 'correction'") == [
        ("TR0098", "Lost phone", "Ann")
    ]
    reader.picture("triage")


def read_on_in_the_tickets(reader: Reader) -> None:
    reader.write("triage_search", "")
    reader.press("triage_later")
    reader.sees("Page 2 of 16")
    expect(reader.part_nth("ticket_", 0)).to_be_in_viewport()
    reader.scroll_down()
    expect(reader.part_nth("ticket_", 0)).not_to_be_in_viewport()
    reader.go_to("Compare")
    expect(reader.page.get_by_role("heading", name="Compare", level=1)).to_be_in_viewport()


def fine_tune_a_model(reader: Reader, second: Any) -> None:
    reader.go_to("Fine-tune")
    reader.press("build")
    reader.sees("to train on,")
    reader.press("training_set_close")
    reader.sees_no_more("Close this message")
    reader.write("platform_price", "10")
    reader.press("tune_ask")
    reader.sees("It is refused if it could cost more")
    reader.press("tune_start")
    reader.sees("IN_PROGRESS")
    (job,) = rows(second, "SELECT JOB_ID FROM CORTEX_TICKETS_JOBS")
    reader.page.reload()
    reader.sees(f"IN_PROGRESS: {job[0]}")
    reader.picture("job")
    reader.press("job_cancel")
    reader.sees("The job was cancelled")
    reader.press("tune_ask")
    reader.press("tune_start")
    reader.sees("The model is CORTEX_TICKETS.PUBLIC.TICKETS_LLAMA")
    assert len(rows(second, "SELECT MODEL FROM SNOWFLAKE.ENGINE.ASKED WHERE MODEL LIKE '%TICKETS_LLAMA%'")) == 0
    described = rows(second, "SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')")[0][0]
    assert sorted(re.findall(r'"status":\s*"(\w+)"', described)) == ["CANCELLED", "SUCCESS"]


def compare_the_models(reader: Reader, second: Any) -> None:
    reader.go_to("Compare")
    reader.press("evaluation_ask")
    reader.press("evaluation_start")
    reader.sees("Verdict")
    reader.settle()
    answered = rows(second, "SELECT DISTINCT ANSWERED_BY FROM TICKET_LABELS ORDER BY 1")
    assert [model for (model,) in answered] == [
        "CORTEX_TICKETS.PUBLIC.TICKETS_LLAMA",
        "claude-sonnet-4-6",
        "llama3.1-8b",
    ]
    assert rows(second, "SELECT COUNT(*) FROM CORTEX_TICKETS_APP WHERE NAME = 'evaluation'") == [(1,)]
    reader.press("evaluation_close")
    reader.sees_no_more("Close this message")
    reader.picture("compare")


def write_and_decide_about_replies(reader: Reader, second: Any) -> None:
    reader.go_to("Replies")
    reader.choose("reply_label", "Slow data speed")
    reader.press("replies_ask")
    reader.press("replies_start")
    reader.sees("texts asked")
    reader.settle()
    reader.press("replies_close")
    reader.sees_no_more("Close this message")
    reader.write("reply_person", "Rita")
    read_by_two(reader, second)
    reader.press_nth("edit_", 1)
    reader.page.locator('[class*="st-key-editor_body"] textarea').fill("We will refund $200 tomorrow.")
    reader.press_nth("editor_approve_", 0)
    reader.sees("needs another look")
    reader.press_nth("reject_", 3)
    reader.sees("is rejected")
    decided = "SELECT STATUS, COUNT(*) FROM TICKET_REPLIES WHERE REVIEWED_BY = 'Rita' GROUP BY STATUS ORDER BY STATUS"
    assert rows(second, decided) == [("approved", 1), ("needs_review", 1), ("rejected", 1)]
    reader.picture("replies")
    reader.press("export")
    with reader.page.expect_download() as download:
        reader.part("export_download").get_by_role("button").click()
    lines = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith("REPLY_KEY,TICKET_ID")
    assert len(lines) > 1


def read_by_two(reader: Reader, second: Any) -> None:
    """Somebody else has the same cards before them: what they press is about the letter that they read, or nothing."""
    with reader.beside() as other:
        other.open("Replies")
        other.choose("reply_label", "Slow data speed")
        other.write("reply_person", "Otto")
        letter = reader.part_nth("letter_", 0).inner_text().split()[0]
        # To the next page and back: then nothing that Otto did before can redraw his cards any more.
        other.choose("reply_page_2", "2 of 3")
        expect(other.part_nth("letter_", 0)).not_to_contain_text(letter)
        other.choose("reply_page_2", "1 of 3")
        expect(other.part_nth("letter_", 0)).to_contain_text(letter)
        reader.press_nth("approve_", 0)
        reader.sees("is approved")
        other.press_nth("reject_", 0)
        other.sees(f"Rita approved the letter to ticket {letter} on ")
    decided = "SELECT TICKET_ID, STATUS, REVIEWED_BY FROM TICKET_REPLIES WHERE REVIEWED_BY IS NOT NULL"
    assert rows(second, decided) == [(letter, "approved", "Rita")]


def come_back_to_what_was_chosen_and_written(reader: Reader) -> None:
    goal, letter, search = "Say that it was read.", "What I was about to write.", "japan"
    reader.press_nth("edit_", 0)
    body = reader.page.locator('[class*="st-key-editor_body"] textarea')
    body.fill(letter)
    body.press("Tab")
    reader.settle()
    reader.go_to("Triage")
    reader.write("triage_search", search)
    reader.choose("triage_label", "Slow data speed")
    reader.choose("labelling_model", "llama3.1-8b")
    reader.go_to("Overview")
    expect(reader.chosen("labelling_model")).to_have_value("llama3.1-8b")
    reader.go_to("Triage")
    expect(reader.part("triage_search").locator("input")).to_have_value(search)
    expect(reader.chosen("triage_label")).to_have_value("Slow data speed")
    expect(reader.chosen("labelling_model")).to_have_value("llama3.1-8b")
    reader.choose("labelling_model", "claude-sonnet-4-6")
    reader.go_to("Replies")
    expect(body).to_have_value(letter)
    reader.press_nth("editor_leave_", 0)
    reader.press_nth("edit_", 0)
    expect(body).not_to_have_value(letter)
    reader.press_nth("editor_leave_", 0)
    reader.page.get_by_text("What the letters may say").click()
    field = reader.part_nth("goal_", 0).locator("textarea")
    field.fill(goal)
    field.press("Tab")
    reader.settle()
    reader.go_to("Overview")
    reader.go_to("Replies")
    reader.page.get_by_text("What the letters may say").click()
    expect(field).to_have_value(goal)


def play_with_a_call(reader: Reader, second: Any) -> None:
    reader.go_to("Playground")
    asked = "SELECT COUNT(*) FROM SNOWFLAKE.ENGINE.ASKED WHERE CONTAINS(TEXT, 'SkiPisteExpress')"
    assert rows(second, asked) == [(0,)]
    reader.press("defect_ask")
    reader.press("defect_start")
    reader.sees("tokens in,")
    assert rows(second, asked) == [(1,)]
    reader.page.get_by_role("tab", name="Translate").click()
    reader.press("translation_ask")
    reader.press("translation_start")
    reader.sees("set CORTEX_TICKETS_LLM_URL to the address")
    reader.page.get_by_role("tab", name="Sentiment").click()
    reader.press("sentiment_ask")
    reader.press("sentiment_start")
    reader.sees("Score, -1 to 1")
    reader.picture("playground")


def look_on_a_telephone_in_the_dark(reader: Reader) -> None:
    reader.sit_down(colours="dark")
    reader.open("Overview")
    reader.picture("overview-dark")
    for colours in ("light", "dark"):
        reader.sit_down(NARROW, colours)
        for title in ("Overview", "Triage", "Fine-tune", "Compare", "Replies", "Playground"):
            reader.open(title)
            reader.sees_no_overflow()
            if (title, colours) in (("Triage", "dark"), ("Compare", "light")):
                reader.picture(f"{title.lower()}-400-{colours}")


def test_pasted_markup_is_words_in_the_browser_too(reader: Reader, second: Any) -> None:
    second.sql(
        "INSERT INTO SUPPORT_TICKETS (TICKET_ID, CUSTOMER_NAME, REQUEST) VALUES (?, ?, ?)",
        params=["XX1", f"<b>Eve</b> {ADDRESSES}", HOSTILE],
    ).collect()
    second.sql(
        "INSERT INTO TICKET_GOLD (TICKET_ID, TEXT_HASH, LABEL, SOURCE) SELECT 'XX1', SHA2(?, 256), ?, 'correction'",
        params=[HOSTILE, LABEL],
    ).collect()
    reader.open("Triage")
    reader.write("triage_search", "<script>")
    reader.press_nth("triage_open_", 0)
    reader.sees("<script>document.title = 'taken'</script>")
    reader.sees(f"<b>Eve</b> {ADDRESSES}")
    card = reader.page.locator('[class*="st-key-ticket_XX1"]')
    expect(card.get_by_text(LABEL, exact=True).first).to_be_visible()
    expect(card.get_by_role("link")).to_have_count(0)
    reader.open("Playground")
    reader.page.get_by_role("radio", name="Paste a text").or_(
        reader.page.get_by_role("button", name="Paste a text")
    ).first.click()
    reader.write("play_text", HOSTILE * 1_800)
    reader.press("defect_ask")
    reader.press("defect_start")
    reader.sees("tokens in")
    assert reader.page.title() != "taken"
    for table in ("SUPPORT_TICKETS", "TICKET_GOLD"):
        second.sql(f"DELETE FROM {table} WHERE TICKET_ID = 'XX1'").collect()
