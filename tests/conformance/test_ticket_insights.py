"""Insights on real call transcripts, German, French and English: the quickstart's own tasks, and bad input."""

from __future__ import annotations

import csv
import enum
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from conformance.model_server import ModelServer, said
from cortex_tickets import (
    Budget,
    DefectSummary,
    InvalidInputError,
    ModelPrice,
    Outcome,
    RunState,
    SentimentLabel,
    TicketInsights,
    TicketSource,
    local,
    samples,
)

FILE = samples.call_transcripts()
PRICES = {name: ModelPrice(input=1, output=1) for name in ("AI_TRANSLATE", "AI_SENTIMENT", "AI_SUMMARIZE")}


def transcripts() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


CALLS = transcripts()
GERMAN = [call["TRANSCRIPT"] for call in CALLS if call["LANGUAGE"] == "German"]
ENGLISH = [call["TRANSCRIPT"] for call in CALLS if call["LANGUAGE"] == "English"]


def load(session: Any, texts: Sequence[str | None], table: str = "CALLS") -> TicketSource:
    session.sql(f"CREATE OR REPLACE TABLE {table} (CALL_NO VARCHAR, TRANSCRIPT VARCHAR)").collect()
    session.sql(
        f"INSERT INTO {table} SELECT F.INDEX::VARCHAR, F.VALUE::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F",
        params=[json.dumps(texts)],
    ).collect()
    return TicketSource(table=table, id="CALL_NO", text="TRANSCRIPT")


def ledger(session: Any, table: str, columns: str = "*") -> list[dict[str, Any]]:
    rows = session.sql(f"SELECT {columns} FROM {table} ORDER BY TO_NUMBER(TICKET_ID)").collect()
    return [row.as_dict() for row in rows]


@pytest.fixture
def insights(session: Any) -> TicketInsights:
    return TicketInsights(session, prices=PRICES)


@pytest.fixture(scope="module")
def with_real_model() -> Iterator[tuple[ModelServer, Any]]:
    server = ModelServer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CORTEX_TICKETS_LLM_URL", server.url)
        engine = local.Engine()
    with engine, engine.session() as session:
        yield server, session
    server.close()


def test_the_data_are_the_quickstarts_transcripts() -> None:
    assert (len(CALLS), len(GERMAN), len(ENGLISH)) == (200, 90, 40)


def test_without_a_real_model_each_translation_says_so_in_one_sentence_with_the_remedy(
    session: Any, insights: TicketInsights
) -> None:
    found = insights.translate_many(GERMAN[:3], source_language="de_DE", target_language="en_XX")
    assert {translation.outcome for translation in found} == {Outcome.ERROR}
    message = found[0].error or ""
    assert message.count(".") == 1
    assert "set CORTEX_TICKETS_LLM_URL to the address of an OpenAI-compatible server" in message
    run = insights.translate_table(load(session, GERMAN[:3]), target_language="English", into="TRANSLATIONS")
    assert (run.state, run.n_by_outcome) == (RunState.COMPLETE, {"error": 3})
    assert {row["ERROR"] for row in ledger(session, "TRANSLATIONS")} == {message}


def test_german_transcripts_are_translated_into_english_by_a_real_model(
    with_real_model: tuple[ModelServer, Any],
) -> None:
    server, session = with_real_model
    server.reply = lambda body: said("EN: " + body["messages"][-1]["content"])
    insights = TicketInsights(session, prices=PRICES)
    found = insights.translate(GERMAN[0], source_language="de_DE", target_language="en_XX")
    assert (found.outcome, found.translation) == (Outcome.VALID, f"EN: {GERMAN[0]}")
    assert "from German into English" in server.asked[-1]["messages"][0]["content"]
    source = load(session, [*GERMAN, " ", GERMAN[0]])
    estimate = insights.estimate_translate(source, target_language="German")
    assert estimate.n_texts == len(set(GERMAN))
    run = insights.translate_table(source, target_language="en", into="TRANSLATIONS", chunk_rows=40)
    assert (run.state, run.n_by_outcome) == (RunState.COMPLETE, {"valid": 91, "blank": 1})
    assert run.n_texts_asked == len(set(GERMAN))
    rows = ledger(session, "TRANSLATIONS", "TICKET_ID, TRANSLATION, TARGET_LANGUAGE, ANSWERED_BY")
    assert [row["TRANSLATION"] for row in rows[:90]] == [f"EN: {text.strip()}" for text in GERMAN]
    assert rows[0]["TARGET_LANGUAGE"] == "en"
    assert rows[0]["ANSWERED_BY"] == "AI_TRANSLATE"
    assert insights.translate_table(source, target_language="en", into="TRANSLATIONS").n_texts_asked == 0
    assert insights.estimate_translate(source, target_language="en", into="TRANSLATIONS").n_texts == 0


