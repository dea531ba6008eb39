"""AI_SENTIMENT: how each text sounds, on the whole and about up to ten categories."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall, categories_of
from cortex_tickets.local.functions.told_tokens import told_tokens
from cortex_tickets.local.language.sentiment import sentiment_labels

_MOST_TOKENS = 2_048
_MOST_CATEGORIES = 10
_LONGEST_CATEGORY = 30


class AiSentiment(CortexFunction):
    """AI_SENTIMENT(text[, categories][, return_error_details]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_sentiment, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_SENTIMENT"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT", is_row=True, is_required=True, also_named=("TEXT",)),
        Parameter("CATEGORIES"),
        Parameter("RETURN_ERROR_DETAILS", is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """Always an object."""
        del given
        return "JSON"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """`{"categories": [{"name": .., "sentiment": ..}]}` for each text, `overall` first."""
        given = rows.settings.get("CATEGORIES")
        # Without categories the flag may stand in their place.
        wants_errors = rows.flag("RETURN_ERROR_DETAILS") or given is True
        categories = [] if given is None or isinstance(given, bool) else self._categories(given)
        call = TextCall(self.services, rows, most_tokens=_MOST_TOKENS, told_tokens=told_tokens(categories))
        names = ["overall", *categories]
        labels = [sentiment_labels(text, categories) for text in call.asked]
        call.answer(
            [
                json.dumps(
                    {
                        "categories": [
                            {"name": name, "sentiment": label} for name, label in zip(names, of_text, strict=True)
                        ]
                    },
                    ensure_ascii=False,
                )
                for of_text in labels
            ],
            written=[" ".join(of_text) for of_text in labels],
        )
        return call.values(with_details=wants_errors)

    def _categories(self, given: object) -> list[str]:
        listed = categories_of(given)
        if listed is None or not all(isinstance(item, str) and item for item in listed):
            raise refused(self.name, 400, "invalid categories: an array of strings is expected")
        if len(listed) > _MOST_CATEGORIES:
            raise refused(self.name, 400, f"invalid categories: at most {_MOST_CATEGORIES} categories are allowed")
        names = [str(item) for item in listed]
        if any(len(name) > _LONGEST_CATEGORY for name in names):
            raise refused(self.name, 400, f"invalid categories: a category has at most {_LONGEST_CATEGORY} characters")
        return names
