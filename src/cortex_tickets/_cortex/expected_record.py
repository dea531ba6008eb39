"""How many tokens a record is expected to have that is filled by its JSON schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cortex_tickets._cortex.expected_tokens import TOKENS_PER_WORD, name_tokens, object_tokens, prose_tokens

_SHORT_TEXT = 3 * TOKENS_PER_WORD
"""A name, an amount, a few words."""
_NUMBER = 2.0
_DATE = 5.0
"""2024-06-30: three numbers and two dashes."""
_LIST_ITEMS = 2
_DEEPEST = 8
_REFERENCE = "#/$defs/"
_WORDS = re.compile(r"\b(\d{1,4}) words\b")
_BY_TYPE: Mapping[str, float] = {"number": _NUMBER, "integer": _NUMBER, "boolean": 1.0, "null": 1.0}


@dataclass(frozen=True, slots=True)
class ExpectedRecord:
    """Tokens that a record is expected to have."""

    tokens: float
    """What every text's record has: JSON, names, numbers, a few words in each text."""
    prose: tuple[float, ...] = ()
    """What the fields have whose description tells a number of words; none has more than the text itself."""

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> ExpectedRecord:
        """Return what is expected of a record with this schema."""
        return _expected(schema, schema.get("$defs", {}), 0)


def _expected(schema: Mapping[str, Any], defined: Mapping[str, Any], depth: int) -> ExpectedRecord:
    if depth > _DEEPEST:  # a record that holds itself ends somewhere
        return ExpectedRecord(0.0)
    if "$ref" in schema:
        return _expected(defined.get(str(schema["$ref"]).removeprefix(_REFERENCE), {}), defined, depth + 1)
    for choice in (*schema.get("anyOf", ()), *schema.get("allOf", ())):
        if choice.get("type") != "null":
            told = {"description": schema["description"]} if "description" in schema else {}
            return _expected({**told, **choice}, defined, depth + 1)
    properties: Mapping[str, Any] = schema.get("properties", {})
    if properties:
        parts = [_expected(part, defined, depth + 1) for part in properties.values()]
        return ExpectedRecord(object_tokens(len(parts)) + sum(part.tokens for part in parts), _prose(*parts))
    if "items" in schema:
        item = _expected(schema["items"], defined, depth + 1)
        return ExpectedRecord(_LIST_ITEMS * (item.tokens + 1) + 1, _LIST_ITEMS * item.prose)
    return _value(schema)


def _value(schema: Mapping[str, Any]) -> ExpectedRecord:
    if "enum" in schema:
        return ExpectedRecord(name_tokens([str(value) for value in schema["enum"]]))
    kind = schema.get("type")
    if isinstance(kind, str) and kind in _BY_TYPE:
        return ExpectedRecord(_BY_TYPE[kind])
    told = str(schema.get("description", ""))
    words = _WORDS.search(told)
    if words:
        return ExpectedRecord(0.0, (prose_tokens(int(words[1])),))
    return ExpectedRecord(_DATE if re.search(r"\bas a date\b", told) else _SHORT_TEXT)


def _prose(*parts: ExpectedRecord) -> tuple[float, ...]:
    return tuple(tokens for part in parts for tokens in part.prose)
