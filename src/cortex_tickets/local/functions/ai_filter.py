"""AI_FILTER: whether what is asked holds of each text."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.language.filtering import holds, parted

_CONTEXT_WINDOW = 128_000


class AiFilter(CortexFunction):
    """AI_FILTER(text[, return_error_details]) and AI_FILTER(PROMPT(..)[, return_error_details]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_filter, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_FILTER"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("TEXT", "PREDICATE")),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """Yes or no, or the object with details."""
        return "JSON" if given.get("RETURN_ERROR_DETAILS") else "BOOLEAN"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`true` or `false` for each text."""
        call = TextCall(self.services, rows, most_tokens=_CONTEXT_WINDOW)
        pairs = [
            _of_prompt(given) or parted(text or "")
            for given, text, error in zip(rows.columns["INPUT"], call.texts, call.errors, strict=True)
            if text is not None and error is None
        ]
        call.answer(["true" if holds(statement, text) else "false" for statement, text in pairs])
        return call.values(with_details=rows.flag("RETURN_ERROR_DETAILS"))


def _of_prompt(given: str | None) -> tuple[str, str] | None:
    """Template and arguments of PROMPT's object: what is asked, and of what."""
    if given is None or not given.startswith("{"):
        return None
    try:
        found = json.loads(given)
    except ValueError:
        return None
    match found:
        case {"template": str(template), "args": list(arguments)} if arguments:
            return template, "\n".join(str(argument) for argument in arguments)
        case _:
            return None
