"""The schema of a constrained answer holds nothing that Cortex refuses."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from cortex_tickets._cortex.answer_schema import answer_schema
from cortex_tickets._cortex.replying import Replying
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.letter import LETTER_FORMS, EmailLetter, MessageLetter
from cortex_tickets.records.playbook import Playbook
from cortex_tickets.records.reply import Channel


class Mood(StrEnum):
    CALM = "calm"
    ANGRY = "angry"


class Part(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=9, pattern="a+")]


class Whole(BaseModel):
    """A docstring."""

    mood: Mood
    parts: Annotated[list[Part], Field(min_length=1, max_length=3)]
    count: Annotated[int, Field(ge=0, multiple_of=2)] = 0
    note: str | None = None


def test_limits_and_docstrings_are_left_out_and_all_properties_are_required() -> None:
    assert answer_schema(Whole) == {
        "type": "object",
        "properties": {
            "mood": {"$ref": "#/$defs/Mood"},
            "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
            "count": {"type": "integer"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["mood", "parts", "count", "note"],
        "additionalProperties": False,
        "$defs": {
            "Mood": {"type": "string", "enum": ["calm", "angry"]},
            "Part": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
                "additionalProperties": False,
            },
        },
    }


@pytest.mark.parametrize(("form", "keys"), [(EmailLetter, ["subject", "body"]), (MessageLetter, ["body"])])
def test_a_letter_is_held_to_its_form(form: type[BaseModel], keys: list[str]) -> None:
    schema = answer_schema(form)
    assert schema == {
        "type": "object",
        "properties": {key: {"type": "string"} for key in keys},
        "required": keys,
        "additionalProperties": False,
    }
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", key) for key in keys)


def test_each_channel_asks_for_its_own_form() -> None:
    operation = Replying.of(("m",), ReplyPrompt(playbook=Playbook.default()))
    assert operation.specification()["schema"] == {
        channel.value: answer_schema(form) for channel, form in LETTER_FORMS.items()
    }
    assert set(LETTER_FORMS) == set(Channel)
    assert operation.second_try().hash != operation.hash
