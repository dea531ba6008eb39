"""What an answer is expected to have is reckoned from what is asked for, and is never more than it may have."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

import pytest
from pydantic import BaseModel, Field

from cortex_tickets import DefectSummary
from cortex_tickets._cortex.expected_record import ExpectedRecord
from cortex_tickets._cortex.expected_tokens import expected_words, name_tokens, object_tokens
from cortex_tickets._cortex.extracting import Extracting
from cortex_tickets._cortex.response_schema import response_schema
from cortex_tickets._cortex.summarizing import Summarizing
from cortex_tickets._cortex.translating import Translating


class Kind(StrEnum):
    PHONE = "telephone set"
    OTHER = "another"


class Part(BaseModel):
    name: str
    count: int


class Order(BaseModel):
    kind: Kind
    on: date | None
    parts: list[Part]
    story: str = Field(description="What happened, in at most 100 words")


def expected(record: type[BaseModel]) -> ExpectedRecord:
    return ExpectedRecord.of(response_schema(record))


@pytest.mark.parametrize(("limit", "words"), [(1, 1), (25, 25), (30, 25), (100, 75), (1000, 750)])
def test_a_short_limit_is_used_up_and_a_long_one_is_not(limit: int, words: float) -> None:
    assert expected_words(limit) == words


def test_an_object_has_a_token_for_each_sign_and_key() -> None:
    # As in an answer with a body, and in one with a subject and a body.
    assert (object_tokens(0), object_tokens(1), object_tokens(2)) == (2, 8, 15)


def test_no_name_has_less_than_a_token() -> None:
    assert name_tokens(["A", "Lost phone x"]) == (1 + 3) / 2


def test_a_record_is_expected_field_by_field() -> None:
    order = expected(Order)
    inner = object_tokens(2) + 4 + 2
    assert order.tokens == pytest.approx(object_tokens(4) + (13 + 7) / 4 / 2 + 5 + 2 * (inner + 1) + 1)
    assert order.prose == (100.0,)


def test_a_record_that_holds_itself_comes_to_an_end() -> None:
    schema: dict[str, Any] = {
        "$ref": "#/$defs/Tree",
        "$defs": {"Tree": {"type": "object", "properties": {"child": {"$ref": "#/$defs/Tree"}}}},
    }
    assert 0 < ExpectedRecord.of(schema).tokens < 100


def test_what_a_description_limits_in_words_is_no_longer_than_the_text() -> None:
    question = Extracting(model="m", models=("m",), schema=response_schema(DefectSummary))
    assert question.expected_output_tokens("T", "N") == "30.0 + LEAST(200.0, LENGTH(T) / 4)"


def test_a_summary_is_no_longer_than_the_text() -> None:
    free = Summarizing()
    assert free.expected_output_tokens("T", "N") == "LEAST(N, 100 + N / 20)"
    limited = Summarizing(model="m", models=("m",), max_words=60)
    assert limited.expected_output_tokens("T", "N") == "8 + LEAST(60.0, LENGTH(T) / 4)"


def test_a_translation_grows_with_the_text() -> None:
    question = Translating(target="de")
    assert question.expected_output_tokens("T", "N") == "N"
    assert question.most_output_tokens("T", "N") == "4 * N + 100"
