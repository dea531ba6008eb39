"""Extracting as a question: a record's fields out of a text, held to a JSON schema as far as Cortex takes it.

What the schema cannot say is checked on the client. Of a text whose answer did not fit there, the same question is
asked again with what was found: then the relation has a column `FIRST_PROBLEMS`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.answers import AnswerColumns, complete_columns
from cortex_tickets._cortex.expected_record import ExpectedRecord
from cortex_tickets._cortex.expected_tokens import text_tokens
from cortex_tickets._cortex.model_windows import model_window
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_question import TextQuestion, json_layer, passed_on, told_error
from cortex_tickets.prompts.text_prompt import TextPrompt, extraction_prompt

MAX_TOKENS = 4_096
"""Tokens that an answer may have; a longer one is cut off silently, is no JSON then, and is asked for again."""
FIRST_PROBLEMS = "FIRST_PROBLEMS"
"""The column of what was found in the first answer."""
_WRITTEN_TOKENS = 500
"""Tokens that an answer is taken to have, for an estimate: a record of some fields and a summary."""
_BEFORE_PROBLEMS = "\nAn earlier answer to this did not fit. Mind these:\n"


@dataclass(frozen=True, kw_only=True)
class Extracting(TextQuestion):
    """What does this text say about these fields?"""

    schema: Mapping[str, Any]
    """Within Cortex's limits: see `response_schema`."""
    instructions: str | None = None
    is_asked_again: bool = False
    """Whether `FIRST_PROBLEMS` is told to the model. It changes no hash: it is the same question's second try."""

    name: ClassVar[str] = "extract"
    extra_columns: ClassVar[Mapping[str, str]] = {"VALUE": "VARCHAR", "PROBLEMS": "VARCHAR", "IS_CHECKED": "BOOLEAN"}

    @property
    def billed(self) -> tuple[str, ...]:
        """The model."""
        return (self.model,)

    @property
    def most_tokens(self) -> int | None:
        """What the model takes."""
        return model_window(self.model)

    @property
    def output_tokens(self) -> int:
        """What a record of some fields has: how long texts get is the model's choice."""
        return _WRITTEN_TOKENS

    def expected_output_tokens(self, text: str, read: str) -> str:
        """Return an expression for the tokens of a record with these fields."""
        del read
        record = ExpectedRecord.of(self.schema)
        # What is told in words about a text is seldom longer than the text.
        prose = "".join(f" + LEAST({tokens:.1f}, {text_tokens(text)})" for tokens in record.prose)
        return f"{record.tokens:.1f}{prose}"

    def asked_again(self) -> Self:
        """Return the same question, for texts whose answer did not fit."""
        return replace(self, is_asked_again=True)

    def specification(self) -> dict[str, Any]:
        """Return all that can change an answer, as JSON values."""
        return {
            "function": "AI_COMPLETE",
            "models": list(self.candidates),
            "prompt": self._prompt.content(),
            "parameters": dict(_PARAMETERS),
            "schema": dict(self.schema),
        }

    def call(self, text: str) -> str:
        """Return the AI_COMPLETE call."""
        return calls.complete(self.model, self._rendered(text), parameters=_PARAMETERS, schema=self.schema)

    def answer_columns(self, result: str) -> AnswerColumns:
        """Return how the call's result is read."""
        return complete_columns(result)

    def read(self, relation: str, passed: tuple[str, ...]) -> str:
        """Return a SELECT that adds OUTCOME, REPAIR and VALUE, a JSON object; PROBLEMS and IS_CHECKED are NULL yet.

        An answer without a JSON object is `off_label` here. Cortex's own word for such an answer is an error of the
        row; it is taken for the same.
        """
        is_no_json = f"CONTAINS(LOWER(ERROR), {literal(_NO_JSON)})"
        found = json_layer(relation, passed)
        judged = (
            f"SELECT {passed_on(passed)}IFF(TYPEOF(WHOLE) = 'OBJECT', WHOLE, NULL) AS WHOLE, "
            f"IFF(TYPEOF(PART) = 'OBJECT', PART, NULL) AS PART, "
            f"IFF({is_no_json}, NULL, {told_error()}) AS TOLD FROM ({found})"
        )
        kept = "".join(f"{name}, " for name in passed)
        return (
            f"SELECT {kept}ANSWER, TOLD AS ERROR, INPUT_TOKENS, OUTPUT_TOKENS, NULL::VARCHAR AS LABEL, "
            "CASE WHEN TOLD IS NOT NULL THEN 'error' WHEN WHOLE IS NOT NULL THEN 'valid' WHEN PART IS NOT NULL "
            "THEN 'repaired' ELSE 'off_label' END AS OUTCOME, "
            "IFF(TOLD IS NULL AND WHOLE IS NULL AND PART IS NOT NULL, 'loose_text', NULL) AS REPAIR, "
            "IFF(TOLD IS NULL, TO_JSON(COALESCE(WHOLE, PART)), NULL) AS VALUE, "
            f"NULL::VARCHAR AS PROBLEMS, NULL::BOOLEAN AS IS_CHECKED FROM ({judged})"
        )

    def token_count(self, text: str) -> str:
        """Return an expression for the tokens that the model reads."""
        return calls.count_tokens(self.model, self._rendered(text))

    @property
    def _prompt(self) -> TextPrompt:
        return extraction_prompt(self.instructions, json.dumps(self.schema, ensure_ascii=False))

    def _rendered(self, text: str) -> str:
        rendered = calls.rendered_prompt(self._prompt, text)
        if not self.is_asked_again:
            return rendered
        return f"CONCAT({rendered}, {literal(_BEFORE_PROBLEMS)}, {calls.INERT.format(text=FIRST_PROBLEMS)})"


_PARAMETERS: Mapping[str, object] = {"temperature": 0, "max_tokens": MAX_TOKENS}
_NO_JSON = "json mode output validation error"