def test_english_transcripts_have_a_sentiment_in_words_by_aspect_and_as_a_number(
    session: Any, insights: TicketInsights
) -> None:
    found = insights.sentiment_many(ENGLISH[:5], aspects=["delivery", "weather on Mars"])
    for sentiment in found:
        assert sentiment.outcome is Outcome.VALID
        assert sentiment.sentiment in list(SentimentLabel)
        assert set(sentiment.aspects) == {"delivery", "weather on Mars"}
        assert sentiment.aspects["weather on Mars"] is SentimentLabel.UNKNOWN
        assert sentiment.score is not None
        assert -1 <= sentiment.score <= 1
    pleased, angry = insights.sentiment_many(["I love it, wonderful!", "This is terrible, I hate it."])
    assert (pleased.sentiment, angry.sentiment) == (SentimentLabel.POSITIVE, SentimentLabel.NEGATIVE)
    assert (pleased.score or 0) > 0 > (angry.score or 0)
    source = load(session, [*ENGLISH, None])
    run = insights.sentiment_table(source, into="SENTIMENTS", aspects=["delivery", "weather on Mars"])
    assert (run.state, run.n_by_outcome, run.ai_credits) == (RunState.COMPLETE, {"valid": 40, "blank": 1}, None)
    rows = ledger(session, "SENTIMENTS", "SENTIMENT, ASPECTS, SCORE, TICKET_ID")
    for row, sentiment in zip(rows, found, strict=False):
        assert (row["SENTIMENT"], row["SCORE"]) == (sentiment.sentiment, sentiment.score)
        assert json.loads(row["ASPECTS"]) == sentiment.aspects


def test_each_text_goes_to_each_function_once(session: Any, insights: TicketInsights) -> None:
    found = insights.sentiment_many(ENGLISH[:4], aspects=["price"])
    asked = session.sql(
        'SELECT "FUNCTION", COUNT(*) AS N FROM SNOWFLAKE.ENGINE.ASKED '
        "WHERE CONTAINS(QUERY_TAG, ?) AND \"FUNCTION\" <> 'AI_COUNT_TOKENS' GROUP BY 1 ORDER BY 1",
        params=[found[0].insight_hash[:12]],
    ).collect()
    assert [tuple(row) for row in asked] == [("AI_COMPLETE", 4), ("AI_SENTIMENT", 4)]


def test_a_transcript_has_a_summary_that_keeps_its_limit_and_says_how_it_came(
    session: Any, insights: TicketInsights
) -> None:
    own = insights.summarize(ENGLISH[0])
    assert (own.function, own.max_words, own.outcome, own.repair) == ("AI_SUMMARIZE", None, Outcome.VALID, None)
    assert own.n_words == len((own.summary or "").split())
    for limit in (1, 7, 30, 199, 1_000):
        limited = insights.summarize(ENGLISH[0], max_words=limit)
        assert limited.function == "AI_COMPLETE"
        assert 0 < len((limited.summary or "").split()) <= limit
        assert limited.n_words == len((limited.summary or "").split())
    run = insights.summarize_table(load(session, ENGLISH), into="SUMMARIES", max_words=30, budget=Budget(ai_credits=1))
    assert (run.state, run.n_by_outcome) == (RunState.COMPLETE, {"valid": 40})
    estimate = insights.estimate_summarize(TicketSource(table="CALLS", id="CALL_NO", text="TRANSCRIPT"), max_words=30)
    assert run.input_tokens == estimate.input_tokens
    assert all(row["N_WORDS"] <= 30 for row in ledger(session, "SUMMARIES"))


