"""Vectors of texts for the functions that embed: from the configured sentence encoder, or else of hashed words."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets.local.functions.embedding_models import EmbeddingModel
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.services import Services
from cortex_tickets.local.functions.signature import Floats
from cortex_tickets.local.language.embedding import embed_many
from cortex_tickets.local.sentence_encoder.sentence_encoder import EncoderError


def text_vectors(services: Services, texts: Sequence[str], model: EmbeddingModel, function: str) -> list[Floats]:
    """A vector of length 1, and of the model's dimension, for each text.

    Raises:
        StatementError: When the sentence encoder cannot give vectors of that dimension.
    """
    if services.encoder is None:
        return embed_many(texts, model.dimension, model.context_window)
    try:
        return services.encoder.vectors(texts, model.dimension, model.context_window)
    except EncoderError as error:
        raise refused(function, 400, str(error)) from None
