from __future__ import annotations

import json
import math
import random
import re
from collections import Counter
from typing import Any, NamedTuple

import pytest

from cortex_tickets import Estimate, samples
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.reply_source import reply_relation, single_line
from cortex_tickets._cortex.replying import Replying
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.prompts import reply_prompt
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.playbook import Playbook, PlaybookEntry
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Channel, Reply, ReplyStatus
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket import Ticket
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.response_generator import ResponseGenerator
from cortex_tickets.table_run import RunState, TableRun
from cortex_tickets.ticket_classifier import TicketClassifier
from cortex_tickets.ticket_loading import load_tickets

LABELS = ["Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account"]
CAMPAIGN = "You may like a plan that saves costs."


class Answered(NamedTuple):
    """What a table of replies was expected to cost, its run, and the replies."""

    estimate: Estimate
    run: TableRun
    replies: list[Reply]


@pytest.fixture(scope="session")
def labelled(shared_session: Any) -> TableRun:
    """The sample tickets, labelled once for all tests."""
    shared_session.sql("CREATE SCHEMA TO_BE_ANSWERED").collect()
    shared_session.use_schema("TO_BE_ANSWERED")
    load_tickets(shared_session, samples.support_tickets(), table="TICKETS")
    classifier = TicketClassifier(shared_session, labels=LABELS, model="claude-sonnet-4-6")
    return classifier.classify_table("TICKETS", into="LABELS")


@pytest.fixture(scope="session")
def answered(shared_session: Any, labelled: TableRun) -> Answered:
    """A letter for each of them, and what was expected of it; for tests that only read."""
    shared_session.use_schema("TO_BE_ANSWERED")
    writer = ResponseGenerator(shared_session, model="claude-haiku-4-5", campaign=CAMPAIGN)
    estimate = writer.estimate("TICKETS", labels=labelled, into="REPLIES")
    run = writer.reply_table("TICKETS", labels=labelled, into="REPLIES")
    return Answered(estimate, run, writer.replies("TICKETS", labels=labelled, into=run.into))


@pytest.fixture
def labels(session: Any, labelled: TableRun) -> TableRun:
    """The labels, and a copy of their tickets in the test's own schema."""
    session.sql("CREATE TABLE TICKETS AS SELECT * FROM TO_BE_ANSWERED.TICKETS").collect()
    return labelled


@pytest.fixture
def writer(session: Any) -> ResponseGenerator:
    return ResponseGenerator(session, model="claude-haiku-4-5", campaign=CAMPAIGN)


def relation_rows(session: Any, labels: TableRun, prompt: ReplyPrompt, source: TicketSource) -> list[Any]:
    relation = reply_relation(source, TableName.parse(labels.into), labels.classifier_hash, prompt)
    return list(session.sql(f"SELECT * FROM {relation}").collect())


def rendered(row: Any, prompt: ReplyPrompt) -> str:
    ticket = Ticket(
        id=row["TICKET_ID"],
        text=row["TICKET_TEXT"],
        customer_name=row["CUSTOMER_NAME"],
        contact_preference=row["CONTACT_PREFERENCE"],
    )
    return prompt.render(ticket, label=row["TICKET_LABEL"])


def test_sql_renders_every_prompt_byte_for_byte_as_python_does(session: Any, labels: TableRun) -> None:
    prompt = ReplyPrompt(playbook=Playbook.default(), campaign="It's \\ a $plan <b>?")
    rows = relation_rows(session, labels, prompt, TicketSource.of("TICKETS"))
    assert len(rows) == 151
    assert [row["INPUT"] for row in rows] == [rendered(row, prompt) for row in rows]


def test_hostile_names_and_labels_are_rendered_alike_too(session: Any) -> None:
    names = ["Ann", " A \t\n B ", "<b>x</b>", "", "a\u2028b\u0085c\u00a0 d", "O'Neil \\ $1", "\x0b\x0c\r"]
    rows = CortexClient(session).rows(
        Statement(
            f"SELECT {single_line('F.VALUE::VARCHAR')} AS NAME FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F "
            "ORDER BY F.INDEX",
            (json.dumps(names),),
        )
    )
    assert [row["NAME"] for row in rows] == [reply_prompt.single_line(name) for name in names]


