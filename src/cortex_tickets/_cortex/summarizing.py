"""Summarizing as a question: AI_SUMMARIZE, or AI_COMPLETE where there is a limit of words, which the former lacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns, complete_columns
from cortex_tickets._cortex.expected_tokens import object_tokens, prose_tokens, text_tokens
from cortex_tickets._cortex.model_windows import model_window
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_question import TextQuestion, json_layer, passed_on, told_error
from cortex_tickets._cortex.translating import plain_columns
from cortex_tickets.prompts.text_prompt import TextPrompt, summary_prompt

FUNCTION: Literal["AI_SUMMARIZE"] = "AI_SUMMARIZE"
MAX_WORDS = 1_000
"""The largest limit of words: a regular expression of the warehouse repeats nothing more often."""
_MOST_TOKENS = 128_000
"""What COMPLETE's newest models take; the documentation gives AI_SUMMARIZE no window of its own."""
_WRITTEN_TOKENS = 1_000
_PARAGRAPH_TOKENS = 100
"""Four sentences or so."""
_READ_FOR_MORE = 20
"""For so many tokens that are read, one more is written."""
_TOKENS_PER_WORD = 3
_FRAME_TOKENS = 100
_SCHEMA = {
    "type": "object",
    "properties": {"summary": {"type": "string"}},
    "required": ["summary"],
    "additionalProperties": False,
}
_ENDS = ".!?\u3002\uff01\uff1f"
_CLOSINGS = "\"')\u201d\u2019"
_SENTENCES = rf"^.*[{_ENDS}][{_CLOSINGS}]*(\s|$)"
"""From the beginning to the end of the last sentence."""