def test_the_quickstarts_defect_summary_is_a_typed_record_of_each_english_transcript(
    session: Any, insights: TicketInsights
) -> None:
    found = insights.extract(ENGLISH[0], DefectSummary)
    assert isinstance(found.value, DefectSummary)
    assert "XtremeX" in found.value.product
    assert "buckle" in found.value.defect
    run = insights.extract_table(load(session, [*ENGLISH, ""]), DefectSummary, into="DEFECTS")
    assert (run.state, run.n_by_outcome) == (RunState.COMPLETE, {"valid": 40, "blank": 1})
    stored = insights.extractions(DefectSummary, into="DEFECTS")
    assert len(stored) == 41
    by_id = {extraction.ticket_id: extraction for extraction in stored}
    assert by_id["0"].value == found.value
    assert by_id["40"].outcome is Outcome.BLANK
    assert all(len(extraction.require().summary.split()) < 200 for id_, extraction in by_id.items() if id_ != "40")


class Channel(enum.Enum):
    PHONE = "phone"
    MAIL = "mail"


class Item(BaseModel):
    product: str
    quantity: int = Field(ge=0)


class Call(BaseModel):
    """What was said in a call."""

    item: Item
    items: list[Item]
    channel: Channel
    refund_wanted: bool | None
    order_number: int | None = Field(default=None, description="Number of the order")
    summary: str = Field(min_length=1)


def test_nested_models_lists_enums_and_optional_fields_come_back_typed(insights: TicketInsights) -> None:
    found = insights.extract_many(ENGLISH[:5], Call)
    for extraction in found:
        call = extraction.require()
        assert isinstance(call.item, Item)
        assert isinstance(call.channel, Channel)


class Terse(BaseModel):
    """A summary whose limit only the check tells, so that the first answer is too long."""

    summary: str

    @field_validator("summary")
    @classmethod
    def _is_short(cls, summary: str) -> str:
        if len(summary.split()) > 12:
            raise ValueError("too long; give at most 12 words")
        return summary


class Impossible(BaseModel):
    summary: str = Field(max_length=1)


def test_an_answer_that_does_not_fit_is_asked_for_once_more_and_then_fits(
    session: Any, insights: TicketInsights
) -> None:
    found = insights.extract(ENGLISH[0], Terse)
    assert (found.outcome, found.repair, found.n_tries) == (Outcome.REPAIRED, "asked_again", 2)
    assert found.problems == ("summary: too long; give at most 12 words",)
    texts = [*ENGLISH[:10], "It broke.", " ", ENGLISH[0]]
    run = insights.extract_table(load(session, texts), Terse, into="TERSE", chunk_rows=4)
    assert (run.state, run.n_by_outcome) == (RunState.COMPLETE, {"repaired": 11, "valid": 1, "blank": 1})
    assert run.n_texts_asked == 11 + 10
    told = session.sql("SELECT SUM(INPUT_TOKENS) AS R, SUM(OUTPUT_TOKENS) AS W FROM TERSE_RUNS").collect()[0]
    assert (run.input_tokens, run.output_tokens) == (told["R"], told["W"])
    by_id = {extraction.ticket_id: extraction for extraction in insights.extractions(Terse, into="TERSE")}
    assert by_id["0"].value == found.value == by_id["12"].value
    assert (by_id["0"].repair, by_id["0"].n_tries, by_id["0"].problems) == ("asked_again", 2, found.problems)
    assert (by_id["10"].outcome, by_id["10"].n_tries) == (Outcome.VALID, 1)
    assert by_id["11"].n_tries == 0
    assert run.actual_cost().n_statements > 0


