"""The legacy EXTRACT_ANSWER: one question to each text; what fails, raises."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.language.extraction import extracted
from cortex_tickets.local.language.tokens import count_tokens

_QUESTION_TOKENS, _TEXT_TOKENS = 64, 2_048


class ExtractAnswer(CortexFunction):
    """EXTRACT_ANSWER(text, question).

    Source:
        docs.snowflake.com/en/sql-reference/functions/extract_answer-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.EXTRACT_ANSWER"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True),
        Parameter("QUESTION", is_required=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """An array of one object."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`[{"answer": .., "score": ..}]` for each text."""
        question = rows.text("QUESTION")
        if not question:
            raise refused(self.name, 400, "a question is expected")
        if count_tokens(question) > _QUESTION_TOKENS:
            raise refused(self.name, 400, f"max tokens of {_QUESTION_TOKENS} exceeded")
        call = TextCall(self.services, rows, most_tokens=_TEXT_TOKENS, told_tokens=count_tokens(question))
        found = [extracted("", question, text) for text in call.asked]
        call.answer(
            [json.dumps([{"answer": one.value or "", "score": one.score}], ensure_ascii=False) for one in found]
        )
        return call.values_or_raise()