def test_every_real_ticket_gets_a_reply_that_passes_every_check(answered: Answered) -> None:
    estimate, run, replies = answered
    assert run.state is RunState.COMPLETE
    assert (run.n_rows, run.n_tickets, run.n_by_outcome) == (151, 151, {"valid": 151})
    assert (run.n_by_status, run.n_texts_asked) == ({"draft": 151}, 151)
    assert run.input_tokens == estimate.input_tokens
    assert (run.output_tokens or 0) <= estimate.output_tokens_at_most
    assert len(replies) == 151
    assert [finding for reply in replies for finding in reply.findings] == []
    assert {reply.status for reply in replies} == {ReplyStatus.DRAFT}
    assert all(reply.customer_name and reply.customer_name in (reply.body or "") for reply in replies)
    messages = [reply for reply in replies if reply.channel is Channel.TEXT_MESSAGE]
    assert len(messages) == 89
    assert all(reply.n_words < 25 and reply.subject is None for reply in messages)
    assert all(reply.n_words <= 100 and reply.subject for reply in replies if reply.channel is Channel.EMAIL)
    offered = {reply.label for reply in replies if "plan that saves" in (reply.body or "")}
    assert offered == {"Roaming fees", "Add new line"}


NEXT_STEPS = ("review the", "explain the steps", "look into", "Restarting the device", "confirm the closure")


@pytest.mark.parametrize("campaign", [None, "promote a plan that saves costs"])
def test_every_reply_to_a_real_ticket_says_what_happens_next_and_copies_no_order(
    session: Any, labels: TableRun, campaign: str | None
) -> None:
    writer = ResponseGenerator(session, model="claude-haiku-4-5", campaign=campaign)
    run = writer.reply_table("TICKETS", labels=labels, into="REPLIES")
    assert (run.n_by_status, run.n_texts_asked) == ({"draft": 151}, 151)
    texts = {
        (row["TICKET_ID"], row["CUSTOMER_NAME"]): row["REQUEST"]
        for row in session.sql("SELECT * FROM TICKETS").collect()
    }
    for reply in writer.replies("TICKETS", labels=labels, into="REPLIES"):
        body, ticket = reply.body or "", texts[reply.ticket_id, reply.customer_name]
        said = f"{reply.subject} {body}"
        assert any(step in body or step.lower() in body for step in NEXT_STEPS), body
        assert "promote" not in said.lower()
        assert "You wrote: " not in body
        for given in re.findall(r"\$\d+|June 2024", ticket):
            assert given in said, body
        if campaign and reply.label == "Roaming fees" and reply.channel is Channel.EMAIL:
            assert "You may like a plan that saves costs." in body


def test_an_id_that_repeats_gets_a_letter_for_each_customer(session: Any, answered: Answered) -> None:
    rows = session.sql(f"SELECT CUSTOMER_NAME, BODY FROM {answered.run.into} WHERE TICKET_ID = 'TR1567'").collect()
    assert len({row["CUSTOMER_NAME"] for row in rows}) == 2
    assert all(row["CUSTOMER_NAME"] in row["BODY"] for row in rows)


def test_customers_of_one_name_and_the_same_words_get_a_letter_each(
    session: Any, labels: TableRun, writer: ResponseGenerator
) -> None:
    alike = "SELECT * FROM TICKETS WHERE TICKET_ID IN ('TR3836', 'TR9791')"
    rows = session.sql(alike).collect()
    assert len({(row["CUSTOMER_NAME"], row["REQUEST"], row["CONTACT_PREFERENCE"]) for row in rows}) == 1
    run = writer.reply_table(TicketSource(query=alike), labels=labels, into="REPLIES")
    assert (run.n_tickets, run.n_texts_asked) == (2, 2)
    keys = {reply.key for reply in writer.replies(TicketSource(query=alike), labels=labels, into="REPLIES")}
    assert len(keys) == 2
    stored = session.sql("SELECT TEXT_HASH, INPUT_TOKENS FROM REPLIES").collect()
    assert {row["TEXT_HASH"] for row in stored} == keys
    assert all(row["INPUT_TOKENS"] > 0 for row in stored)


