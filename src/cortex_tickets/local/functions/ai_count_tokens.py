"""AI_COUNT_TOKENS: input tokens of a text for a function and its model, as that function counts them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.embedding_models import embedding_model
from cortex_tickets.local.functions.models import refused
from cortex_tickets.local.functions.row_answers import with_error_details
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import texts_of_rows
from cortex_tickets.local.language.tokens import count_tokens, count_tokens_many

_FUNCTIONS = frozenset(
    f"ai_{name}"
    for name in (
        "agg",
        "classify",
        "complete",
        "embed",
        "extract",
        "filter",
        "redact",
        "sentiment",
        "similarity",
        "summarize",
        "summarize_agg",
        "translate",
    )
)
_NEEDS_MODEL = frozenset({"ai_complete", "ai_embed"})


class AiCountTokens(CortexFunction):
    """AI_COUNT_TOKENS(function[, model], text[, options]); AI_CLASSIFY's categories stand where options do.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_count_tokens, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_COUNT_TOKENS"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("FUNCTION_NAME", is_required=True),
        Parameter("SECOND", is_row=True, is_required=True),
        Parameter("THIRD", is_row=True),
        Parameter("OPTIONS"),
        Parameter("RETURN_ERROR_DETAILS", only_named=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A number, or the object with details."""
        return "JSON" if given.get("RETURN_ERROR_DETAILS") else "BIGINT"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Tokens of each text, with what is sent along."""
        function = rows.text("FUNCTION_NAME") or ""
        if function not in _FUNCTIONS:
            raise refused(self.name, 400, f'unknown function "{function}"')
        options = rows.settings.get("OPTIONS")
        if self._has_model(function, rows):
            texts, _ = texts_of_rows(rows, "THIRD")
            told = _told_tokens(options)
        else:
            texts, _ = texts_of_rows(rows, "SECOND")
            told = _told_tokens(next((text for text in rows.columns["THIRD"] if text is not None), None))
            told += _told_tokens(options)
        counts = count_tokens_many([text or "" for text in texts])
        values = [None if text is None else str(count + told) for text, count in zip(texts, counts, strict=True)]
        if not rows.flag("RETURN_ERROR_DETAILS"):
            return values
        return with_error_details(values, [None] * len(values))

    def _has_model(self, function: str, rows: Rows) -> bool:
        """Whether the second argument is a model and not the text; it must be one where the function needs it."""
        name = next((name for name in rows.columns["SECOND"] if name is not None), "")
        if function == "ai_embed":
            is_known = embedding_model(name) is not None
        elif function in _NEEDS_MODEL:
            is_known = self.services.catalog.find(name) is not None
        else:
            third = next((text for text in rows.columns["THIRD"] if text is not None), "[")
            return embedding_model(name) is not None and not third.startswith(("[", "{"))
        if not is_known:
            raise refused(self.name, 400, f'unknown model "{name}"')
        return True


def _told_tokens(told: object) -> int:
    """Tokens of categories, descriptions, examples and schemas: of every text in them."""
    if isinstance(told, str):
        try:
            told = json.loads(told)
        except ValueError:
            return count_tokens(str(told))
    if isinstance(told, Mapping):
        return sum(_told_tokens(part) for part in told.values())
    if isinstance(told, list):
        return sum(_told_tokens(part) for part in told)
    return count_tokens(told) if isinstance(told, str) else 0
