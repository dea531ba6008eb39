"""The legacy COUNT_TOKENS: tokens of a text for a model or for one of the legacy functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from cortex_tickets.local.functions.embedding_models import embedding_model
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import texts_of_rows
from cortex_tickets.local.language.tokens import count_tokens

_FUNCTIONS = frozenset({"summarize", "translate", "sentiment", "extract_answer", "entity_sentiment", "classify_text"})


class CountTokens(CortexFunction):
    """COUNT_TOKENS(model_or_function, text).

    Source:
        docs.snowflake.com/en/sql-reference/functions/count_tokens-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.COUNT_TOKENS"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("MODEL_OR_FUNCTION", is_required=True),
        Parameter("INPUT", is_row=True, is_required=True),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """A number."""
        del given
        return "BIGINT"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """Tokens of each text."""
        name = rows.text("MODEL_OR_FUNCTION") or ""
        is_model = embedding_model(name) is not None or self.services.catalog.refusal(name) is None
        if not is_model and name not in _FUNCTIONS:
            raise refused(self.name, 400, f'unknown model "{name}"')
        texts, _ = texts_of_rows(rows, "INPUT")
        return [None if text is None else str(count_tokens(text)) for text in texts]
