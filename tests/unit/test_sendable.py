"""NUL and halves of surrogate pairs: replaced where they are told, refused where they would be another question."""

import json
from typing import Any

import pytest

from cortex_tickets import (
    ClassificationPrompt,
    InvalidInputError,
    Label,
    LabelSet,
    Playbook,
    PlaybookEntry,
    ResponseGenerator,
    Ticket,
    TicketClassifier,
    TicketSource,
    TrainingQueries,
)
from cortex_tickets.testing import FakeSession

BAD = "a\x00b\ud800c"
GOOD = "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"


def test_what_is_told_is_cleaned_and_can_be_hashed_and_stored() -> None:
    labels = LabelSet(labels=(Label(name="A", description=BAD, examples=(BAD,)), Label(name="B")))
    assert (labels.labels[0].description, labels.labels[0].examples) == (GOOD, (GOOD,))
    prompt = ClassificationPrompt.rich(labels, instructions=BAD)
    assert prompt.instructions == GOOD
    classifier = TicketClassifier(FakeSession(), labels=labels, model="claude-sonnet-4-6", prompt=prompt)
    assert len(classifier.classifier_hash) == 64
    entry = PlaybookEntry(label=BAD, goal=BAD, facts=(BAD,), tone=BAD, signature=BAD)
    playbook = Playbook(entries=(entry,), generic=entry, tone=BAD, signature=BAD)
    writer = ResponseGenerator(FakeSession(), model="claude-haiku-4-5", playbook=playbook, campaign=BAD)
    assert len(writer.generator_hash) == 64
    assert writer.prompt.campaign == GOOD
    assert playbook.entry_for(GOOD).facts == (GOOD,)


def test_a_ticket_is_cleaned_in_every_field_so_that_it_can_be_sent_as_json() -> None:
    fields: dict[str, Any] = dict.fromkeys(("id", "text", "customer_name", "customer_email", "service_type"), BAD)
    ticket = Ticket(**fields, contact_preference=BAD)
    assert set(ticket.model_dump(exclude={"created_at"}).values()) == {GOOD}
    assert json.loads(ticket.model_dump_json())["text"] == GOOD


@pytest.mark.parametrize("model", [BAD, "a\nb", "\u202ea", ""])
def test_a_model_that_cannot_be_written_is_refused(model: str) -> None:
    with pytest.raises(InvalidInputError, match="model="):
        TicketClassifier(FakeSession(), labels=["A", "B"], model=model)
    with pytest.raises(InvalidInputError, match="model="):
        ResponseGenerator(FakeSession(), model=model)


@pytest.mark.parametrize("bad", ["\x00", "\ud800"])
def test_a_query_or_a_name_with_such_a_character_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInputError, match="half of a surrogate pair"):
        TicketSource(query=f"SELECT '{bad}' AS TICKET_ID, 'x' AS REQUEST")
    with pytest.raises(InvalidInputError, match="half of a surrogate pair"):
        TrainingQueries(training_query=f"SELECT '{bad}'", validation_query="SELECT 1")
    with pytest.raises(InvalidInputError, match="is not a table name"):
        TicketSource(table=f'"{bad}"')
    with pytest.raises(InvalidInputError, match="is not a column name"):
        TicketSource(table="T", text=f'"{bad}"')


def test_a_wrong_type_is_still_told_as_one() -> None:
    wrong: Any = 7
    with pytest.raises(InvalidInputError, match="description"):
        Label(name="A", description=wrong)
    with pytest.raises(InvalidInputError, match="text"):
        Ticket(id="1", text=wrong)


def test_a_name_of_too_many_characters_is_refused_and_shown_in_part() -> None:
    with pytest.raises(InvalidInputError, match="at most 255 characters") as raised:
        TicketSource(table="T", text='"' + "x" * 256 + '"')
    assert len(str(raised.value)) < 600
