"""Sentiment as a question: AI_SENTIMENT for the words, and a language model for the number, in one call.

AI_SENTIMENT gives words only. The legacy SENTIMENT gave a number and is to be deprecated by the end of 2026;
Snowflake's own Python client has a language model give the number instead, held to a JSON schema, and so does this.

Source:
    docs.snowflake.com/en/sql-reference/functions/ai_sentiment, read 2026-11-22; `snowflake/cortex/_sentiment.py` of
    snowflake-ml-python 2.6.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns, complete_columns
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_question import TextQuestion, json_layer, passed_on, told_error
from cortex_tickets.prompts.text_prompt import SCORE_PROMPT
from cortex_tickets.records.sentiment import SentimentLabel

FUNCTION = "AI_SENTIMENT"
MOST_TOKENS = 2_048
"""Longer texts are an error."""
MOST_ASPECTS = 10
LONGEST_ASPECT = 30
"""Characters."""
OVERALL = "overall"
_SCORE_TOKENS = 20
"""Tokens of `{"score": -0.75}`, generously."""
_WORD_TOKENS = 10
"""Tokens of one category's name and word."""
_EXPECTED_SCORE = 10
"""Tokens of `{"score": -0.75}`, one for each sign and each number."""
_EXPECTED_WORD = 2
"""Tokens of one word such as `negative`: the names beside it are the function's own."""
_COUNTED_FROM = MOST_TOKENS // 4
"""Characters from which tokens are counted: a character has four bytes at most, and no token has less than one."""
_SCHEMA = {
    "type": "object",
    "properties": {"score": {"type": "number", "description": "Sentiment of the text, from -1 to 1"}},
    "required": ["score"],
    "additionalProperties": False,
}
_PARAMETERS: Mapping[str, object] = {"temperature": 0, "max_tokens": 64}


