"""Labelling one ticket and many: what is sent, what comes back, and every way in which it fails."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, Ticket, TicketClassifier
from cortex_tickets._cortex import text_blocks
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error

LABELS = ["Roaming fees", "Lost phone"]
UNKNOWN = snowflake_error(
    "Request failed for external function COMPLETE with remote service error: '400 'unknown model \"gone\"''", 100351
)
AnswerAll = Callable[..., FakeSession]


def answered(label: str | None = "Lost phone", **changes: Any) -> dict[str, Any]:
    row = {
        "LABEL": label,
        "OUTCOME": "valid",
        "ANSWER": f'{{"label": "{label}"}}',
        "ERROR": None,
        "REPAIR": None,
        "INPUT_TOKENS": 100,
        "OUTPUT_TOKENS": 5,
    }
    return {**row, **changes}


def by_text(text: str) -> Mapping[str, Any]:
    return answered("Roaming fees" if "roaming" in text else "Lost phone", ANSWER=text)


def classifier(session: FakeSession, **options: Any) -> TicketClassifier:
    return TicketClassifier(
        session, **{"labels": LABELS, "model": "claude-sonnet-4-6", "clock": FakeClock(), **options}
    )


def test_making_one_and_reading_its_properties_sends_nothing() -> None:
    session = FakeSession()
    made = classifier(session)
    assert (made.model, made.labels.names, made.session) == ("claude-sonnet-4-6", tuple(LABELS), session)
    assert made.prompt.labels == made.labels
    assert len(made.classifier_hash) == 64
    assert made.price == ModelPrice(input=1.65, output=8.25)
    assert not made.is_tuned
    assert made.to_sql("T").startswith("SELECT TICKET_ID")
    made.to_dataframe("T")
    assert session.sent == []


def test_every_problem_of_the_constructor_is_told_at_once() -> None:
    with pytest.raises(InvalidInputError) as raised:
        TicketClassifier(FakeSession(), labels=["A", " ", "a"], model=" ")
    assert len(raised.value.problems) == 3
    said = str(raised.value)
    assert "a label is blank" in said
    assert "equals 'A' but for case" in said
    assert "AI_COMPLETE needs model=" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"model": None}, "AI_COMPLETE needs model="),
        ({"function": "AI_CLASSIFY"}, "AI_CLASSIFY takes no model="),
        ({"function": "COMPLETE"}, "neither 'AI_COMPLETE' nor 'AI_CLASSIFY'"),
        ({"labels": ["only one"]}, "at least two labels"),
        ({"labels": "Lost phone"}, "not the text 'Lost phone'"),
        ({"labels": ["Lost phone", 5]}, "a name or a Label, not int"),
        ({"prompt": ClassificationPrompt.rich(["A", "B"])}, "made for other labels"),
    ],
)
def test_a_bad_setting_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        classifier(FakeSession(), **options)


def test_one_ticket_is_one_statement_with_its_text_bound(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    prediction = classifier(session).classify(Ticket(id="TR1", text="roaming cost me '90"))
    assert (prediction.ticket_id, prediction.label, prediction.outcome) == ("TR1", "Roaming fees", Outcome.VALID)
    assert (prediction.input_tokens, prediction.output_tokens) == (100, 5)
    assert prediction.answered_by == "claude-sonnet-4-6"
    (sent,) = session.sent
    assert sent.values == ("roaming cost me '90",)
    assert "roaming cost" not in sent.text


def test_a_text_that_no_statement_can_carry_is_cleaned_first(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    classifier(session).classify("nul \x00, half a pair \ud83d")
    assert session.sent[0].values == ("nul \N{REPLACEMENT CHARACTER}, half a pair \N{REPLACEMENT CHARACTER}",)


@pytest.mark.parametrize("text", ["", " ", "\t\r\n "])
def test_a_blank_text_is_an_outcome_and_is_not_sent(text: str) -> None:
    session = FakeSession()
    prediction = classifier(session).classify(Ticket(id="1", text=text))
    assert (prediction.outcome, prediction.label, prediction.ticket_id) == (Outcome.BLANK, None, "1")
    assert prediction.answered_by is None
    assert session.sent == []


@pytest.mark.parametrize(
    "text", ["", " \n", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}\t\N{ZERO WIDTH NO-BREAK SPACE}"]
)
def test_a_text_with_nothing_to_see_is_blank_and_is_not_sent(answer_all: AnswerAll, text: str) -> None:
    session = answer_all(by_text)
    assert classifier(session).classify(text).outcome is Outcome.BLANK
    assert session.sent == []


def test_what_can_be_read_only_once_is_refused(answer_all: AnswerAll) -> None:
    with pytest.raises(InvalidInputError, match="not a generator"):
        classifier(answer_all(by_text)).classify_many(text for text in ["lost"])  # type: ignore[arg-type]  # a mistake


def test_many_keep_order_and_length_and_each_text_is_asked_once(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    found = classifier(session).classify_many(
        ["lost", "roaming", "", "lost", Ticket(id="2", text="roaming"), Ticket(id="3", text=" ")]
    )
    assert [one.label for one in found] == ["Lost phone", "Roaming fees", None, "Lost phone", "Roaming fees", None]
    assert [one.ticket_id for one in found] == [None, None, None, None, "2", "3"]
    assert [one.input_tokens for one in found] == [100, 100, None, None, None, None]
    assert session.sent[0].values == ('["lost", "roaming"]',)
    assert classifier(session).classify_many([]) == []
    assert len(session.sent) == 1


def test_blocks_are_bounded_by_count(answer_all: AnswerAll, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_TEXTS", 3)
    session = answer_all(by_text)
    found = classifier(session).classify_many([f"text {n}" for n in range(7)])
    assert [one.answer for one in found] == [f"text {n}" for n in range(7)]
    assert [len(sent.values[0]) for sent in session.sent] == [30, 30, 6]  # three, three, and one by itself


def test_blocks_are_bounded_by_characters_and_a_longer_text_stands_alone(
    answer_all: AnswerAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_blocks, "BLOCK_CHARACTERS", 10)
    session = answer_all(by_text)
    texts = ["aaaa", "bbbb", "c" * 50, "dddd"]
    assert [one.answer for one in classifier(session).classify_many(texts)] == texts
    assert [sent.values[0] for sent in session.sent] == ['["aaaa", "bbbb"]', "c" * 50, "dddd"]


def test_what_is_no_text_is_told_for_every_place(answer_all: AnswerAll) -> None:
    session = answer_all(by_text)
    wrong: Any = ["a text", 5, None]
    with pytest.raises(InvalidInputError) as raised:
        classifier(session).classify_many(wrong)
    assert raised.value.problems == (
        "tickets[1] is a int, not a text or a Ticket.",
        "tickets[2] is a NoneType, not a text or a Ticket.",
    )
    with pytest.raises(InvalidInputError, match="not one text"):
        classifier(session).classify_many("one text")
    assert session.sent == []


def test_all_that_can_change_an_answer_changes_the_hash() -> None:
    described = LabelSet(labels=(Label(name="Roaming fees", description="abroad"), Label(name="Lost phone")))
    shown = LabelSet(labels=(Label(name="Roaming fees", examples=("In Japan",)), Label(name="Lost phone")))
    abstaining = LabelSet(labels=tuple(Label(name=name) for name in LABELS), abstain="Lost phone")
    session = FakeSession()
    assert classifier(session, labels=list(described.labels)).labels == described
    made = [
        classifier(session),
        classifier(session, model="llama3.1-8b"),
        classifier(session, labels=LABELS[::-1]),
        classifier(session, labels=described),
        classifier(session, labels=shown),
        classifier(session, labels=abstaining),
        classifier(session, prompt=ClassificationPrompt.short(LABELS)),
        classifier(session, prompt=ClassificationPrompt.rich(LABELS, instructions="Choose.")),
        classifier(session, model=None, function="AI_CLASSIFY"),
    ]
    assert len({one.classifier_hash for one in made}) == len(made)
    assert classifier(session).classifier_hash == made[0].classifier_hash


def test_a_source_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="cannot be read from a list"):
        classifier(FakeSession()).to_sql(["a text"])