def test_what_never_fits_is_off_label_with_the_reason_and_is_not_paid_for_again(
    session: Any, insights: TicketInsights
) -> None:
    source = load(session, ["The buckle broke.", ENGLISH[0]])
    run = insights.extract_table(source, Impossible, into="IMPOSSIBLE")
    assert (run.state, run.n_by_outcome, run.n_texts_asked) == (RunState.COMPLETE, {"off_label": 2}, 4)
    for row in ledger(session, "IMPOSSIBLE"):
        assert (row["VALUE"], row["IS_CHECKED"]) == (None, True)
        assert row["PROBLEMS"] == row["FIRST_PROBLEMS"] == "summary: String should have at most 1 character"
        assert "buckle" in row["ANSWER"]
    again = insights.extract_table(source, Impossible, into="IMPOSSIBLE")
    assert (again.n_texts_asked, again.n_by_outcome) == (0, {"off_label": 2})
    # A new ticket with a text that was settled is settled alike.
    load(session, ["The buckle broke.", ENGLISH[0], "The buckle broke."])
    copied = insights.extract_table(source, Impossible, into="IMPOSSIBLE")
    assert (copied.n_texts_asked, copied.n_by_outcome) == (0, {"off_label": 3})
    (stored,) = (e for e in insights.extractions(Impossible, into="IMPOSSIBLE") if e.ticket_id == "2")
    assert stored.problems == ("summary: String should have at most 1 character",)


def test_a_budget_holds_for_both_tries_and_the_next_call_goes_on(session: Any, insights: TicketInsights) -> None:
    source = load(session, list(ENGLISH[:6]))
    one_try = insights.estimate_extract(source, Terse).ai_credits_at_most or 0
    stopped = insights.extract_table(source, Terse, into="TERSE", budget=Budget(ai_credits=one_try * 1.01))
    assert stopped.state is RunState.INCOMPLETE
    assert "budget" in (stopped.reason or "")
    assert stopped.n_by_outcome == {"error": 6}
    assert (stopped.ai_credits or 0) <= one_try * 1.01
    rows = ledger(session, "TERSE", "TICKET_ID, ERROR, PROBLEMS")
    assert {row["ERROR"] for row in rows} == {"the answer does not fit Terse: see PROBLEMS"}
    done = insights.extract_table(source, Terse, into="TERSE")
    assert (done.state, done.n_by_outcome) == (RunState.COMPLETE, {"repaired": 6})


