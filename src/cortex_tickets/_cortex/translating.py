"""Translating as a question: AI_TRANSLATE from one language, or whichever it is, into another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_question import TextQuestion, passed_on, told_error

FUNCTION = "AI_TRANSLATE"
_MOST_TOKENS = 100_000
"""docs.snowflake.com/en/sql-reference/functions/ai_translate, read 2026-11-22."""
_MOST_TIMES = 4
"""Tokenizers know English best: the same text has up to about four times the tokens in a script that they know little.
"""
_FEW_TOKENS = 100
"""A text of one word may become a sentence."""


@dataclass(frozen=True, kw_only=True)
class Translating(TextQuestion):
    """What is this text in another language?"""

    model: str = FUNCTION
    target: str
    """Two-letter code."""
    source: str = ""
    """Two-letter code; empty where Snowflake is to find it out."""

    name: ClassVar[str] = "translate"
    extra_columns: ClassVar[Mapping[str, str]] = {"TRANSLATION": "VARCHAR", "TARGET_LANGUAGE": "VARCHAR"}

    @property
    def billed(self) -> tuple[str, ...]:
        """The function itself: its model is Snowflake's choice."""
        return (FUNCTION,)

    @property
    def most_tokens(self) -> int:
        """What AI_TRANSLATE takes."""
        return _MOST_TOKENS

    @property
    def output_tokens(self) -> int:
        """What the longest text's translation has at most."""
        return _MOST_TOKENS * _MOST_TIMES + _FEW_TOKENS

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return that a translation is expected to have about the tokens that are read."""
        del text
        return read

    def most_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens of a translation into a language of many tokens: it grows with the text.

        Nobody states a limit.
        """
        del text
        return f"{_MOST_TIMES} * {read} + {_FEW_TOKENS}"

    def specification(self) -> dict[str, Any]:
        """Return all that can change a translation, as JSON values."""
        return {"function": FUNCTION, "source": self.source, "target": self.target}

    def call(self, text: str) -> str:
        """Return the AI_TRANSLATE call."""
        return calls.translate(text, self.source, self.target)

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how `{value, error}` is read; it tells no tokens."""
        return plain_columns(result)

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds OUTCOME, TRANSLATION and TARGET_LANGUAGE."""
        told = f"SELECT {passed_on(passed)}{told_error()} AS TOLD FROM {relation}"
        kept = "".join(f"{name}, " for name in passed)
        return (
            f"SELECT {kept}ANSWER, TOLD AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS, NULL::VARCHAR AS LABEL, "
            "IFF(TOLD IS NULL, 'valid', 'error') AS OUTCOME, NULL::VARCHAR AS REPAIR, "
            f"IFF(TOLD IS NULL, ANSWER, NULL) AS TRANSLATION, {literal(self.target)} AS TARGET_LANGUAGE FROM ({told})"
        )

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that are read."""
        return calls.count_function_tokens(FUNCTION, text, self.source, self.target)


def plain_columns(result: str) -> AnswerColumns:
    """Return how the `{value, error}` of a function that gives a text and tells no tokens is read."""
    return AnswerColumns(
        answer=f"{result}:value::VARCHAR",
        error=f"{result}:error::VARCHAR",
        input_tokens="NULL::NUMBER",
        output_tokens="NULL::NUMBER",
    )
