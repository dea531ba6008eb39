"""AI_SIMILARITY: how alike two texts are, as the cosine of their embeddings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from cortex_tickets.local.functions.embedding_models import embedding_model
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows, SqlType
from cortex_tickets.local.functions.text_call import TextCall, texts_of_rows
from cortex_tickets.local.functions.text_vectors import text_vectors
from cortex_tickets.local.language.tokens import count_tokens_many

_DEFAULT_MODEL = "snowflake-arctic-embed-l-v2.0"


class AiSimilarity(CortexFunction):
    """AI_SIMILARITY(text, text[, {'model': ..}]).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_similarity, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_SIMILARITY"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("INPUT1", is_row=True, is_required=True),
        Parameter("INPUT2", is_row=True, is_required=True),
        Parameter("CONFIG", also_named=("CONFIG_OBJECT",)),
    )

    def returns(self, given: Mapping[str, Any]) -> SqlType:
        """From -1 to 1."""
        del given
        return "DOUBLE"

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """NULL where one of the two is."""
        config = rows.settings.get("CONFIG") or {}
        if not isinstance(config, Mapping) or set(config) - {"model"}:
            raise refused(self.name, 400, "invalid options object")
        name = str(config.get("model", _DEFAULT_MODEL))
        model = embedding_model(name)
        if model is None:
            raise refused(self.name, 400, f'unknown model "{name}"')
        if not model.takes_text:
            raise refused(self.name, 400, f'model "{name}" does not support given modality')
        call = TextCall(self.services, rows, parameter="INPUT1", model=model.name)
        others, _ = texts_of_rows(rows, "INPUT2")
        call.add_tokens(count_tokens_many([other or "" for other in others]))
        pairs = [
            (row, text, other)
            for row, (text, other) in enumerate(zip(call.texts, others, strict=True))
            if text is not None and other is not None
        ]
        first = text_vectors(self.services, [pair[1] for pair in pairs], model, self.name)
        second = text_vectors(self.services, [pair[2] for pair in pairs], model, self.name)
        alike: dict[int, str] = {}
        for (row, _, _), one, other_one in zip(pairs, first, second, strict=True):
            alike[row] = f"{float(np.clip(one @ other_one, -1, 1)):.7g}"
        call.answer([alike.get(row) for row, text in enumerate(call.texts) if text is not None])
        return call.values_or_raise()
