"""What is sent for one text and for a list, and what becomes of the answers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, ModelNotFoundError, Outcome, Ticket, TicketInsights
from cortex_tickets.testing import FakeSession, snowflake_error

Answering = Callable[..., tuple[FakeSession, list[list[Any]]]]
SAID = {
    "TRANSLATION": "Hello",
    "SENTIMENT": "negative",
    "ASPECTS": '{"price": "mixed"}',
    "SCORE": -0.5,
    "SUMMARY": "Short.",
    "N_WORDS": 1,
}


def verbs(insights: TicketInsights) -> dict[str, tuple[Callable[..., Any], Callable[..., Any]]]:
    """The three verbs that need no model of the caller's: for one, and for many."""
    return {
        "translate": (
            lambda text: insights.translate(text, target_language="en"),
            lambda texts: insights.translate_many(texts, target_language="en"),
        ),
        "sentiment": (
            lambda text: insights.sentiment(text, aspects=["price"]),
            lambda texts: insights.sentiment_many(texts, aspects=["price"]),
        ),
        "summarize": (insights.summarize, insights.summarize_many),
    }


GONE = 'Request failed for external function COMPLETE$V2 with remote service error: 400 \'"unknown model \\"first\\""\''
NAMES = ("translate", "sentiment", "summarize")


@pytest.mark.parametrize("name", NAMES)
def test_the_constructor_sends_nothing_and_neither_does_an_empty_list_or_a_blank_text(name: str) -> None:
    session = FakeSession()
    one, many = verbs(TicketInsights(session))[name]
    assert many([]) == []
    blank = one(" \u200b\n")
    assert blank.outcome is Outcome.BLANK
    assert (blank.answer, blank.answered_by, blank.input_tokens) == (None, None, None)
    assert not session.sent


@pytest.mark.parametrize("name", NAMES)
def test_many_are_one_statement_in_order_and_equal_texts_are_asked_once(answering: Answering, name: str) -> None:
    session, asked = answering(lambda text: {**SAID, "ANSWER": text})
    _, many = verbs(TicketInsights(session))[name]
    found = many(["b", Ticket(id="TR1", text="a"), "", "b"])
    assert asked == [["b", "a"]]
    assert [(insight.answer, insight.ticket_id) for insight in found] == [
        ("b", None), ("a", "TR1"), (None, None), ("b", None)
    ]  # fmt: skip
    assert [insight.input_tokens for insight in found] == [100, 100, None, None]
    assert len({insight.insight_hash for insight in found}) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_failed_has_snowflakes_message_and_the_others_are_answered(answering: Answering, name: str) -> None:
    failed = {"ERROR": "what Snowflake said", "OUTCOME": "error", "ANSWER": None, **dict.fromkeys(SAID)}
    session, _ = answering(lambda text: failed if text == "bad" else SAID)
    bad, good = verbs(TicketInsights(session))[name][1](["bad", "good"])
    assert (bad.outcome, bad.error, good.outcome) == (Outcome.ERROR, "what Snowflake said", Outcome.VALID)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_text_is_refused_before_anything_is_sent(name: str) -> None:
    session = FakeSession()
    one, many = verbs(TicketInsights(session))[name]
    for call, given, told in [
        (many, "one text", f"not one text; use {name}(...) for one"),
        (many, ["a", 5, None], "texts[1] is a int"),
        (many, {"a"}, "not a set"),
        (one, None, "is a NoneType, not a text"),
    ]:
        with pytest.raises(InvalidInputError) as caught:
            call(given)
        assert told in str(caught.value)
    assert not session.sent


def test_the_records_have_what_was_answered(answering: Answering) -> None:
    session, _ = answering(lambda _: SAID)
    insights = TicketInsights(session, model="m")
    sentiment = insights.sentiment("text", aspects=["price"])
    assert (sentiment.sentiment, sentiment.aspects, sentiment.score) == ("negative", {"price": "mixed"}, -0.5)
    assert sentiment.answered_by == "m"
    assert insights.sentiment("text", score=False).answered_by == "AI_SENTIMENT"
    summary = insights.summarize("text", max_words=50)
    assert (summary.summary, summary.n_words, summary.max_words, summary.function) == ("Short.", 1, 50, "AI_COMPLETE")
    assert insights.summarize("text").function == "AI_SUMMARIZE"
    assert insights.translate("text", target_language="en").translation == "Hello"


def test_a_score_is_asked_of_the_model_and_left_out_where_it_is_not_wanted(answering: Answering) -> None:
    session, _ = answering(lambda _: SAID)
    insights = TicketInsights(session, model="m")
    insights.sentiment("text")
    insights.sentiment("text", score=False)
    with_score, without = session.texts()
    assert insights.models == ("m",)
    assert with_score.count("AI_COMPLETE(model => 'm'") == 1
    assert "AI_COMPLETE" not in without
    assert "SNOWFLAKE.CORTEX" not in with_score + without