def test_every_part_of_whom_a_reply_is_for_is_in_its_key(session: Any) -> None:
    session.sql(
        "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR, CUSTOMER_EMAIL VARCHAR, "
        "CONTACT_PREFERENCE VARCHAR)"
    ).collect()
    session.sql(
        "INSERT INTO T VALUES ('1', 'I lost my phone.', 'Ann', 'a@b.com', 'Email'), "
        "('2', 'I lost my phone.', 'Ann', 'a@b.com', 'Email'), ('1', 'I lost my phone.', 'Ann', 'c@b.com', 'Email'), "
        "('1', 'I lost my phone.', 'Bo', 'a@b.com', 'Email'), ('1', 'I lost my phone', 'Ann', 'a@b.com', 'Email'), "
        "('1', 'I lost my phone.', 'Ann', 'a@b.com', 'Text Message'), ('1', '', 'Ann', 'a@b.com', 'Email'), "
        "('1', '', 'Ann', NULL, 'Email'), ('1', 'I lost my phone.', 'Ann', 'a@b.com', 'email ')"
    ).collect()
    run = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")
    writer = ResponseGenerator(session, model="claude-haiku-4-5")
    replied = writer.reply_table("T", labels=run, into="R")
    # The last row is the first one again: it says the same of the channel in other words.
    assert (replied.n_rows, replied.n_tickets, replied.n_texts_asked) == (9, 8, 6)
    assert replied.n_by_outcome == {"valid": 6, "blank": 2}
    assert writer.estimate("T", labels=run).n_texts == 6
    replies = writer.replies("T", labels=run, into="R")
    assert len({reply.key for reply in replies}) == 8


def test_a_reader_picks_the_ticket_of_a_reply_among_five_of_the_same_label(session: Any, answered: Answered) -> None:
    tickets = {
        (row["TICKET_ID"], row["CUSTOMER_NAME"], row["CUSTOMER_EMAIL"]): row["REQUEST"]
        for row in session.sql("SELECT * FROM TO_BE_ANSWERED.TICKETS").collect()
    }
    replies = answered.replies
    own = {reply.key: tickets[reply.ticket_id, reply.customer_name, reply.customer_email] for reply in replies}
    by_label: dict[str | None, set[str]] = {}
    for reply in replies:
        by_label.setdefault(reply.label, set()).add(own[reply.key])
    reader = Reader(set(tickets.values()))
    draw = random.Random(20261125)
    n_right = 0
    for _ in range(100):
        reply = draw.choice(replies)
        ticket = own[reply.key]
        shown = [ticket, *draw.sample(sorted(by_label[reply.label] - {ticket}), 4)]
        draw.shuffle(shown)
        n_right += reader.picked(f"{reply.subject or ''}\n{reply.body}", shown) == ticket
    assert n_right >= 80


class Reader:
    """Picks the ticket that shares most words with a reply, rare words before frequent ones; sees nothing else."""

    def __init__(self, tickets: set[str]) -> None:
        self._n_tickets = len(tickets)
        self._n_with = Counter(word for ticket in tickets for word in self._words(ticket))

    @staticmethod
    def _words(text: str) -> set[str]:
        return set(re.findall(r"\w+", text.lower()))

    def _weight(self, words: set[str]) -> float:
        return sum(math.log(1 + self._n_tickets / (1 + self._n_with[word])) for word in words)

    def picked(self, letter: str, tickets: list[str]) -> str:
        """Return the ticket; a long one shares more words with anything, so its length is made up for."""
        read = self._words(letter)

        def likeness(ticket: str) -> float:
            words = self._words(ticket)
            return self._weight(words & read) / math.sqrt(self._weight(words))

        return max(tickets, key=likeness)


def test_a_second_run_asks_nothing_and_another_playbook_asks_anew(
    session: Any, labels: TableRun, writer: ResponseGenerator
) -> None:
    writer.reply_table("TICKETS", labels=labels, into="REPLIES")
    again = writer.reply_table("TICKETS", labels=labels, into="REPLIES")
    assert (again.state, again.n_texts_asked) == (RunState.COMPLETE, 0)
    assert writer.estimate("TICKETS", labels=labels, into="REPLIES").n_texts == 0
    other = ResponseGenerator(session, model="claude-haiku-4-5")
    assert other.replies("TICKETS", labels=labels, into="REPLIES") == []
    assert other.reply_table("TICKETS", labels=labels, into="REPLIES").n_texts_asked > 0
    assert len(writer.replies("TICKETS", labels=labels, into="REPLIES")) == 151


def test_a_budget_stops_and_a_run_resumes(labels: TableRun, writer: ResponseGenerator) -> None:
    run = writer.reply_table("TICKETS", labels=labels, into="REPLIES", budget=Budget(ai_credits=0.02), chunk_rows=10)
    assert run.state is RunState.INCOMPLETE
    n_written = len(writer.replies("TICKETS", labels=labels, into="REPLIES"))
    assert 0 < n_written < 151
    further = run.resume()
    assert len(writer.replies("TICKETS", labels=labels, into="REPLIES")) > n_written
    assert further.state is RunState.INCOMPLETE
    done = writer.reply_table("TICKETS", labels=labels, into="REPLIES")
    assert done.n_by_outcome == {"valid": 151}