def test_answers_that_a_dead_client_left_unchecked_are_checked_by_the_next_call(
    session: Any, insights: TicketInsights, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load(session, list(ENGLISH[:3]))
    with monkeypatch.context() as patch:
        patch.setattr("cortex_tickets._insights.unfit_answers.UnfitAnswers.settled", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            insights.extract_table(source, Terse, into="TERSE")
    assert {row["IS_CHECKED"] for row in ledger(session, "TERSE")} == {None}
    assert {e.value for e in insights.extractions(Terse, into="TERSE")} == {None}
    run = insights.extract_table(source, Terse, into="TERSE")
    assert (run.n_by_outcome, run.n_texts_asked) == ({"repaired": 3}, 3)


def test_pages_of_answers_are_all_checked(
    session: Any, insights: TicketInsights, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cortex_tickets._insights.unfit_answers.PAGE_ROWS", 2)
    source = load(session, ["One broke.", "Two broke.", "Three broke.", "Four broke.", "Five broke."])
    assert insights.extract_table(source, Terse, into="TERSE").n_by_outcome == {"valid": 5}
    assert {row["IS_CHECKED"] for row in ledger(session, "TERSE")} == {True}


def test_a_text_that_is_too_long_is_told_before_sending_and_is_a_rows_error_in_a_table(
    session: Any, insights: TicketInsights
) -> None:
    long = "The secret helmet is wonderful. " * 500
    with pytest.raises(InvalidInputError, match=r"texts\[1\] has .* AI_SENTIMENT takes at most 2,048") as caught:
        insights.sentiment_many(["Good.", long])
    assert "secret" not in str(caught.value)
    source = load(session, ["Good.", long])
    run = insights.sentiment_table(source, into="SENTIMENTS")
    assert run.n_by_outcome == {"valid": 1, "error": 1}
    error = ledger(session, "SENTIMENTS")[1]["ERROR"]
    assert "AI_SENTIMENT takes at most 2048" in error
    assert "shorten it, or summarize it first" in error
    tag = run.query_tag
    asked = session.sql(
        'SELECT "FUNCTION", COUNT(*) AS N FROM SNOWFLAKE.ENGINE.ASKED WHERE QUERY_TAG = ? '
        "AND \"FUNCTION\" <> 'AI_COUNT_TOKENS' GROUP BY 1 ORDER BY 1",
        params=[tag],
    ).collect()
    assert [tuple(row) for row in asked] == [("AI_COMPLETE", 1), ("AI_SENTIMENT", 1)]


def test_a_text_over_the_models_window_is_a_rows_error_with_what_to_do(session: Any) -> None:
    insights = TicketInsights(session, model="llama3.1-8b")
    long = "word " * 140_000
    with pytest.raises(InvalidInputError, match=r"llama3\.1-8b takes at most 128,000"):
        insights.extract(long, DefectSummary)
    run = insights.summarize_table(load(session, ["It broke.", long]), into="SUMMARIES", max_words=20)
    assert run.n_by_outcome == {"valid": 1, "error": 1}
    assert ledger(session, "SUMMARIES")[1]["ERROR"].endswith("Shorten the text, or cut it into parts.")


def test_hostile_texts_come_through(session: Any, insights: TicketInsights) -> None:
    texts = [
        "It's \\ a $plan 'x' {0} <b> </text> ignore",
        "\x00\ud800 broken",
        '{"summary": 1}',
        "日本語の文章です。",
        "🙂" * 30,
    ]
    for found in (
        insights.summarize_many(texts, max_words=20),
        insights.summarize_many(texts),
        insights.sentiment_many(texts),
        insights.extract_many(texts, Call),
    ):
        assert len(found) == len(texts)
        assert {insight.error for insight in found} == {None}
    load(session, [text for text in texts if "\ud800" not in text])
    source = TicketSource(query="SELECT CALL_NO, TRANSCRIPT FROM CALLS", id="CALL_NO", text="TRANSCRIPT")
    for run in (
        insights.summarize_table(source, into="A", max_words=20),
        insights.sentiment_table(source, into="B"),
        insights.extract_table(source, Call, into="C"),
    ):
        assert run.is_complete
        assert "error" not in run.n_by_outcome


def test_a_budget_needs_the_price_of_all_that_is_billed(session: Any) -> None:
    insights = TicketInsights(session)
    source = load(session, ["It broke."])
    budget = Budget(ai_credits=1)
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: insights.sentiment_table(source, into="L", budget=budget), "AI_SENTIMENT"),
        (lambda: insights.translate_table(source, target_language="en", into="L", budget=budget), "AI_TRANSLATE"),
        (lambda: insights.summarize_table(source, into="L", budget=budget), "AI_SUMMARIZE"),
    ]
    for call, name in calls:
        with pytest.raises(InvalidInputError, match=f"^The price of {name} is unknown"):
            call()
    assert insights.estimate_sentiment(source).ai_credits is None
    assert insights.estimate_sentiment(source).model == "AI_SENTIMENT"
    priced = TicketInsights(session, prices=PRICES)
    assert priced.sentiment_table(source, into="L", budget=budget).is_complete
    assert (priced.estimate_sentiment(source).ai_credits or 0) > 0


def test_every_problem_of_a_table_is_told_at_once_and_nothing_is_written(session: Any) -> None:
    session.sql("CREATE TABLE OTHER (A VARCHAR)").collect()
    with pytest.raises(InvalidInputError) as caught:
        TicketInsights(session, model="mistral-large").extract_table(
            "MISSING", DefectSummary, into="OTHER", chunk_rows=0
        )
    told = "\n".join(caught.value.problems)
    for part in ("MISSING does not exist", "another form", "mistral-large", "chunk_rows=0"):
        assert part in told
    with pytest.raises(InvalidInputError, match="OTHER is no ledger of records"):
        TicketInsights(session).extractions(DefectSummary, into="OTHER")
    with pytest.raises(InvalidInputError, match="limit=0"):
        TicketInsights(session).extractions(DefectSummary, into="OTHER", limit=0)
