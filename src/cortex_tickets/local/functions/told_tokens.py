"""Tokens of what is sent along with every text: labels, descriptions, examples, questions, schemas."""

from __future__ import annotations

import json
from collections.abc import Mapping

from cortex_tickets.local.language.tokens import count_tokens


def told_tokens(told: object) -> int:
    """Tokens of every text in it; AI_COUNT_TOKENS and the functions themselves count by this."""
    if isinstance(told, str):
        return count_tokens(told)
    if isinstance(told, Mapping):
        return sum(told_tokens(part) for part in told.values())
    if isinstance(told, list):
        return sum(told_tokens(part) for part in told)
    return 0


def told_tokens_of_json(told: str | None) -> int:
    """The same of a value that came as the text of its JSON, or as a text alone."""
    if told is None:
        return 0
    try:
        return told_tokens(json.loads(told)) if told.lstrip().startswith(("[", "{", '"')) else count_tokens(told)
    except ValueError:
        return count_tokens(told)
