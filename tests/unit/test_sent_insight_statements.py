"""Every statement that insights and corrections send, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import BaseModel, Field
from syrupy.assertion import SnapshotAssertion

from cortex_tickets import Corrections, LabelSample, SampledTicket, TicketInsights, TicketLabel
from cortex_tickets.records.gold_label import GOLD_COLUMNS
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement
from unit.statement_layout import sent

LedgerSession = Callable[..., FakeSession]


class Found(BaseModel):
    """What was found."""

    product: str = Field(max_length=10)


ANSWER = {
    "ANSWER": "x", "ERROR": None, "OUTCOME": "valid", "REPAIR": None, "INPUT_TOKENS": 1, "OUTPUT_TOKENS": 1,
    "TRANSLATION": "x", "SENTIMENT": "mixed", "ASPECTS": "{}", "SCORE": 0.5, "SUMMARY": "x", "N_WORDS": 1,
    "VALUE": '{"product": "a long product"}',
}  # fmt: skip


def insights(session: FakeSession) -> TicketInsights:
    return TicketInsights(session, model=["llama3.1-8b", "claude-opus-5"], clock=FakeClock())


def answering() -> FakeSession:
    def rows(statement: SentStatement) -> list[dict[str, Any]]:
        return [{**ANSWER, "POSITION": position} for position in range(len(json.loads(statement.values[0])))]

    session = FakeSession()
    session.answer("AI_", rows)
    session.answer("AS TOKENS FROM", lambda statement: [{"TOKENS": 600} for _ in json.loads(statement.values[0])])
    return session


def test_translations(snapshot: SnapshotAssertion) -> None:
    session = answering()
    insights(session).translate_many(["It's", "Hallo", "Hallo"], target_language="English", source_language="de_DE")
    assert sent(session) == snapshot


def test_sentiments_with_and_without_a_score(snapshot: SnapshotAssertion) -> None:
    session = answering()
    insights(session).sentiment("It's good.", aspects=["customer's price"])
    insights(session).sentiment("It's good.", score=False)
    assert sent(session) == snapshot


def test_a_text_whose_tokens_are_counted_first(snapshot: SnapshotAssertion) -> None:
    session = answering()
    insights(session).sentiment("good " * 110, score=False)
    assert sent(session).replace("good " * 110, "<long>") == snapshot


def test_summaries_with_and_without_a_limit(snapshot: SnapshotAssertion) -> None:
    session = answering()
    insights(session).summarize("It's long.", max_words=50)
    insights(session).summarize("It's long.")
    assert sent(session) == snapshot


def test_records_that_are_asked_for_again(snapshot: SnapshotAssertion) -> None:
    session = answering()
    insights(session).extract("It's a helmet.", Found, instructions="Say what's broken.")
    assert sent(session) == snapshot


def test_a_table_of_translations(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session(used=[(0, 0)])
    insights(session).translate_table("T", target_language="en", into="DB.S.L")
    assert sent(session) == snapshot


def test_a_table_of_sentiments(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session(used=[(0, 0)])
    insights(session).sentiment_table("T", into="DB.S.L", aspects=["price"])
    assert sent(session) == snapshot


def test_a_table_of_summaries(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session()
    insights(session).summarize_table("T", into="DB.S.L", max_words=50)
    assert sent(session) == snapshot


def test_a_table_of_records_of_which_some_do_not_fit(
    snapshot: SnapshotAssertion, ledger_session: LedgerSession
) -> None:
    session = ledger_session(runs=[(500, 25), (100, 5)], work={"N_TO_ASK": 2, "N_WAITING": 2})
    unfit = {"TEXT_HASH": "b" * 64, "VALUE": '{"product": "a long product"}', "IS_AGAIN": False}
    fitting = {"TEXT_HASH": "a" * 64, "VALUE": '{"product": "helmet"}', "IS_AGAIN": False}
    again = {**fitting, "TEXT_HASH": "b" * 64, "IS_AGAIN": True}
    session.answer("^SELECT TEXT_HASH, MIN", [fitting, unfit], [], [again], [])
    session.answer("^MERGE", [{"number of rows updated": 2}])
    session.answer(r"^SELECT COUNT\(\*\) AS N FROM \(SELECT K", [{"N": 1}])
    session.answer("^SELECT L.OUTCOME, COUNT", [{"OUTCOME": "valid", "N": 4}, {"OUTCOME": "repaired", "N": 1}])
    run = insights(session).extract_table("T", Found, into="DB.S.L")
    assert run.n_by_outcome == {"valid": 4, "repaired": 1}
    assert sent(session) == snapshot


def test_what_is_read_back(snapshot: SnapshotAssertion) -> None:
    session = FakeSession()
    session.answer("^DESCRIBE", [{"name": "VALUE"}])
    session.answer("^SELECT TICKET_ID", [])
    assert insights(session).extractions(Found, into="DB.S.L", limit=5) == []
    assert sent(session) == snapshot


@pytest.mark.parametrize("into", [None, "DB.S.L"])
def test_an_estimate(snapshot: SnapshotAssertion, ledger_session: LedgerSession, into: str | None) -> None:
    session = ledger_session()
    columns = [{"name": name} for name in ("SENTIMENT", "ASPECTS", "SCORE")]
    session.answer(
        "AS N_COUNTED",
        [{"N_TICKETS": 5, "N_TEXTS": 5, "N_COUNTED": 5, "TOKENS": 500, "WRITTEN": 50, "WRITTEN_AT_MOST": 90}],
    )
    session.answer("^DESCRIBE TABLE .*L", [*columns, *session_columns()])
    insights(session).estimate_sentiment("T", aspects=["price"], into=into)
    assert sent(session) == snapshot


def test_an_estimate_without_a_score(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer(
        "AS N_COUNTED",
        [{"N_TICKETS": 5, "N_TEXTS": 5, "N_COUNTED": 5, "TOKENS": 500, "WRITTEN": 50, "WRITTEN_AT_MOST": 90}],
    )
    estimate = insights(session).estimate_sentiment("T", score=False)
    assert (estimate.model, estimate.input_tokens, estimate.output_tokens) == ("AI_SENTIMENT", 500, 50)
    assert estimate.ai_credits is None
    assert sent(session) == snapshot


def session_columns() -> list[dict[str, str]]:
    from cortex_tickets.ledger.schema import LEASE_COLUMNS, LEDGER_COLUMNS, RUN_COLUMNS  # noqa: PLC0415

    return [{"name": name} for name in {**LEDGER_COLUMNS, **RUN_COLUMNS, **LEASE_COLUMNS}]


def test_corrections(snapshot: SnapshotAssertion, ledger_session: LedgerSession) -> None:
    session = ledger_session()
    session.answer('^DESCRIBE TABLE "DB"."S"."G"$', [{"name": name} for name in GOLD_COLUMNS])
    session.answer("^SELECT G.POSITION|^SELECT T.TICKET_ID|^SELECT TICKET_ID, TEXT_HASH, LABEL", [])
    session.answer("^INSERT", [{"number of rows inserted": 1}])
    corrections = Corrections(session, table="DB.S.G", tickets="T", labels=["A", "B"], clock=FakeClock())
    given = [TicketLabel(ticket_id="TR1", text="a text", label="A")]
    corrections.add(given, annotator="Ann O'Neil")
    (key,) = (json.loads(str(sent_.values[0]))[0] for sent_ in session.sent if "SELECT G.POSITION" in sent_.text[:20])
    ticket = SampledTicket(ticket_id="TR1", text_hash=key[1], text="a text")
    sample = LabelSample(table="DB.S.G", seed=7, n_population=1, tickets=(ticket,))
    corrections.add(given, annotator="Ann", sample=sample)
    corrections.label_sample(5, seed=7)
    corrections.list(source="correction")
    assert sent(session) == snapshot
