"""Models that ignore the schema: their letters are found in whatever form they come, in one, many and a table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from conformance.model_server import ModelServer, said
from cortex_tickets import local
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import ReplyStatus
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.ticket_classifier import TicketClassifier

BODY = (
    "Dear Ann,\n\nWe read about your $90 charge from Japan. A billing specialist will review the charges and reply."
    "\n\nKind regards,\nCustomer Support"
)
LETTER = json.dumps({"subject": "Your charge", "body": BODY})
TICKET = Ticket(id="1", text="I was charged $90 for roaming in Japan.", customer_name="Ann", contact_preference="Email")
FORMS = {
    "subject line": f"Subject: Your charge\n\n{BODY}",
    "marked subject line": f"**Subject:** Your charge\n\n{BODY}",
    "code fence in a sentence": f"Sure, here it is:\n```json\n{LETTER}\n```\nHope that helps.",
    "thoughts": f"<think>They want {{money}} back.</think>{LETTER}",
    "nested": json.dumps({"email": {"subject": "Your charge", "body": BODY}}),
    "list": json.dumps([{"subject": "Your charge", "body": BODY}]),
    "other keys": json.dumps({"Subject": "Your charge", "Body": BODY}),
    "single quotes": str({"subject": "Your charge", "body": BODY}),
    "bare line breaks": f'{{"subject": "Your charge", "body": "{BODY}"}}',
    "text in text": json.dumps(LETTER),
    "two of them": f"{LETTER}\n{json.dumps({'subject': 'x', 'body': 'Dear Bob.'})}",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    started = ModelServer()
    monkeypatch.setenv("CORTEX_TICKETS_LLM_URL", started.url)
    yield started
    started.close()


@pytest.fixture
def real(server: ModelServer) -> Iterator[Any]:
    assert server.url
    session = local.connect()
    yield session
    session.close()


@pytest.mark.parametrize("form", FORMS)
def test_a_letter_is_read_in_whatever_form_it_comes(server: ModelServer, real: Any, form: str) -> None:
    server.reply = lambda _: said(FORMS[form])
    reply = ResponseGenerator(real, model="claude-haiku-4-5").reply(TICKET, label="Roaming fees")
    assert (reply.status, reply.subject, reply.body) == (ReplyStatus.DRAFT, "Your charge", BODY)
    assert reply.outcome in (Outcome.REPAIRED, Outcome.VALID)
    assert reply.error is None
    assert reply.n_tries == len(server.asked) <= 2


def test_what_was_no_json_is_asked_for_again_without_a_schema_and_once_only(server: ModelServer, real: Any) -> None:
    server.reply = lambda body: said(LETTER if "response_format" not in body else "no letter at all {")
    reply = ResponseGenerator(real, model="claude-haiku-4-5").reply(TICKET, label="Roaming fees")
    assert (reply.status, reply.body, reply.n_tries) == (ReplyStatus.DRAFT, BODY, 2)
    first, second = server.asked
    assert "response_format" in first
    assert "response_format" not in second
    assert "no code fence" in second["messages"][-1]["content"]
    server.asked.clear()
    server.reply = lambda _: said('{"subject": "cut o')
    reply = ResponseGenerator(real, model="claude-haiku-4-5").reply(TICKET, label="Roaming fees")
    assert (reply.status, reply.outcome, reply.body) == (ReplyStatus.NEEDS_REVIEW, Outcome.ERROR, None)
    assert [finding.check for finding in reply.findings] == ["answered"]
    assert len(server.asked) == 2


def test_a_table_and_a_list_do_the_same_and_no_later_run_asks_again(server: ModelServer, real: Any) -> None:
    real.sql("CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR)").collect()
    real.sql(
        "INSERT INTO T VALUES ('1', 'I was charged $90 for roaming in Japan.', 'Ann'), "
        "('2', 'I was charged $90 for roaming in Japan in May.', 'Ann')"
    ).collect()

    def answer(body: dict[str, Any]) -> Any:
        asked = body["messages"][-1]["content"]
        if "Write an email" not in asked:
            return said('{"label": "Roaming fees"}')
        if "in May" in asked:
            return said(FORMS["nested"].replace("from Japan", "from Japan in May"))
        return said(FORMS["code fence in a sentence"])

    server.reply = answer
    labels = TicketClassifier(real, labels=["Roaming fees", "Lost phone"], model="claude-sonnet-4-6").classify_table(
        "T", into="L"
    )
    writer = ResponseGenerator(real, model="claude-haiku-4-5")
    run = writer.reply_table("T", labels=labels, into="R")
    assert (run.n_by_outcome, run.n_by_status) == ({"repaired": 2}, {"draft": 2})
    replies = {reply.ticket_id: reply for reply in writer.replies("T", labels=labels, into="R")}
    assert {id_: (reply.n_tries, reply.outcome, reply.error) for id_, reply in replies.items()} == {
        "1": (2, Outcome.REPAIRED, None),
        "2": (2, Outcome.REPAIRED, None),
    }
    assert replies["1"].body == BODY
    assert writer.reply_table("T", labels=labels, into="R").n_texts_asked == 0
    direct = writer.reply_many(
        [
            Ticket(id="1", text="I was charged $90 for roaming in Japan.", customer_name="Ann"),
            Ticket(id="2", text="I was charged $90 for roaming in Japan in May.", customer_name="Ann"),
        ],
        labels=["Roaming fees", "Roaming fees"],
    )
    assert [reply.body for reply in direct] == [replies["1"].body, replies["2"].body]
    assert {reply.generator_hash for reply in direct} == {writer.generator_hash}
