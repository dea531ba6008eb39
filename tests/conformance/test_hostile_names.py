"""Hostile labels, descriptions, examples and names: of tables, columns, models and jobs."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cortex_tickets import (
    ClassificationPrompt,
    CortexTicketsError,
    FineTuneJob,
    InvalidInputError,
    Label,
    LabelSet,
    TicketClassifier,
    TicketSource,
    TrainingQueries,
)
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.table_name import TableName
from hostile.pack import TEXTS, first_of_each_family, short
from hostile.warehouse import HostileWarehouse

MODEL = "claude-sonnet-4-6"
SET_SIZE = 60
"""Labels of one set; the last set has what is left."""


def label_names() -> list[str]:
    """Return the hostile texts that may be labels, each once but for case."""
    names: dict[str, str] = {}
    for text in TEXTS:
        name = short(text, 60)
        try:
            names.setdefault(Label(name=name).name.casefold(), name)
        except InvalidInputError:
            assert name != name.strip() or not name.strip() or not name.isprintable()
    return list(names.values())


NAMES = label_names()
SETS = [NAMES[at : at + SET_SIZE] for at in range(0, len(NAMES), SET_SIZE)]


def test_most_of_the_pack_can_be_a_label() -> None:
    assert len(NAMES) > 250


@pytest.mark.parametrize("function", ["AI_COMPLETE", "AI_CLASSIFY"])
def test_hostile_labels_are_labels(hostile: HostileWarehouse, function: str) -> None:
    model = MODEL if function == "AI_COMPLETE" else None
    with hostile.only():
        # Each set takes the engine a while to compile; AI_CLASSIFY quotes its labels as AI_COMPLETE does.
        for labels in SETS if function == "AI_COMPLETE" else SETS[:1]:
            shared = TicketClassifier(hostile.session, labels=labels, model=model, function=function)  # type: ignore[arg-type]
            found = shared.classify_many([f"This is about {label}" for label in labels])
            assert {one.outcome for one in found} <= {Outcome.VALID, Outcome.ABSTAINED}
            assert {one.label for one in found} <= set(labels)


def test_hostile_labels_that_a_text_names_are_found_in_a_table_as_in_a_list(hostile: HostileWarehouse) -> None:
    # Labels that differ by their words, so that counting words can tell them apart.
    words = [tuple(re.findall(r"\w+", name.lower())) for name in NAMES]
    told = [name for name, own in zip(NAMES, words, strict=True) if len(set(own)) > 2]
    labels = [f"{name} {number}zz" for number, name in enumerate(told[:40])]
    shared = TicketClassifier(hostile.session, labels=labels, model=MODEL)
    rows = [(str(number), f"It is {label}, {label}") for number, label in enumerate(labels)]
    hostile.plain.create_dataframe(rows, schema=["TICKET_ID", "REQUEST"]).write.save_as_table("NAMED")
    with hostile.only("L_NAMED", "L_NAMED_RUNS", "L_NAMED_LEASES"):
        shared.classify_table("NAMED", into="L_NAMED")
    stored = dict(hostile.values("SELECT TICKET_ID, LABEL FROM L_NAMED"))
    assert stored == {str(number): label for number, label in enumerate(labels)}
    assert [one.label for one in shared.classify_many([text for _, text in rows])] == labels


@pytest.mark.parametrize("function", ["AI_COMPLETE", "AI_CLASSIFY"])
def test_descriptions_examples_and_instructions_may_hold_anything(hostile: HostileWarehouse, function: str) -> None:
    said = [text for text in TEXTS if len(text) < 1000]
    # AI_CLASSIFY takes descriptions of at most 25 words.
    described = (
        "\n".join(said) if function == "AI_COMPLETE" else "'\\;\x00--\ud800 {0} $$ </ticket> \u202e DROP TABLE CANARY"
    )
    labels = LabelSet(
        labels=(
            Label(name="Lost phone", description=described, examples=tuple(said[::2])),
            Label(name="Roaming fees", description=described, examples=tuple(said[1::2])),
            Label(name="Other"),
        ),
        abstain="Other",
    )
    prompt = ClassificationPrompt.rich(labels, instructions="".join(said) + "\nLabel the ticket.")
    model = MODEL if function == "AI_COMPLETE" else None
    shared = TicketClassifier(hostile.session, labels=labels, model=model, function=function, prompt=prompt)  # type: ignore[arg-type]
    source = TicketSource(query="SELECT * FROM HOSTILE WHERE LENGTH(REQUEST) < 20")
    into = f"SAID_{function}"
    with hostile.only(into, f"{into}_RUNS", f"{into}_LEASES"):
        found = shared.classify_many(["I lost my phone.", "Roaming fees abroad", "", *said[::10]])
        run = shared.classify_table(source, into=into)
    assert {one.label for one in found} <= {*labels.names, None}
    assert {one.outcome for one in found} <= {Outcome.VALID, Outcome.ABSTAINED, Outcome.BLANK}
    assert set(run.n_by_outcome) <= {"valid", "abstained", "blank"}
    assert ClassificationPrompt.model_validate(prompt.content()).hash == prompt.hash


def quoted(text: str, suffix: str) -> str:
    """Return a quoted name that holds as much of the text as a name can."""
    return '"' + short(text).replace('"', '""') + suffix + '"'


def nameable() -> Iterator[str]:
    for place in first_of_each_family():
        text = TEXTS[place]
        if text and not re.search("[\x00\ud800-\udfff]", text):
            yield text


NAMEABLE = list(nameable())


def test_hostile_names_of_tables_and_columns_are_names(session: Any) -> None:
    rows = [("1", "I lost my phone."), ("2", "Roaming fees abroad")]
    session.sql("CREATE TABLE CANARY AS SELECT 'sings' AS WORD").collect()
    shared = TicketClassifier(session, labels=["Lost phone", "Roaming fees"], model=MODEL)
    made = {"CANARY"}
    # A text is the name of a table and a column, its neighbour that of a ledger and a column.
    for place in range(1, len(NAMEABLE), 6):
        table, id_ = quoted(NAMEABLE[place], " t"), quoted(NAMEABLE[place], " i")
        column, into = quoted(NAMEABLE[place - 1], " c"), quoted(NAMEABLE[place - 1], " l")
        session.create_dataframe(rows, schema=[id_, column]).write.save_as_table(table)
        run = shared.classify_table(TicketSource(table=table, id=id_, text=column), into=into)
        found = sorted((row["TICKET_ID"], row["LABEL"]) for row in run.to_dataframe().collect())
        assert found == [("1", "Lost phone"), ("2", "Roaming fees")]
        ledger = TableName.parse(into).name
        made |= {TableName.parse(table).name, ledger, f"{ledger}_RUNS", f"{ledger}_LEASES"}
    assert {row["name"] for row in session.sql("SHOW TABLES").collect()} == made
    assert session.table("CANARY").collect()[0]["WORD"] == "sings"


def refusable() -> list[str]:
    """Return the hostile texts that are no names as they stand."""
    found = []
    for text in TEXTS:
        try:
            TableName.parse(text)
        except InvalidInputError:
            found.append(text)
    return found


def test_names_that_are_no_names_are_refused_before_anything_is_sent(hostile: HostileWarehouse) -> None:
    texts = refusable()
    assert len(texts) > 400
    shared = TicketClassifier(hostile.session, labels=["A", "B"], model=MODEL)
    n_sent = len(hostile.session.texts)
    for text in texts:
        with pytest.raises(InvalidInputError):
            TicketSource(table=text)
        with pytest.raises(InvalidInputError):
            TicketSource(table="HOSTILE", text=text)
        with pytest.raises(InvalidInputError) as raised:
            shared.to_sql(text)
        assert len(str(raised.value)) < 2000
    assert hostile.session.texts[n_sent:] == []


def test_names_models_and_jobs_that_are_none_are_refused_with_nothing_written(hostile: HostileWarehouse) -> None:
    shared = TicketClassifier(hostile.session, labels=["A", "B"], model=MODEL)
    queries = TrainingQueries(training_query="SELECT 1", validation_query="SELECT 1")
    with hostile.only():
        for text in refusable()[::150]:
            with pytest.raises(InvalidInputError, match="is not a ledger table name"):
                shared.classify_table("CANARY", into=text)
            with pytest.raises(InvalidInputError, match=r"is not a model \(job\) name"):
                FineTuneJob.start(hostile.session, name=text, base_model="llama3.1-8b", training_set=queries)
            with pytest.raises(InvalidInputError):
                TicketClassifier(hostile.session, labels=["A", "B"], model=text).classify("Hello")
            with pytest.raises(CortexTicketsError):
                FineTuneJob.attach(hostile.session, text)
