"""AI_SUMMARIZE and the legacy SUMMARIZE: the sentences that say most of each text, or a real model's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.summaries import summarized
from cortex_tickets.local.functions.text_call import TextCall

_CONTEXT_WINDOW = 128_000
_LEGACY_CONTEXT_WINDOW = 32_000
_RETURNED_AS_IS = 110


class AiSummarize(CortexFunction):
    """AI_SUMMARIZE(text[, return_error_details => ..]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_summarize, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_SUMMARIZE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("TEXT",)),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A text, or the object with details."""
        return "JSON" if given.get("RETURN_ERROR_DETAILS") else "VARCHAR"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """A summary of each text; one of at most 110 characters is its own."""
        call = TextCall(self.services, rows, most_tokens=_CONTEXT_WINDOW)
        long = [text for text in call.asked if len(text) > _RETURNED_AS_IS]
        found = iter(zip(*summarized(self.services, call, long), strict=True))
        pairs = [next(found) if len(text) > _RETURNED_AS_IS else (text, None) for text in call.asked]
        call.answer([pair[0] for pair in pairs], errors=[pair[1] for pair in pairs])
        return call.values(with_details=rows.flag("RETURN_ERROR_DETAILS"), are_text=True)


class Summarize(CortexFunction):
    """SUMMARIZE(text).

    Source:
        docs.snowflake.com/en/sql-reference/functions/summarize-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.SUMMARIZE"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("TEXT",)),
    )

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """A summary of each text."""
        call = TextCall(self.services, rows, most_tokens=_LEGACY_CONTEXT_WINDOW)
        values, errors = summarized(self.services, call, call.asked)
        call.answer(values, errors=errors)
        return call.values_or_raise()
