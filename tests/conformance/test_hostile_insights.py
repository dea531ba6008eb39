"""The hostile pack through insights: every text has an outcome of its own, and nothing but the ledger is touched."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from cortex_tickets import Corrections, TicketInsights, TicketLabel
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.records.prediction import Outcome
from hostile.pack import ENTRIES, LABELS, MARK, MARKED, ORDERED, of
from hostile.warehouse import HostileWarehouse

TOO_LONG = ("max tokens of", "takes at most 2048", "the answer is empty")
"""What may be said of a text of 200,000 characters; the last where it is one word, which no summary can hold."""


class Found(BaseModel):
    """What was found."""

    topic: str
    is_urgent: bool | None


@pytest.mark.parametrize("verb", ["summarize", "summarize to 20 words", "sentiment", "extract"])
def test_every_hostile_text_of_a_table_has_an_outcome_and_only_the_ledger_is_written(
    hostile: HostileWarehouse, verb: str
) -> None:
    insights = TicketInsights(hostile.session)
    into = f"I_{verb.split(maxsplit=1)[0].upper()}_{len(verb)}"
    run_of = {
        "summarize": lambda: insights.summarize_table("HOSTILE", into=into),
        "summarize to 20 words": lambda: insights.summarize_table("HOSTILE", into=into, max_words=20),
        "sentiment": lambda: insights.sentiment_table("HOSTILE", into=into),
        "extract": lambda: insights.extract_table("HOSTILE", Found, into=into),
    }
    with hostile.only(into, f"{into}_RUNS", f"{into}_LEASES"):
        run = run_of[verb]()
    assert run.is_complete
    assert sum(run.n_by_outcome.values()) == run.n_tickets == len(ENTRIES)
    assert set(run.n_by_outcome) <= {"valid", "repaired", "blank", "error"}
    errors = [str(error) for (error,) in hostile.values(f"SELECT ERROR FROM {into} WHERE OUTCOME = 'error'")]
    assert len(errors) <= len(of("long"))
    assert all(any(words in error for words in TOO_LONG) for error in errors)
    assert MARK not in "".join(errors)
    assert not any(MARK in text for text in hostile.session.texts)


def test_a_list_of_hostile_texts_keeps_order_and_length(hostile: HostileWarehouse) -> None:
    texts = [text for text in MARKED if len(text) < 1_000]
    insights = TicketInsights(hostile.session)
    with hostile.only():
        summaries = insights.summarize_many(texts, max_words=20)
        records = insights.extract_many(texts, Found)
    for text, summary, record in zip(texts, summaries, records, strict=True):
        expected = {Outcome.BLANK} if is_blank(clean(text)) else {Outcome.VALID, Outcome.REPAIRED}
        assert {summary.outcome, record.outcome} <= expected
        assert (summary.n_words or 0) <= 20
    assert not any(MARK in text for text in hostile.session.texts)


def test_hostile_tickets_are_sampled_labelled_and_corrected(hostile: HostileWarehouse) -> None:
    corrections = Corrections(hostile.session, table="I_GOLD", tickets="HOSTILE", labels=LABELS)
    with hostile.only("I_GOLD"):
        sample = corrections.label_sample(1_000, seed=7)
        given = [TicketLabel(ticket_id=t.ticket_id, text=t.text, label=ORDERED) for t in sample.tickets]
        assert corrections.add(given, annotator="'; DROP TABLE CANARY; --", sample=sample) == len(given)
        assert corrections.add(given, annotator="'; DROP TABLE CANARY; --", sample=sample) == 0
    assert len(given) > len(ENTRIES) - 40
    assert {gold.ticket_id for gold in corrections.list()} == {ticket.ticket_id for ticket in sample.tickets}
    assert not any(MARK in text for text in hostile.session.texts)