@dataclass(frozen=True, kw_only=True)
class Summarizing(TextQuestion):
    """What does this text say, in fewer words?"""

    model: str = FUNCTION
    max_words: int | None = None

    name: ClassVar[str] = "summarize"
    extra_columns: ClassVar[Mapping[str, str]] = {"SUMMARY": "VARCHAR", "N_WORDS": "NUMBER(38,0)"}

    @property
    def function(self) -> Literal["AI_SUMMARIZE", "AI_COMPLETE"]:
        """What is asked."""
        return FUNCTION if self.max_words is None else "AI_COMPLETE"

    @property
    def billed(self) -> tuple[str, ...]:
        """The function, or the model."""
        return (self.model,)

    @property
    def most_tokens(self) -> int | None:
        """What the function or the model takes."""
        return _MOST_TOKENS if self.max_words is None else model_window(self.model)

    @property
    def output_tokens(self) -> int:
        """Tokens of a summary in a language of many tokens."""
        return _WRITTEN_TOKENS if self.max_words is None else self.max_words * _TOKENS_PER_WORD + _FRAME_TOKENS

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens of a summary; it is never taken to be longer than the text.

        AI_SUMMARIZE is told no length: it is taken to write a paragraph, and some more about a longer text.
        """
        if self.max_words is None:
            return f"LEAST({read}, {_PARAGRAPH_TOKENS} + {read} / {_READ_FOR_MORE})"
        return f"{object_tokens(1)} + LEAST({prose_tokens(self.max_words):.1f}, {text_tokens(text)})"

    def specification(self) -> dict[str, Any]:
        """Return all that can change a summary, as JSON values."""
        if self.max_words is None:
            return {"function": FUNCTION}
        return {
            "function": self.function,
            "models": list(self.candidates),
            "prompt": self._prompt(self.max_words).content(),
            "parameters": self._parameters(self.max_words),
            "schema": _SCHEMA,
            "max_words": self.max_words,
        }

    def call(self, text: str) -> str:
        """Return the Cortex call."""
        if self.max_words is None:
            return calls.summarize(text)
        prompt = calls.rendered_prompt(self._prompt(self.max_words), text)
        return calls.complete(self.model, prompt, parameters=self._parameters(self.max_words), schema=_SCHEMA)

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the call's result is read."""
        return plain_columns(result) if self.max_words is None else complete_columns(result)

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds OUTCOME, REPAIR, SUMMARY and N_WORDS. A summary over the limit is cut here."""
        # AI_SUMMARIZE gives a text, which may well begin with a brace; AI_COMPLETE was asked for JSON.
        found = relation if self.max_words is None else f"({json_layer(relation, passed)})"
        said = "ANSWER" if self.max_words is None else _SAID
        is_asked_for = "TRUE" if self.max_words is None else "WHOLE:summary IS NOT NULL"
        texts = f"SELECT {passed_on(passed)}TRIM({said}, {_WHITE}) AS SAID, {is_asked_for} AS IS_ASKED_FOR FROM {found}"
        counted = (
            f"SELECT {passed_on(passed)}SAID, IS_ASKED_FOR, {told_error('SAID')} AS TOLD, "
            f"{_words('SAID')} AS N_SAID FROM ({texts})"
        )
        cut = f"SELECT {passed_on(passed)}SAID, IS_ASKED_FOR, TOLD, N_SAID, {self._cut()} FROM ({counted})"
        shortened = (
            f"SELECT {passed_on(passed)}IS_ASKED_FOR, TOLD, CUT IS NOT NULL AS IS_CUT, "
            f"CASE WHEN CUT IS NULL THEN SAID WHEN 2 * {_words('WHOLE_SENTENCES')} >= {self.max_words or 0} "
            f"THEN WHOLE_SENTENCES ELSE CONCAT(CUT, '…') END AS SHORT FROM ({cut})"
        )
        kept = "".join(f"{name}, " for name in passed)
        return (
            f"SELECT {kept}ANSWER, TOLD AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS, NULL::VARCHAR AS LABEL, "
            "CASE WHEN TOLD IS NOT NULL THEN 'error' WHEN IS_CUT OR NOT IS_ASKED_FOR THEN 'repaired' ELSE 'valid' END "
            "AS OUTCOME, CASE WHEN TOLD IS NOT NULL THEN NULL WHEN IS_CUT THEN 'cut' WHEN NOT IS_ASKED_FOR "
            "THEN 'loose_text' END AS REPAIR, IFF(TOLD IS NULL, SHORT, NULL) AS SUMMARY, "
            f"IFF(TOLD IS NULL, {_words('SHORT')}, NULL) AS N_WORDS FROM ({shortened})"
        )

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that are read."""
        if self.max_words is None:
            return calls.count_function_tokens(FUNCTION, text)
        return calls.count_tokens(self.model, calls.rendered_prompt(self._prompt(self.max_words), text))

    def _prompt(self, max_words: int) -> TextPrompt:
        return summary_prompt(max_words)

    def _parameters(self, max_words: int) -> dict[str, object]:
        # An answer that is cut off silently would be no JSON: room for twice the words, in a language of many tokens.
        return {"temperature": 0, "max_tokens": 2 * max_words * _TOKENS_PER_WORD + _FRAME_TOKENS}

    def _cut(self) -> str:
        """The words within the limit, and of those the whole sentences; NULL where the limit is kept."""
        if self.max_words is None:
            return "NULL::VARCHAR AS CUT, NULL::VARCHAR AS WHOLE_SENTENCES"
        first_words = rf"^\s*(\S+\s+){{0,{self.max_words - 1}}}\S+"
        words = f"IFF(N_SAID > {self.max_words}, REGEXP_SUBSTR(SAID, {literal(first_words)}), NULL)"
        return (
            f"{words} AS CUT, "
            f"TRIM(REGEXP_SUBSTR({words}, {literal(_SENTENCES)}, 1, 1, 's'), {_WHITE}) AS WHOLE_SENTENCES"
        )


_WHITE = literal(" \t\n\r")
_SAID = (
    "COALESCE(WHOLE:summary::VARCHAR, PART:summary::VARCHAR, "
    # An object without a summary is none; a text that is no JSON at all may be one.
    f"IFF(WHOLE IS NULL AND PART IS NULL AND NOT STARTSWITH(LTRIM(ANSWER, {_WHITE}), '{{'), ANSWER, NULL))"
)


def _words(text: str) -> str:
    return f"REGEXP_COUNT({text}, {literal(chr(92) + 'S+')})"
