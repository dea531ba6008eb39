"""What AI_EXTRACT is asked: its response formats, all as one list of questions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_MOST_QUESTIONS = 100
_QUESTIONS_OF_A_TABLE = 10


class UnknownFormatError(Exception):
    """The response format is none of those documented; the text says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        name: Key of its answer.
        text: What is asked.
        is_list: Whether the answer is a list.
        columns: The columns of a table; empty for anything else.
    """

    name: str
    text: str
    is_list: bool = False
    columns: tuple[Question, ...] = ()


def questions_of(response_format: Any) -> list[Question]:
    """The questions of an object, an array or a schema.

    Raises:
        UnknownFormatError: For anything else, and for more than 100 questions; a table counts as ten.
    """
    if isinstance(response_format, str):
        try:
            response_format = json.loads(response_format)
        except ValueError:
            response_format = None
    match response_format:
        case {"schema": {"type": "object", "properties": dict(properties)}, **rest} if not rest and properties:
            questions = [_of_schema(name, part) for name, part in properties.items()]
        case dict() if response_format and "schema" not in response_format:
            questions = [_named(name, text) for name, text in response_format.items()]
        case list() if response_format:
            questions = [_of_item(item) for item in response_format]
        case _:
            raise UnknownFormatError("invalid response format: questions or a schema are expected")
    if sum(_QUESTIONS_OF_A_TABLE if item.columns else 1 for item in questions) > _MOST_QUESTIONS:
        raise UnknownFormatError(f"invalid response format: at most {_MOST_QUESTIONS} questions are allowed")
    return questions


def _named(name: object, text: object) -> Question:
    if not isinstance(name, str) or not isinstance(text, str):
        raise UnknownFormatError("invalid response format: a question is a string")
    return Question(name, text)


def _of_item(item: object) -> Question:
    match item:
        case [name, text]:
            return _named(name, text)
        case str():
            # 'name: question' has a name; a question alone is its own.
            name, separator, text = item.partition(":")
            is_named = separator and " " not in name.strip() and name.strip().lower() != "list"
            return Question(name.strip(), text.strip()) if is_named else Question(item, item)
        case _:
            raise UnknownFormatError("invalid response format: a question is a string, or a name and a string")


def _of_schema(name: str, part: object) -> Question:
    if not isinstance(part, Mapping):
        raise UnknownFormatError("invalid response format: a property is an object")
    text = str(part.get("description", name))
    match part.get("type", "string"):
        case "string":
            return Question(name, text)
        case "array":
            return Question(name, text, is_list=True)
        case "object" if isinstance(part.get("properties"), Mapping):
            order = part.get("column_ordering") or list(part["properties"])
            if set(order) != set(part["properties"]):
                raise UnknownFormatError("invalid response format: column_ordering must name every column once")
            return Question(
                name, text, columns=tuple(_of_schema(column, part["properties"][column]) for column in order)
            )
        case kind:
            raise UnknownFormatError(f"invalid response format: type {kind} is none of string, array and object")
