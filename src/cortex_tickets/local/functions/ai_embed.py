"""AI_EMBED and the legacy EMBED_TEXT_768 and EMBED_TEXT_1024: a vector for each text; what fails, raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from cortex_tickets.local.functions.embedding_models import EmbeddingModel, embedding_model
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import Floats, Parameter, Rows, VectorFunction
from cortex_tickets.local.functions.text_call import TextCall
from cortex_tickets.local.functions.text_vectors import text_vectors


class AiEmbed(VectorFunction):
    """AI_EMBED(model, text).

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_embed, read 2026-11-22.
    """

    name: ClassVar[str] = "AI_EMBED"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("MODEL", is_required=True),
        Parameter("INPUT", is_row=True, is_required=True),
    )
    only_dimension: ClassVar[int | None] = None

    def dimension(self, given: Mapping[str, Any]) -> int | None:
        """Of the model that is named; the legacy functions have theirs in their name."""
        model = embedding_model(str(given.get("MODEL")))
        return self.only_dimension if model is None else model.dimension

    def vectors(self, rows: Rows) -> list[Floats | None]:
        """A vector of length 1 for each text."""
        model = self._model(rows)
        call = TextCall(self.services, rows, model=model.name)
        call.answer([""] * len(call.asked))
        call.values_or_raise()
        found = iter(text_vectors(self.services, call.asked, model, self.name))
        return [None if answer is None else next(found) for answer in call.answers]

    def _model(self, rows: Rows) -> EmbeddingModel:
        name = rows.text("MODEL") or ""
        model = embedding_model(name)
        if model is None or (self.only_dimension is not None and model.dimension != self.only_dimension):
            raise refused(self.name, 400, f'unknown model "{name}"')
        if not model.takes_text:
            raise refused(self.name, 400, f'model "{name}" does not support given modality')
        return model


class EmbedText768(AiEmbed):
    """EMBED_TEXT_768(model, text), for models of that length.

    Source:
        docs.snowflake.com/en/sql-reference/functions/embed_text-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.EMBED_TEXT_768"
    only_dimension: ClassVar[int | None] = 768


class EmbedText1024(AiEmbed):
    """EMBED_TEXT_1024(model, text), for models of that length.

    Source:
        docs.snowflake.com/en/sql-reference/functions/embed_text_1024-snowflake-cortex, read 2026-11-22.
    """

    name: ClassVar[str] = "SNOWFLAKE.CORTEX.EMBED_TEXT_1024"
    only_dimension: ClassVar[int | None] = 1024
