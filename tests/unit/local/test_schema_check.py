"""Whether an answer follows its schema, keyword by keyword; what is said of one that does not quotes no value."""

import json
from typing import Any

import pytest

from cortex_tickets.local.functions.schema_check import checked_answer

PARTS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["a", 1, None]},
        "fixed": {"const": True},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}},
        "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        "one": {"oneOf": [{"type": "number"}, {"type": "integer"}]},
        "both": {"allOf": [{"type": "string"}, {"enum": ["x", "y"]}]},
        "maybe": {"type": ["string", "null"]},
        "never": False,
    },
    "required": [],
    "additionalProperties": {"type": "boolean"},
    "$defs": {"part": {"type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"]}},
}


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": None, "fixed": True, "maybe": None, "either": 3, "one": 1.5, "both": "x", "other": False},
        {"parts": [{"n": 1}, {"n": 2.5, "more": "is fine"}]},
        {"parts": []},
        {"either": 3.0},
    ],
)
def test_what_follows_is_the_answer(value: Any) -> None:
    answer, error = checked_answer(json.dumps(value), PARTS)
    assert error is None
    assert json.loads(answer or "") == value


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "$ is not of type object"),
        ({"kind": "secret"}, "$.kind is none of the values allowed"),
        ({"kind": True}, "$.kind is none of the values allowed"),
        ({"fixed": 1}, "$.fixed is not the value allowed"),
        ({"parts": {}}, "$.parts is not of type array"),
        ({"parts": [{"n": 1}, {}]}, "$.parts[1] lacks the required field n"),
        ({"parts": [{"n": "secret"}]}, "$.parts[0].n is not of type number"),
        ({"either": 1.5}, "$.either fits 0 of the forms of anyOf"),
        ({"one": 1}, "$.one fits 2 of the forms of oneOf"),
        ({"both": "secret"}, "$.both is none of the values allowed"),
        ({"maybe": 1}, "$.maybe is not of type string or null"),
        ({"never": 1}, "$.never is not allowed"),
        ({"secret": "secret"}, "$.* is not of type boolean"),
    ],
)
def test_what_does_not_follow_is_an_error_that_quotes_nothing(value: Any, problem: str) -> None:
    assert checked_answer(json.dumps(value), PARTS) == (None, f"json mode output validation error: {problem}")


def test_a_schema_that_names_itself_comes_to_an_end() -> None:
    schema = {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}
    assert checked_answer("1", schema) == ("1", None)
