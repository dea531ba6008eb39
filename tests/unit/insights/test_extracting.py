"""Records out of texts: checked by the caller's model, asked for once more where an answer does not fit."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pydantic import BaseModel, Field, field_validator

from cortex_tickets import (
    DefectSummary,
    Extraction,
    InvalidInputError,
    Outcome,
    Ticket,
    TicketInsights,
    UnexpectedAnswerError,
)
from cortex_tickets.testing import FakeSession, snowflake_error

Answering = Callable[..., tuple[FakeSession, list[list[Any]]]]


class Defect(BaseModel):
    product: str = Field(max_length=10)
    parts: list[str] = Field(max_length=2)
    severity: int = Field(ge=1, le=5)


GOOD = {"product": "helmet", "parts": ["buckle"], "severity": 3}
LONG = {**GOOD, "product": "a secret product name", "severity": 9}


def said(value: Any, **changes: Any) -> Mapping[str, Any]:
    text = None if value is None else json.dumps(value)
    return {"ANSWER": text, "VALUE": text, **changes}


def is_second(asked: Any) -> bool:
    """Whether a text is asked about with what was found in the first answer."""
    return isinstance(asked, list)


def test_a_record_comes_with_how_it_came(answering: Answering) -> None:
    session, asked = answering(lambda _: said(GOOD))
    found = TicketInsights(session, model="m").extract(Ticket(id="TR1", text="The buckle broke."), Defect)
    assert found.value == Defect(product="helmet", parts=["buckle"], severity=3)
    assert found.require() is found.value
    assert (found.ticket_id, found.outcome, found.n_tries, found.problems) == ("TR1", Outcome.VALID, 1, ())
    assert (found.answered_by, found.input_tokens, found.answer) == ("m", 100, json.dumps(GOOD))
    assert asked == [["The buckle broke."]]


def test_an_answer_that_does_not_fit_is_asked_for_once_more_with_what_was_wrong(answering: Answering) -> None:
    session, asked = answering(lambda text: said(GOOD if is_second(text) else LONG))
    found = TicketInsights(session).extract("The buckle broke.", Defect)
    assert (found.value, found.outcome, found.repair, found.n_tries) == (
        Defect.model_validate(GOOD), Outcome.REPAIRED, "asked_again", 2
    )  # fmt: skip
    problems = (
        "product: String should have at most 10 characters",
        "severity: Input should be less than or equal to 5",
    )
    assert found.problems == problems
    assert (found.input_tokens, found.output_tokens) == (200, 40)
    assert asked == [["The buckle broke."], [["The buckle broke.", "\n".join(problems)]]]
    assert "FIRST_PROBLEMS" in session.texts()[1]


def test_an_answer_that_does_not_fit_twice_is_off_label_and_not_asked_a_third_time(answering: Answering) -> None:
    session, asked = answering(lambda _: said(LONG))
    found = TicketInsights(session).extract("The buckle broke.", Defect)
    assert (found.value, found.outcome, found.repair, found.n_tries) == (None, Outcome.OFF_LABEL, None, 2)
    assert len(found.problems) == 2
    assert found.answer == json.dumps(LONG)
    assert len(asked) == 2
    with pytest.raises(UnexpectedAnswerError, match=r"off_label.*for 2 reasons") as caught:
        found.require()
    assert caught.value.answer == json.dumps(LONG)
    assert "secret" not in str(caught.value)


def test_only_what_does_not_fit_is_asked_again_and_order_and_length_stay(answering: Answering) -> None:
    session, asked = answering(lambda text: said(GOOD if is_second(text) or text.startswith("fine") else LONG))
    texts = ["fine 1", "long", "", "fine 2", "long"]
    found = TicketInsights(session).extract_many(texts, Defect)
    assert [extraction.n_tries for extraction in found] == [1, 2, 0, 1, 2]
    assert [extraction.outcome.value for extraction in found] == ["valid", "repaired", "blank", "valid", "repaired"]
    assert [extraction.input_tokens for extraction in found] == [100, 200, None, 100, None]
    assert [len(block) for block in asked] == [3, 1]


def test_an_answer_that_is_no_json_is_asked_for_again_and_one_in_a_sentence_is_taken(answering: Answering) -> None:
    plain = {"OUTCOME": "off_label", "VALUE": None, "ANSWER": "I cannot say."}
    session, _ = answering(
        lambda text: said(GOOD, OUTCOME="repaired", REPAIR="loose_text") if is_second(text) else plain
    )
    found = TicketInsights(session).extract("text", Defect)
    assert (found.outcome, found.problems) == (Outcome.REPAIRED, ("the answer is no JSON object, or was cut off",))
    session, _ = answering(lambda _: said(GOOD, OUTCOME="repaired", REPAIR="loose_text"))
    found = TicketInsights(session).extract("text", Defect)
    assert (found.outcome, found.repair, found.n_tries) == (Outcome.REPAIRED, "loose_text", 1)


def test_snowflakes_error_is_the_rows_and_is_not_asked_again(answering: Answering) -> None:
    session, asked = answering(lambda _: said(None, OUTCOME="error", ERROR="what it said"))
    found = TicketInsights(session).extract("text", Defect)
    assert (found.outcome, found.error, found.value, found.n_tries) == (Outcome.ERROR, "what it said", None, 1)
    assert len(asked) == 1
    with pytest.raises(UnexpectedAnswerError, match="what it said"):
        found.require()
    with pytest.raises(UnexpectedAnswerError, match="blank"):
        TicketInsights(session).extract(" ", Defect).require()


def test_an_error_of_the_second_try_keeps_what_was_found_in_the_first(answering: Answering) -> None:
    failed = said(None, OUTCOME="error", ERROR="what it said", INPUT_TOKENS=None)
    session, _ = answering(lambda text: failed if is_second(text) else said(LONG))
    found = TicketInsights(session).extract("text", Defect)
    assert (found.outcome, found.error, len(found.problems), found.n_tries) == (Outcome.ERROR, "what it said", 2, 2)
    assert found.input_tokens is None


def test_a_second_statement_that_fails_loses_nothing_of_the_first(answering: Answering) -> None:
    session, _ = answering(lambda text: said(GOOD if text == "fine" else LONG))
    session.answer("FIRST_PROBLEMS", snowflake_error("Not Authorized", 3001))
    fine, unfit = TicketInsights(session).extract_many(["fine", "long"], Defect)
    assert fine.value is not None
    assert (unfit.outcome, unfit.value, unfit.answer) == (Outcome.ERROR, None, json.dumps(LONG))
    assert "authorized" in (unfit.error or "").lower()
    assert unfit.problems


class Odd(BaseModel):
    """A model whose own checks fail in their own ways."""

    value: int

    @field_validator("value")
    @classmethod
    def _fails(cls, value: int) -> int:
        if value == 1:
            raise ValueError("one is no value")
        if value == 2:
            raise KeyError(value)
        return value


def test_the_callers_own_checks_are_told_in_their_words_and_a_bug_in_them_is_no_crash(answering: Answering) -> None:
    session, _ = answering(lambda text: said({"value": int(text[0] if is_second(text) else text)}))
    first, second, third = TicketInsights(session).extract_many(["1", "2", "3"], Odd)
    assert (first.outcome, first.problems) == (Outcome.OFF_LABEL, ("value: one is no value",))
    assert (second.outcome, second.problems) == (Outcome.OFF_LABEL, ("a check of Odd itself failed with KeyError",))
    assert third.value == Odd(value=3)


def test_a_value_stands_in_no_log_statement_or_problem(answering: Answering, caplog: pytest.LogCaptureFixture) -> None:
    session, _ = answering(lambda _: said(LONG))
    with caplog.at_level(logging.DEBUG):
        found = TicketInsights(session).extract("a secret text", Defect)
    assert "secret" not in caplog.text + " ".join(session.texts()) + " ".join(found.problems)


def test_the_schema_and_the_instructions_are_sent_and_make_the_hash(answering: Answering) -> None:
    session, _ = answering(lambda _: said(GOOD))
    insights = TicketInsights(session, model="m")
    plain = insights.extract("text", Defect)
    told = insights.extract("text", Defect, instructions="Say what's broken.")
    assert "'product': {'type': 'string', 'description': '(at most 10 characters)'}" in session.texts()[0]
    assert "'additionalProperties': FALSE" in session.texts()[0]
    assert "Say what''s broken." in session.texts()[1]
    assert plain.insight_hash != told.insight_hash
    assert plain.insight_hash == insights.extract("other", Defect).insight_hash


@pytest.mark.parametrize("instructions", ["", "  ", 5])
def test_instructions_are_a_sentence_and_are_told_with_what_else_is_wrong(instructions: Any) -> None:
    class Free(BaseModel):
        prices: dict[str, int]

    session = FakeSession()
    with pytest.raises(InvalidInputError) as caught:
        TicketInsights(session).extract("text", Free, instructions=instructions)
    assert len(caught.value.problems) == 2
    assert not session.sent


def test_an_extraction_can_be_kept_as_json(answering: Answering) -> None:
    session, _ = answering(lambda _: said(GOOD))
    found = TicketInsights(session).extract("text", Defect)
    kept = json.loads(found.model_dump_json())
    assert kept["value"] == GOOD
    assert kept["outcome"] == "valid"
    assert isinstance(found, Extraction)


def test_the_quickstarts_summary_has_fewer_than_200_words(answering: Answering) -> None:
    def answer(text: Any) -> Mapping[str, Any]:
        n_words = 199 if is_second(text) else 200
        return said({"product": "helmet", "defect": "buckle", "summary": "word " * n_words})

    session, _ = answering(answer)
    found = TicketInsights(session).extract("text", DefectSummary)
    assert found.problems == ("summary: the summary has 200 words; give fewer than 200",)
    assert len(found.require().summary.split()) == 199
    assert "fewer than 200 words" in session.texts()[0]