@dataclass(frozen=True, kw_only=True)
class SentimentQuestion(TextQuestion):
    """How does this text sound, on the whole and about these aspects?"""

    model: str = FUNCTION
    aspects: tuple[str, ...] = ()

    name: ClassVar[str] = "sentiment"
    extra_columns: ClassVar[Mapping[str, str]] = {"SENTIMENT": "VARCHAR", "ASPECTS": "VARCHAR", "SCORE": "FLOAT"}

    @property
    def has_score(self) -> bool:
        """Whether a language model gives a number, too."""
        return not self.is_managed

    @property
    def billed(self) -> tuple[str, ...]:
        """The function, and the model that gives the number."""
        return (FUNCTION, self.model) if self.has_score else (FUNCTION,)

    @property
    def most_tokens(self) -> int:
        """What AI_SENTIMENT takes."""
        return MOST_TOKENS

    @property
    def limited_by(self) -> str:
        """The model that gives the number takes far more."""
        return FUNCTION

    @property
    def output_tokens(self) -> int:
        """Tokens of all words and of the number."""
        return _WORD_TOKENS * (1 + len(self.aspects)) + (_SCORE_TOKENS if self.has_score else 0)

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return the tokens of a word for each category, and of the number."""
        del text, read
        return str(_EXPECTED_WORD * (1 + len(self.aspects)) + (_EXPECTED_SCORE if self.has_score else 0))

    def specification(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON values."""
        score = {"prompt": SCORE_PROMPT.content(), "parameters": dict(_PARAMETERS), "schema": _SCHEMA}
        return {
            "function": FUNCTION,
            "aspects": list(self.aspects),
            "models": list(self.models),
            "score": score if self.has_score else None,
        }

    def call(self, text: str) -> str:
        """Return an array: the tokens, 0 where they were not counted, and the calls' results.

        A text that is too long goes to neither call, so it is not paid for.
        """
        counted = self.limited_tokens(f"IFF(LENGTH({text}) > {_COUNTED_FROM}, {text}, NULL)")
        tokens = f"COALESCE({counted}, 0)"
        sent = f"IFF({tokens} > {MOST_TOKENS}, NULL, {text})"
        parts = [tokens, calls.sentiment(sent, self.aspects), *([self._score(sent)] if self.has_score else [])]
        return f"ARRAY_CONSTRUCT({', '.join(parts)})"

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the array is read. AI_SENTIMENT tells no tokens, so the sum of both is not known."""
        score = complete_columns(f"{result}[2]").answer
        # Read over VARCHAR: a JSON null is no NULL, and would be taken for an answer.
        categories = f"TRY_PARSE_JSON({result}[1]:value:categories::VARCHAR)"
        told = f"'categories', {categories}" + (f", 'score', {score}" if self.has_score else "")
        too_long = (
            f"CONCAT('the text has ', {result}[0]::VARCHAR, ' tokens and AI_SENTIMENT takes at most {MOST_TOKENS}, "
            "so nothing was sent: shorten it, or summarize it first')"
        )
        score_error = f", {result}[2]:error::VARCHAR" if self.has_score else ", NULL"
        return AnswerColumns(
            answer=f"NULLIF(TO_JSON(OBJECT_CONSTRUCT({told})), '{{}}')",
            error=(
                f"IFF({result}[0]::NUMBER > {MOST_TOKENS}, {too_long}, "
                f"COALESCE({result}[1]:error::VARCHAR{score_error}))"
            ),
            input_tokens="NULL::NUMBER",
            output_tokens="NULL::NUMBER",
        )

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds OUTCOME, REPAIR, SENTIMENT, ASPECTS (a JSON object) and SCORE.

        Each layer names what the next one uses.
        """
        parts = (
            f"SELECT {passed_on(passed)}"
            "TRY_PARSE_JSON(LOWER(TRY_PARSE_JSON(ANSWER):categories::VARCHAR)) AS CATEGORIES, "
            f"TRY_PARSE_JSON(ANSWER):score::VARCHAR AS SAID_SCORE FROM {relation}"
        )
        names = dict(zip(("SENTIMENT", *self._columns), (OVERALL, *self.aspects), strict=True))
        said = ", ".join(f"{self._word(name)} AS {column}" for column, name in names.items())
        named = f"SELECT {passed_on(passed)}SAID_SCORE, {said} FROM ({parts})"
        known = ", ".join(f"IFF({column} IN ({_WORDS}), {column}, NULL) AS {column}" for column in names)
        spoken = f"SELECT {passed_on(passed)}SAID_SCORE, {known} FROM ({named})"
        carried = (*passed, *names)
        found = json_layer(f"({spoken})", (*carried, "SAID_SCORE"), of="SAID_SCORE")
        numbers = (
            f"SELECT {passed_on(carried)}{told_error()} AS TOLD, WHOLE IS NOT NULL AS IS_ASKED_FOR, "
            "COALESCE(TRY_TO_DOUBLE(WHOLE:score::VARCHAR), TRY_TO_DOUBLE(PART:score::VARCHAR), "
            f"TRY_TO_DOUBLE(TRIM(SAID_SCORE, ' \\t\\n\\r'))) AS NUMBER_SAID FROM ({found})"
        )
        judged = (
            f"SELECT {passed_on(carried)}TOLD, NUMBER_SAID, NUMBER_SAID < -1 OR NUMBER_SAID > 1 AS IS_OUTSIDE, "
            f"{self._outcome(list(names))} AS OUTCOME FROM ({numbers})"
        )
        kept = "".join(f"{name}, " for name in passed)
        pairs = ", ".join(
            f"{literal(aspect)}, {column}" for aspect, column in zip(self.aspects, self._columns, strict=True)
        )
        return (
            f"SELECT {kept}ANSWER, TOLD AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS, NULL::VARCHAR AS LABEL, OUTCOME, "
            "IFF(OUTCOME = 'repaired', IFF(IS_OUTSIDE, 'clamped', 'loose_text'), NULL) AS REPAIR, SENTIMENT, "
            f"IFF(TOLD IS NULL, TO_JSON(OBJECT_CONSTRUCT({pairs})), NULL) AS ASPECTS, "
            f"LEAST(1.0, GREATEST(-1.0, NUMBER_SAID))::FLOAT AS SCORE FROM ({judged})"
        )

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that both calls read."""
        words = self.limited_tokens(text)
        if not self.has_score:
            return words
        return f"{words} + {calls.count_tokens(self.model, calls.rendered_prompt(SCORE_PROMPT, text))}"

    def limited_tokens(self, text: str) -> str:
        """Return an expression for the tokens that AI_SENTIMENT reads."""
        return calls.count_function_tokens(FUNCTION, text, *([list(self.aspects)] if self.aspects else []))

    def _score(self, text: str) -> str:
        prompt = calls.rendered_prompt(SCORE_PROMPT, text)
        return calls.complete(self.model, prompt, parameters=_PARAMETERS, schema=_SCHEMA)

    def _word(self, name: str) -> str:
        """The word of one category, wherever in the list it stands; the list is in lower case."""
        found = ", ".join(
            f"IFF(CATEGORIES[{place}]:name::VARCHAR = LOWER({literal(name)}), "
            f"CATEGORIES[{place}]:sentiment::VARCHAR, NULL)"
            for place in range(1 + len(self.aspects))
        )
        return f"COALESCE({found}, NULL)"

    @property
    def _columns(self) -> list[str]:
        return [f"ASPECT_{place}" for place in range(len(self.aspects))]

    def _outcome(self, words: Sequence[str]) -> str:
        """What became of the answer: all words have to be known, and what was asked for as a number has to be one."""
        needed = [*words, *(["NUMBER_SAID"] if self.has_score else [])]
        are_there = " AND ".join(f"{column} IS NOT NULL" for column in needed)
        is_repaired = "NOT IS_ASKED_FOR OR NUMBER_SAID < -1 OR NUMBER_SAID > 1" if self.has_score else "FALSE"
        return (
            f"CASE WHEN TOLD IS NOT NULL THEN 'error' WHEN {are_there} "
            f"THEN IFF({is_repaired}, 'repaired', 'valid') ELSE 'off_label' END"
        )


_WORDS = ", ".join(literal(label.value) for label in SentimentLabel)
