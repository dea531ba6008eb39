"""Texts as vectors: AI_EMBED, the tokens that it reads, and the models that are documented for it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from cortex_tickets._cortex.quoting import literal

TEXT_RULE = "as it is"
"""What of a ticket's text is embedded. Training and serving use the functions below, and so embed the same bytes."""


def embed(model: str, text: str) -> str:
    """Return an AI_EMBED call over the expression `text`. A text that it cannot embed fails the whole statement."""
    return f"AI_EMBED({literal(model)}, {text})"


def count_embed_tokens(model: str, text: str) -> str:
    """Return an AI_COUNT_TOKENS call for AI_EMBED, which tells no usage itself: free but for the warehouse.

    Source:
        https://docs.snowflake.com/en/sql-reference/functions/ai_count_tokens, read 2026-11-25.
    """
    return f"AI_COUNT_TOKENS('ai_embed', {literal(model)}, {text})"


@cache
def embedding_dimensions() -> dict[str, int]:
    """Return the length of the vectors of each text model that is documented for AI_EMBED."""
    text = resources.files(__package__).joinpath("embedding_models.toml").read_text(encoding="utf-8")
    return {name: int(length) for name, length in tomllib.loads(text)["dimensions"].items()}
