"""The schema of a letter holds its form, nothing that Cortex refuses, and no words that the prompt says already."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import pytest
from pydantic import BaseModel, Field

from cortex_tickets._cortex.replying import Replying, letter_schema
from cortex_tickets._cortex.response_schema import response_schema
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.letter import LETTER_FORMS
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
    assert response_schema(Whole, with_descriptions=False) == {
        "type": "object",
        "properties": {
            "mood": {"type": "string", "enum": ["calm", "angry"]},
            "parts": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"name": {"type": "string"}},
                    "required": ["name"],
                    "additionalProperties": False,
                },
            },
            "count": {"type": "integer"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["mood", "parts", "count", "note"],
        "additionalProperties": False,
    }


@pytest.mark.parametrize(("channel", "keys"), [(Channel.EMAIL, ["subject", "body"]), (Channel.TEXT_MESSAGE, ["body"])])
def test_a_letter_is_held_to_its_form(channel: Channel, keys: list[str]) -> None:
    schema = letter_schema(channel)
    assert schema == {
        "type": "object",
        "properties": {key: {"type": "string"} for key in keys},
        "required": keys,
        "additionalProperties": False,
    }
    assert all(re.fullmatch("[a-zA-Z0-9_-]{1,64}", key) for key in keys)


def test_each_channel_asks_for_its_own_form() -> None:
    operation = Replying.of(("m",), ReplyPrompt(playbook=Playbook.default()))
    assert operation.specification()["schema"] == {channel.value: letter_schema(channel) for channel in LETTER_FORMS}
    assert set(LETTER_FORMS) == set(Channel)
    assert operation.second_try().hash != operation.hash
