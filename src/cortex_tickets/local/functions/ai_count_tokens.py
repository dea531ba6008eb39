"""AI_COUNT_TOKENS: input tokens of a text for a function and its model, as that function counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from cortex_tickets.local.functions.embedding_models import embedding_model
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.row_answers import with_error_details
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import texts_of_rows
from cortex_tickets.local.functions.told_tokens import told_tokens, told_tokens_of_json
from cortex_tickets.local.language.tokens import count_tokens_many

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
    """AI_COUNT_TOKENS(function[, model], text[, options]), and the forms of single functions.

    AI_CLASSIFY's categories stand where options do, AI_SIMILARITY has a second text there, and the languages of
    AI_TRANSLATE count nothing. `return_error_details` is known by its name only: by position it gives NULL.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_count_tokens, read 2026-11-25; for the flag's position the
        source of snowflake-snowpark-python 1.56.0.
    """

    name: ClassVar[str] = "AI_COUNT_TOKENS"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("FUNCTION_NAME", is_required=True),
        Parameter("SECOND", is_row=True, is_required=True, also_named=("INPUT_TEXT", "INPUT_TEXT_1")),
        Parameter("THIRD", is_row=True, also_named=("INPUT_TEXT_2", "CATEGORIES")),
        Parameter("OPTIONS"),
        Parameter("MODEL_NAME", only_named=True),
        Parameter("RETURN_ERROR_DETAILS", only_named=True, is_flag=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A number, or the object with details."""
        return "JSON" if given.get("RETURN_ERROR_DETAILS") else "BIGINT"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Tokens of each text, with what is sent along."""
        function = rows.text("FUNCTION_NAME") or ""
        if function not in _FUNCTIONS:
            raise refused(self.name, 400, f'unknown function "{function}"')
        if rows.column_types.get("THIRD") == "BOOLEAN" or isinstance(rows.settings.get("OPTIONS"), bool):
            return [None] * rows.n_rows
        values = self._counts(function, self._with_model_in_place(rows))
        if not rows.flag("RETURN_ERROR_DETAILS"):
            return values
        return with_error_details(values, [None] * len(values))

    def _counts(self, function: str, rows: Rows) -> list[str | None]:
        options = told_tokens(rows.settings.get("OPTIONS"))
        if self._has_model(function, rows):
            texts, _ = texts_of_rows(rows, "THIRD")
            told = [options] * rows.n_rows
        else:
            texts, _ = texts_of_rows(rows, "SECOND")
            others, _ = texts_of_rows(rows, "THIRD")
            if function == "ai_similarity":
                told = count_tokens_many([other or "" for other in others])  # its options name a model
            elif function == "ai_translate":
                told = [0] * rows.n_rows
            else:
                of_each = {other: options + told_tokens_of_json(other) for other in set(others)}
                told = [of_each[other] for other in others]
        counts = count_tokens_many([text or "" for text in texts])
        return [
            None if text is None else str(count + more) for text, count, more in zip(texts, counts, told, strict=True)
        ]

    def _with_model_in_place(self, rows: Rows) -> Rows:
        """The rows as if a model that was given by its name stood before the text."""
        model = rows.text("MODEL_NAME")
        if model is None:
            return rows
        columns = {"SECOND": [model] * rows.n_rows, "THIRD": rows.columns["SECOND"]}
        types = {"SECOND": "VARCHAR", "THIRD": rows.column_types.get("SECOND", "VARCHAR")}
        return replace(rows, columns=columns, column_types=types)

    def _has_model(self, function: str, rows: Rows) -> bool:
        """Whether the second argument is a model and not the text; it must be one where the function needs it."""
        name = next((name for name in rows.columns["SECOND"] if name is not None), "")
        if function == "ai_embed":
            is_known = embedding_model(name) is not None
        elif function in _NEEDS_MODEL:
            is_known = self.services.catalog.find(name) is not None
        else:
            return function == "ai_similarity" and embedding_model(name) is not None and "OPTIONS" not in rows.settings
        if not is_known:
            raise refused(self.name, 400, f'unknown model "{name}"')
        return True
