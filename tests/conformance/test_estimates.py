"""An estimate is near what the engine's usage view tells, for every operation; a budget of the most stops nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from cortex_tickets import (
    Budget,
    DefectSummary,
    Estimate,
    ModelPrice,
    ResponseGenerator,
    TableRun,
    TicketClassifier,
    TicketInsights,
    load_tickets,
    local,
    samples,
)

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
ONE = ModelPrice(input=1, output=1)
MANAGED = dict.fromkeys(("AI_CLASSIFY", "AI_SENTIMENT", "AI_SUMMARIZE", "AI_TRANSLATE"), ONE)
Work = Callable[[Any], tuple[Estimate, TableRun]]


class Complaint(BaseModel):
    product: str
    defect: str


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """Return a session with the 151 tickets, which no test changes."""
    session = local.connect()
    load_tickets(session, samples.support_tickets(), table="T")
    yield session
    session.close()


def insights(session: Any) -> TicketInsights:
    return TicketInsights(session, model="claude-sonnet-4-6", prices=MANAGED)


def classify(session: Any) -> tuple[Estimate, TableRun]:
    classifier = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6")
    return classifier.estimate("T"), classifier.classify_table("T", into="CLASSIFIED")


def ai_classify(session: Any) -> tuple[Estimate, TableRun]:
    classifier = TicketClassifier(session, labels=LABELS, function="AI_CLASSIFY", prices=MANAGED)
    return classifier.estimate("T"), classifier.classify_table("T", into="MANAGED")


def reply(session: Any) -> tuple[Estimate, TableRun]:
    labels = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="LABELLED")
    generator = ResponseGenerator(session, model="claude-haiku-4-5")
    return generator.estimate("T", labels=labels), generator.reply_table("T", labels=labels, into="REPLIES")


def extract(session: Any) -> tuple[Estimate, TableRun]:
    return insights(session).estimate_extract("T", Complaint), insights(session).extract_table(
        "T", Complaint, into="COMPLAINTS"
    )


def extract_prose(session: Any) -> tuple[Estimate, TableRun]:
    return insights(session).estimate_extract("T", DefectSummary), insights(session).extract_table(
        "T", DefectSummary, into="DEFECTS"
    )


def summarize(words: int | None) -> Work:
    def work(session: Any) -> tuple[Estimate, TableRun]:
        estimate = insights(session).estimate_summarize("T", max_words=words)
        return estimate, insights(session).summarize_table("T", into=f"SUMMARIES_{words}", max_words=words)

    return work


def sentiment(session: Any) -> tuple[Estimate, TableRun]:
    return insights(session).estimate_sentiment("T"), insights(session).sentiment_table("T", into="SENTIMENTS")


@pytest.mark.parametrize(
    ("work", "rel"),
    [
        (classify, 0.15),
        (ai_classify, 0.15),
        (reply, 0.15),
        (extract, 0.15),
        (extract_prose, 0.15),
        (summarize(5), 0.15),
        pytest.param(summarize(20), 0.15, marks=pytest.mark.soak),  # between two that are tried
        (summarize(50), 0.15),
        (sentiment, 0.15),
        # How long a summary gets without a limit is the model's own choice.
        (summarize(None), 0.5),
    ],
    ids=[
        "classify",
        "ai_classify",
        "reply",
        "extract",
        "extract_prose",
        "words_5",
        "words_20",
        "words_50",
        "sentiment",
        "free_summary",
    ],
)
def test_an_estimate_is_near_the_tokens_used_and_never_beyond_the_most(session: Any, work: Work, rel: float) -> None:
    estimate, run = work(session)
    used = run.actual_cost()
    assert estimate.input_tokens == pytest.approx(used.input_tokens, rel=0.15)
    assert estimate.input_tokens + estimate.output_tokens == pytest.approx(used.input_tokens + used.output_tokens, rel)
    assert used.output_tokens <= estimate.output_tokens_at_most
    assert estimate.output_tokens <= estimate.output_tokens_at_most
    if run.ai_credits is not None:
        assert estimate.ai_credits == pytest.approx(run.ai_credits, rel=0.15)
        assert run.ai_credits <= (estimate.ai_credits_at_most or 0.0)


def test_a_translation_is_estimated_by_its_text_and_so_is_its_most(session: Any) -> None:
    session.sql(
        "CREATE TABLE LONG AS SELECT '1' AS TICKET_ID, REPEAT('My phone is lost. ', 10000) AS REQUEST"
    ).collect()
    estimate = insights(session).estimate_translate("LONG", target_language="de")
    assert estimate.input_tokens > 30_000
    assert estimate.output_tokens == estimate.input_tokens
    assert estimate.output_tokens_at_most == 4 * estimate.input_tokens + 100
    stopped = insights(session).translate_table(
        "LONG", target_language="de", into="TRANSLATED", budget=Budget(ai_credits=estimate.ai_credits or 0.0)
    )
    assert (stopped.n_texts_asked, stopped.is_complete) == (0, False)


def test_a_budget_of_the_most_stops_nothing(session: Any) -> None:
    most = insights(session).estimate_extract("T", Complaint).ai_credits_at_most
    assert most is not None
    run = insights(session).extract_table("T", Complaint, into="PAID", budget=Budget(ai_credits=most), chunk_rows=20)
    assert run.is_complete


def test_what_the_rest_would_cost_is_what_it_then_costs(session: Any) -> None:
    full = insights(session).extract_table("T", Complaint, into="WHOLE")
    assert full.ai_credits is not None
    budget = Budget(ai_credits=full.ai_credits * 1.5)
    run = insights(session).extract_table("T", Complaint, into="PARTS", budget=budget, chunk_rows=13)
    assert not run.is_complete
    assert run.ai_credits is not None
    assert run.ai_credits_left == pytest.approx(full.ai_credits - run.ai_credits, rel=0.1)
