"""The embedding models that Snowflake offers, and what each gives and takes.

Source:
    docs.snowflake.com/en/sql-reference/functions/ai_embed and embed_text-snowflake-cortex, read 2026-11-22.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """One embedding model.

    Attributes:
        name: Snowflake's name.
        dimension: Length of its vectors.
        context_window: Most input tokens; what is longer is cut, as Snowflake does.
        takes_text: Whether it embeds texts; the other embeds images only.
    """

    name: str
    dimension: int
    context_window: int
    takes_text: bool = True


_MODELS = {
    model.name: model
    for model in (
        EmbeddingModel("snowflake-arctic-embed-l-v2.0", 1024, 512),
        EmbeddingModel("snowflake-arctic-embed-l-v2.0-8k", 1024, 8192),
        EmbeddingModel("snowflake-arctic-embed-m-v1.5", 768, 512),
        EmbeddingModel("snowflake-arctic-embed-m", 768, 512),
        EmbeddingModel("e5-base-v2", 768, 512),
        EmbeddingModel("nv-embed-qa-4", 1024, 512),
        EmbeddingModel("multilingual-e5-large", 1024, 514),
        EmbeddingModel("voyage-multilingual-2", 1024, 32_000),
        EmbeddingModel("voyage-multimodal-3", 1024, 32_000, takes_text=False),
    )
}


def embedding_model(name: str) -> EmbeddingModel | None:
    """The model of that name, any case; `None` when there is none."""
    return _MODELS.get(name.lower())