def test_nothing_is_lost_without_a_usable_label_a_text_or_a_known_preference(session: Any) -> None:
    session.sql(
        "CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR, CONTACT_PREFERENCE VARCHAR)"
    ).collect()
    session.sql(
        "INSERT INTO T VALUES ('1', 'zzz qqq', 'Ann', 'Email'), ('2', '  ', 'Bo', 'Email'), "
        "('3', 'I was charged $90 for roaming.', 'Cy', 'Pigeon'), ('4', 'I was charged $90 for roaming.', NULL, NULL)"
    ).collect()
    run = TicketClassifier(session, labels=LABELS, model="llama3.1-8b").classify_table("T", into="L")
    session.sql("UPDATE L SET OUTCOME = 'off_label', LABEL = NULL WHERE TICKET_ID = '1'").collect()
    writer = ResponseGenerator(session, model="claude-haiku-4-5")
    assert writer.reply_table("T", labels=run, into="R").n_by_outcome == {"valid": 3, "blank": 1}
    replies = {reply.ticket_id: reply for reply in writer.replies("T", labels=run, into="R")}
    assert replies["2"].outcome is Outcome.BLANK
    checks = {id_: {finding.check for finding in reply.findings} for id_, reply in replies.items()}
    assert checks == {"1": {"usable_label"}, "2": {"answered"}, "3": {"known_preference"}, "4": set()}
    assert replies["1"].label is None
    assert "specialist" in (replies["1"].body or "")
    assert replies["2"].body is None
    assert replies["3"].channel is Channel.EMAIL


def test_tickets_that_the_run_did_not_label_are_refused_unless_asked_for(
    session: Any, labels: TableRun, writer: ResponseGenerator
) -> None:
    session.sql("INSERT INTO TICKETS (TICKET_ID, REQUEST) VALUES ('NEW', 'Where is my phone?')").collect()
    with pytest.raises(InvalidInputError, match="1 of 152 tickets"):
        writer.reply_table("TICKETS", labels=labels, into="REPLIES")
    run = writer.reply_table("TICKETS", labels=labels, into="REPLIES", allow_incomplete=True)
    assert run.n_tickets == 152


def test_a_query_with_fewer_columns_is_a_source_too(labels: TableRun, writer: ResponseGenerator) -> None:
    some = TicketSource(query="SELECT TICKET_ID, REQUEST FROM TICKETS WHERE TICKET_ID LIKE 'TR1%'")
    run = writer.reply_table(some, labels=labels, into="REPLIES")
    replies = writer.replies(some, labels=labels, into="REPLIES")
    assert len(replies) == run.n_tickets > 0
    assert {reply.customer_name for reply in replies} == {None}
    named = some.model_copy(update={"customer_name": "WHO"})
    with pytest.raises(InvalidInputError, match="no column WHO"):
        writer.reply_table(TicketSource(query=named.query, customer_name="WHO"), labels=labels, into="REPLIES")


def test_a_ledger_that_is_not_there_is_told(labels: TableRun, writer: ResponseGenerator) -> None:
    with pytest.raises(InvalidInputError, match="does not exist"):
        writer.replies("TICKETS", labels=labels, into="NO_REPLIES")
    with pytest.raises(InvalidInputError, match="does not exist any more"):
        writer.estimate("TICKETS", labels=labels.model_copy(update={"into": "GONE"}))


def test_one_reply_and_many_are_the_same_as_the_table(
    labels: TableRun, answered: Answered, writer: ResponseGenerator, session: Any
) -> None:
    stored = writer.replies("TICKETS", labels=labels, into=answered.run.into, limit=20)
    texts = {
        (row["TICKET_ID"], row["CUSTOMER_NAME"]): row["REQUEST"]
        for row in session.sql("SELECT * FROM TICKETS").collect()
    }
    tickets = [
        Ticket(
            id=reply.ticket_id,
            text=texts[reply.ticket_id, reply.customer_name],
            customer_name=reply.customer_name,
            customer_email=reply.customer_email,
            contact_preference="Text Message" if reply.channel is Channel.TEXT_MESSAGE else "Email",
        )
        for reply in stored
    ]
    direct = writer.reply_many(tickets, labels=[reply.label for reply in stored])
    assert [reply.body for reply in direct] == [reply.body for reply in stored]
    assert [(reply.status, reply.findings, reply.n_tries) for reply in direct] == [
        (reply.status, reply.findings, reply.n_tries) for reply in stored
    ]
    assert [reply.key for reply in direct] == [reply.key for reply in stored]