def test_no_text_stands_in_a_statement_or_a_log(answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    session, _ = answering(lambda _: SAID)
    insights = TicketInsights(session)
    with caplog.at_level(logging.DEBUG):
        for one, many in verbs(insights).values():
            one("a secret text")
            many(["a secret text", "and another"])
    assert "secret" not in " ".join(session.texts()) + caplog.text


def test_a_text_over_the_limit_is_told_before_anything_is_billed() -> None:
    session = FakeSession()
    session.answer("AI_COUNT_TOKENS", [{"TOKENS": 2_048}, {"TOKENS": 3_000}])
    long, fitting = "secret " * 600, "word " * 600
    with pytest.raises(InvalidInputError) as caught:
        TicketInsights(session).sentiment_many(["short", fitting, long], aspects=["price"])
    (problem,) = caught.value.problems
    assert problem == (
        "texts[2] has 3,000 tokens with what is asked, and AI_SENTIMENT takes at most 2,048. Nothing was sent. "
        "Shorten it, or cut it into parts."
    )
    (counted,) = session.texts()
    assert counted.startswith("SELECT POSITION, AI_COUNT_TOKENS('ai_sentiment', INPUT, ['price']) AS TOKENS FROM")


@pytest.mark.parametrize(
    ("ask", "function"),
    [
        (lambda insights, text: insights.translate(text, target_language="en"), "AI_TRANSLATE takes at most 100,000"),
        (lambda insights, text: insights.summarize(text), "AI_SUMMARIZE takes at most 128,000"),
        (lambda insights, text: insights.summarize(text, max_words=9), "llama3.1-8b takes at most 128,000"),
    ],
)
def test_every_functions_limit_is_known(ask: Callable[..., Any], function: str) -> None:
    session = FakeSession()
    session.answer("AI_COUNT_TOKENS", [{"TOKENS": 200_000}])
    with pytest.raises(InvalidInputError, match=f"The text has 200,000 tokens with what is asked, and {function}"):
        ask(TicketInsights(session, model="llama3.1-8b"), "word " * 40_000)


def test_a_model_whose_window_nobody_knows_is_asked(answering: Answering) -> None:
    session, _ = answering(lambda _: SAID)
    assert TicketInsights(session, model="new-model").summarize("word " * 400_000, max_words=9).summary == "Short."
    assert len(session.sent) == 1


@pytest.mark.parametrize("max_words", [0, -1, 1_001, 2.5, True, "ten"])
def test_a_limit_of_words_is_a_number_from_1_to_1000(max_words: Any) -> None:
    with pytest.raises(InvalidInputError, match="max_words="):
        TicketInsights(FakeSession()).summarize("text", max_words=max_words)


@pytest.mark.parametrize(
    ("aspects", "told"),
    [
        ("price", "must be a list of names"),
        (5, "must be a list of names"),
        ([f"a{n}" for n in range(11)], "has 11 names, and AI_SENTIMENT takes at most 10"),
        (["a" * 31], "has 31 characters, and AI_SENTIMENT takes at most 30"),
        ([" "], "blank"),
        ([5], "has a int"),
        (["Price", "price"], "stands twice"),
        (["Overall"], "always judged"),
    ],
)
def test_aspects_are_checked_before_anything_is_sent(aspects: Any, told: str) -> None:
    session = FakeSession()
    with pytest.raises(InvalidInputError, match=told):
        TicketInsights(session).sentiment("text", aspects=aspects)
    assert not session.sent


@pytest.mark.parametrize("model", ["", [], [""], None, 5, ["a", "a"]])
def test_a_model_is_a_name_or_some(model: Any) -> None:
    with pytest.raises(InvalidInputError, match="model="):
        TicketInsights(FakeSession(), model=model)


def test_the_next_model_is_asked_where_one_is_gone_and_the_record_says_which(answering: Answering) -> None:
    session, _ = answering(lambda _: SAID)
    session.answer("model => 'first'", snowflake_error(GONE, 100351))
    found = TicketInsights(session, model=["first", "second"]).summarize("text", max_words=9)
    assert found.answered_by == "second"


def test_an_account_without_the_models_is_told_what_it_has() -> None:
    session = FakeSession()
    session.answer("AI_COMPLETE", snowflake_error(GONE, 100351))
    session.answer("^SHOW CORTEX", [{"name": "other", "lifecycle_status": "GA"}])
    insights = TicketInsights(session, model="first")
    with pytest.raises(InvalidInputError, match="This account has: other"):
        insights.summarize("text", max_words=9)
    session.answer("^SHOW CORTEX", [])
    with pytest.raises(ModelNotFoundError):
        insights.summarize("text", max_words=9)


def test_only_what_can_change_an_answer_changes_the_hash(answering: Answering) -> None:
    session, _ = answering(lambda _: SAID)
    one, other = TicketInsights(session), TicketInsights(session, model="m")
    hashes = [
        one.sentiment("text", score=False).insight_hash,
        one.sentiment("text").insight_hash,
        other.sentiment("text").insight_hash,
        one.sentiment("text", aspects=["price"]).insight_hash,
        one.summarize("text").insight_hash,
        one.summarize("text", max_words=9).insight_hash,
        one.summarize("text", max_words=10).insight_hash,
        one.translate("text", target_language="en").insight_hash,
        one.translate("text", target_language="en", source_language="de").insight_hash,
    ]
    assert len(set(hashes)) == len(hashes)
    # A function whose model Snowflake chooses answers alike, whatever model is named for the rest.
    assert other.sentiment("text", score=False).insight_hash == hashes[0]
    assert other.summarize("text").insight_hash == hashes[4]


def test_a_timeout_is_a_number_of_seconds() -> None:
    with pytest.raises(InvalidInputError, match="timeout=-1"):
        TicketInsights(FakeSession()).summarize("text", timeout=-1)
