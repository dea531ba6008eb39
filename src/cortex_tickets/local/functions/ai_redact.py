"""AI_REDACT: personal data in texts, replaced by its category or listed. An error of a row fails the statement."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall, categories_of
from cortex_tickets.local.functions.told_tokens import told_tokens
from cortex_tickets.local.language.redaction import CATEGORIES, personal_data, redacted
from cortex_tickets.local.language.tokens import count_tokens

_MOST_TOKENS = 4_096
_MOST_OUTPUT = 1_024


class AiRedact(CortexFunction):
    """AI_REDACT(text[, categories][, return_error_details][, mode]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_redact, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_REDACT"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True),
        Parameter("CATEGORIES"),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
        Parameter("MODE"),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A text, or an object in mode `detect` and with details."""
        is_object = (
            given.get("RETURN_ERROR_DETAILS") or given.get("CATEGORIES") is True or given.get("MODE") == "detect"
        )
        return "JSON" if is_object else "VARCHAR"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """The text without personal data; in mode `detect` `{"spans": [..]}`."""
        given = rows.settings.get("CATEGORIES")
        wants_errors = rows.flag("RETURN_ERROR_DETAILS") or given is True
        has_categories = "CATEGORIES" in rows.settings and not isinstance(given, bool)
        categories = self._categories(given) if has_categories else CATEGORIES
        mode = rows.settings.get("MODE") or "redact"
        if mode not in {"redact", "detect"}:
            raise refused(self.name, 400, f'invalid mode "{mode}": redact or detect is expected')
        told = told_tokens(categories) if has_categories else 0
        call = TextCall(self.services, rows, most_tokens=_MOST_TOKENS, told_tokens=told)
        given_back = [
            redacted(text, categories) if mode == "redact" else _detected(text, categories) for text in call.asked
        ]
        errors = [_too_much(asked, answer) for asked, answer in zip(call.asked, given_back, strict=True)]
        call.answer(
            [answer if error is None else None for answer, error in zip(given_back, errors, strict=True)],
            errors=errors,
        )
        if wants_errors or not rows.asker.fails_on_error:
            return call.values(with_details=wants_errors, are_text=mode == "redact")
        return call.values_or_raise()

    def _categories(self, given: object) -> list[str]:
        listed = categories_of(given)
        if listed is None:
            raise refused(self.name, 400, "invalid categories: an array of strings is expected")
        names = [str(item).upper() for item in listed]
        if unknown := [name for name in names if name not in CATEGORIES]:
            raise refused(self.name, 400, f"invalid categories: unknown category {unknown[0]}")
        return names


def _detected(text: str, categories: Sequence[str]) -> str:
    spans = [
        {"category": span.category, "start": span.start, "end": span.end, "text": span.text}
        for span in personal_data(text, categories)
    ]
    return json.dumps({"spans": spans}, ensure_ascii=False)


def _too_much(asked: str, answer: str) -> str | None:
    """Why a row is refused: input and output share one limit, and the output has one of its own."""
    written = count_tokens(answer)
    if written > _MOST_OUTPUT:
        return f"max output tokens of {_MOST_OUTPUT} exceeded"
    return f"max tokens of {_MOST_TOKENS} exceeded" if count_tokens(asked) + written > _MOST_TOKENS else None
