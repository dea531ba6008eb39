"""Constants in SQL: whatever the value, it comes back as it went."""

import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from cortex_tickets._cortex.quoting import constant, literal
from cortex_tickets.prompts.delimiter import clean


@given(st.text())
def test_a_quoted_text_is_one_string_with_the_same_value(text: str) -> None:
    parsed = sqlglot.parse_one(f"SELECT {literal(text)}", read="snowflake")
    (only,) = parsed.expressions
    assert isinstance(only, exp.Literal)
    assert only.is_string
    assert only.this == clean(text)


@pytest.mark.parametrize("text", ["'; DROP TABLE T; --", "\\'; --", "\\", "$$", "$x", "{0}", "?", "%s", ":1"])
def test_nothing_gets_out_of_its_quotes(text: str) -> None:
    statements = sqlglot.parse(f"SELECT {literal(text)}", read="snowflake")
    assert len(statements) == 1
    assert [found.this for found in statements[0].find_all(exp.Literal)] == [text]  # type: ignore[union-attr]


def test_json_like_values_become_constants() -> None:
    value = {"type": "json", "n": [1, 2.5, True, None], "it's": "a\\b"}
    assert constant(value) == "{'type': 'json', 'n': [1, 2.5, TRUE, NULL], 'it''s': 'a\\\\b'}"


def test_other_values_are_refused() -> None:
    with pytest.raises(TypeError, match="bytes"):
        constant({"a": [b"x"]})