def test_a_playbook_that_makes_a_bad_reply_leads_to_a_second_try_and_a_review(session: Any) -> None:
    playbook = Playbook(
        entries=(),
        generic=PlaybookEntry(label="Other", goal="Help the customer.", facts=("Wait [insert time]",)),
        tone="Calm.",
        signature="Support",
    )
    writer = ResponseGenerator(session, model="claude-haiku-4-5", playbook=playbook)
    ticket = Ticket(id="1", text="My phone broke. Please help.", customer_name="Ann", contact_preference="Email")
    reply = writer.reply(ticket, label="Other")
    assert (reply.n_tries == 2) or not reply.findings
    assert (reply.status is ReplyStatus.DRAFT) is (not reply.findings)


def test_what_cortex_guard_keeps_back_is_refused_and_final(session: Any) -> None:
    session.sql("CREATE TABLE T (TICKET_ID VARCHAR, REQUEST VARCHAR, CUSTOMER_NAME VARCHAR)").collect()
    session.sql(
        "INSERT INTO T VALUES ('1', 'I will kill whoever slowed my data down in Rome.', 'Ann'), "
        "('2', 'My data is slow in Rome since Monday.', 'Bo')"
    ).collect()
    run = TicketClassifier(session, labels=LABELS, model="claude-sonnet-4-6").classify_table("T", into="L")
    writer = ResponseGenerator(session, model="claude-haiku-4-5", guardrails=True)
    estimate = writer.estimate("T", labels=run, into="R")
    replied = writer.reply_table("T", labels=run, into="R", budget=Budget(ai_credits=1))
    assert (replied.n_by_outcome, replied.n_by_status) == ({"refused": 1, "valid": 1}, {"draft": 1, "needs_review": 1})
    refused = writer.replies("T", labels=run, into="R")[0]
    assert (refused.ticket_id, refused.outcome, refused.body) == ("1", Outcome.REFUSED, None)
    assert refused.answer is not None
    assert "Response filtered by Cortex Guard" in refused.answer
    assert (replied.input_tokens or 0) <= estimate.input_tokens
    assert writer.reply_table("T", labels=run, into="R").n_texts_asked == 0
    ticket = Ticket(id="1", text="I will kill whoever slowed my data down in Rome.", customer_name="Ann")
    assert writer.reply(ticket, label="Slow data speed").outcome is Outcome.REFUSED
    bold = ResponseGenerator(session, model="claude-haiku-4-5")
    assert bold.reply(ticket, label="Slow data speed").outcome is Outcome.VALID


ANSWERS = [
    ('{"subject": "S", "body": "B"}', "valid", "S", "B"),
    ("Response filtered by Cortex Guard", "refused", None, None),
    ('{"subject": "", "body": "Response filtered by Cortex Guard."}', "refused", None, None),
    ('{"body": "B"}', "valid", None, "B"),
    ('Here you are:\n```json\n{"subject": " S ", "body": "B\\n{x}"}\n```', "repaired", "S", "B\n{x}"),
    ("Subject: My phone\n\nDear Ann,\nHi.", "repaired", "My phone", "Dear Ann,\nHi."),
    (" Dear Ann, hi. ", "repaired", None, "Dear Ann, hi."),
    ("subject: only", "repaired", None, "subject: only"),
    ('"a JSON text"', "error", None, None),
    ('{"text": "B"}', "error", None, None),
    ('{"body": " "}', "error", None, None),
    ('\n {"body": "cut of', "error", None, None),
    ("", "error", None, None),
    (None, "error", None, None),
]


def test_answers_are_read_whatever_form_a_model_gives_them(session: Any) -> None:
    relation = (
        "(SELECT F.INDEX AS POSITION, F.VALUE[0]::VARCHAR AS ANSWER, NULL::VARCHAR AS ERROR, 1 AS INPUT_TOKENS, "
        "1 AS OUTPUT_TOKENS FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
    )
    query = Replying("m", ReplyPrompt(playbook=Playbook.default())).read(relation, ("POSITION",))
    binds = json.dumps([[answer] for answer, *_ in ANSWERS])
    rows = CortexClient(session).rows(Statement(f"{query} ORDER BY POSITION", (binds,)))
    assert [(row["ANSWER"], row["OUTCOME"], row["SUBJECT"], row["BODY"]) for row in rows] == ANSWERS
    assert all((row["ERROR"] is None) is (row["OUTCOME"] != "error") for row in rows)
    assert [row["REPAIR"] for row in rows].count("loose_text") == 4
