"""AI_COUNT_TOKENS: input tokens of a text for a function and its model, as AI_COMPLETE counts them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.models import refused
from cortex_tickets.local.functions.row_answers import with_error_details
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.language.tokens import count_tokens, count_tokens_many

# What the function takes between its own name and the options.
_WITH_MODEL = frozenset({"ai_complete", "ai_embed"})
_KNOWN = frozenset({"ai_classify", "ai_sentiment", "ai_translate", "ai_filter", "ai_extract", "ai_summarize"})


class AiCountTokens(CortexFunction):
    """AI_COUNT_TOKENS('ai_complete', model, text) and ('ai_classify', text, categories).

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
        """Tokens of each text."""
        function = rows.text("FUNCTION_NAME") or ""
        if function in _WITH_MODEL:
            model = next((name for name in rows.columns["SECOND"] if name is not None), None)
            if model is None or self.services.catalog.find(model) is None:
                raise refused(self.name, 400, f'unknown model "{model}"')
            texts, extra = rows.columns["THIRD"], 0
        elif function in _KNOWN:
            texts, extra = rows.columns["SECOND"], _category_tokens(rows.columns["THIRD"])
        else:
            raise refused(self.name, 400, f'unknown function "{function}"')
        counts = count_tokens_many([text or "" for text in texts])
        values = [None if text is None else str(count + extra) for text, count in zip(texts, counts, strict=True)]
        if rows.flag("RETURN_ERROR_DETAILS"):
            return with_error_details(values, [None] * len(values))
        return values


def _category_tokens(categories: Sequence[str | None]) -> int:
    """Categories are sent with every text, and counted with it."""
    first = next((text for text in categories if text is not None), None)
    if first is None:
        return 0
    try:
        listed = json.loads(first)
    except ValueError:
        return 0
    if not isinstance(listed, list):
        return 0
    parts = [item if isinstance(item, str) else " ".join(map(str, item.values())) for item in listed]
    return sum(count_tokens(part) for part in parts)
