"""Says what Pydantic found wrong with a value as the other messages are said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = {
    "string_type": "must be a text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "missing": "is missing",
}


def in_plain_words(found: Mapping[str, Any]) -> str:
    """Return what one of Pydantic's errors says, without a full stop: it speaks of an input, and we say which."""
    return _WORDS.get(found["type"]) or _plain(str(found["msg"]))


def _plain(message: str) -> str:
    plain = message.replace("Input should be", "must be").replace("greater than or equal to", "at least")
    plain = plain.replace("less than or equal to", "at most").replace("greater than", "more than")
    return plain.removeprefix("Value error, ").partition(", unable")[0].removesuffix(".")
