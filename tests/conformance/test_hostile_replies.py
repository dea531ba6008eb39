"""Replies to tickets that somebody means harm with: each to its own customer, and nothing else is touched."""

import hashlib

import pytest

from cortex_tickets import (
    Playbook,
    PlaybookEntry,
    Reply,
    ResponseGenerator,
    TableRun,
    Ticket,
    TicketClassifier,
    TicketSource,
)
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.prompts.reply_prompt import channel_of
from cortex_tickets.records.prediction import Outcome
from hostile.pack import ENTRIES, LABELS, MARK, MARKED, TEXTS, first_of_each_family, of, short
from hostile.warehouse import PREFERENCES, HostileWarehouse

MODEL = "claude-haiku-4-5"
LONG = {entry.id for entry in of("long")[2:]}
"""All long texts but two: letters to them take the stand-in its time."""
PLACES = [place for place, entry in enumerate(ENTRIES) if entry.id not in LONG]


def ticket(place: int) -> Ticket:
    said = short(MARKED[place])
    return Ticket(
        id=f"{said} {place}",
        text=MARKED[place],
        customer_name=said,
        customer_email=said,
        service_type=said,
        contact_preference=said if place % 3 == 2 else PREFERENCES[place % 3],
    )


def label(place: int) -> str | None:
    return (LABELS[0], None, short(MARKED[place]))[place % 3]


def sorted_out(reply: Reply, asked: Ticket) -> None:
    """Check that a reply is its own ticket's: a letter, or the reason why there is none."""
    assert (reply.ticket_id, reply.customer_name, reply.customer_email) == (
        asked.id,
        asked.customer_name,
        asked.customer_email,
    )
    assert reply.ticket_text_hash == hashlib.sha256(asked.text.encode()).hexdigest()
    assert reply.channel is channel_of(asked.contact_preference)
    if reply.outcome in (Outcome.VALID, Outcome.REPAIRED):
        assert reply.body
    else:
        assert reply.body is None
        assert is_blank(asked.text) if reply.outcome is Outcome.BLANK else "max tokens of" in str(reply.error)
    # Whose mark stands in it, his letter it is.
    number = asked.text.partition(MARK)[2].split(" ")[0]
    others = (reply.body or "").replace(f"{MARK}{number}", "")
    assert MARK not in others
    assert Reply.model_validate_json(reply.model_dump_json()) == reply


def test_many(hostile: HostileWarehouse) -> None:
    tickets = [ticket(place) for place in PLACES]
    writer = ResponseGenerator(hostile.session, model=MODEL)
    with hostile.only():
        replies = writer.reply_many(tickets, labels=[label(place) for place in PLACES])
    for reply, asked in zip(replies, tickets, strict=True):
        sorted_out(reply, asked)
    assert sum(reply.body is not None for reply in replies) > len(replies) - 20


def test_one(hostile: HostileWarehouse) -> None:
    writer = ResponseGenerator(hostile.session, model=MODEL)
    with hostile.only():
        for place in first_of_each_family()[::2]:
            sorted_out(writer.reply(ticket(place), label=label(place)), ticket(place))


@pytest.fixture(scope="session")
def labels(hostile: HostileWarehouse) -> TableRun:
    few = "LENGTH(REQUEST) < 1000 AND MOD(LENGTH(REQUEST), 2) = 0"
    hostile.plain.sql(f"CREATE TABLE FEW AS SELECT * FROM HOSTILE WHERE {few}").collect()
    return TicketClassifier(hostile.session, labels=LABELS, model=MODEL).classify_table("FEW", into="L_FEW")


def test_a_table(hostile: HostileWarehouse, labels: TableRun) -> None:
    writer = ResponseGenerator(hostile.session, model=MODEL)
    with hostile.only("R", "R_RUNS", "R_LEASES"):
        run = writer.reply_table("FEW", labels=labels, into="R")
    assert run.is_complete
    assert set(run.n_by_outcome) == {"valid", "blank"}
    with hostile.only():
        replies = writer.replies("FEW", labels=labels, into="R")
    rows = hostile.values("SELECT TICKET_ID, REQUEST, CUSTOMER_NAME, CUSTOMER_EMAIL, CONTACT_PREFERENCE FROM FEW")
    tickets = {
        row[0]: Ticket(id=row[0], text=row[1], customer_name=row[2], customer_email=row[3], contact_preference=row[4])
        for row in rows
    }
    assert len(replies) == len(tickets)
    for reply in replies:
        sorted_out(reply, tickets[reply.ticket_id])
    again = writer.reply_table("FEW", labels=labels, into="R")
    assert again.n_texts_asked == 0


def test_a_playbook_and_a_campaign_may_hold_anything(hostile: HostileWarehouse, labels: TableRun) -> None:
    said = [text for text in TEXTS if len(text) < 1000]
    visible = [text for text in said if clean(text).strip()]
    entries = tuple(
        PlaybookEntry(
            label=name, goal=visible[place], facts=tuple(said[place::50]), may_offer=True, tone=visible[-place]
        )
        for place, name in enumerate(dict.fromkeys([*LABELS, *map(clean, visible[::20])]))
    )
    playbook = Playbook(
        entries=entries,
        generic=PlaybookEntry(label=visible[7], goal=visible[8]),
        tone=visible[9],
        signature=visible[10],
    )
    writer = ResponseGenerator(hostile.session, model=MODEL, playbook=playbook, campaign="\n".join(visible[:40]))
    places = first_of_each_family()[:12]
    with hostile.only("R_SAID", "R_SAID_RUNS", "R_SAID_LEASES"):
        replies = writer.reply_many([ticket(place) for place in places], labels=[visible[20], *map(label, places[1:])])
        run = writer.reply_table(
            TicketSource(query="SELECT * FROM FEW WHERE LENGTH(REQUEST) < 20"), labels=labels, into="R_SAID"
        )
    for reply, place in zip(replies, places, strict=True):
        sorted_out(reply, ticket(place))
    assert run.is_complete
    assert set(run.n_by_outcome) == {"valid", "blank"}


def test_no_text_id_name_or_address_stands_in_a_statement(hostile: HostileWarehouse) -> None:
    n_sent = len(hostile.session.texts)
    writer = ResponseGenerator(hostile.session, model=MODEL)
    writer.reply(ticket(0), label=label(2))
    sent = "\n".join(hostile.session.texts[n_sent:])
    assert "AI_COMPLETE" in sent
    assert MARK not in sent
