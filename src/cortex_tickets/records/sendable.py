"""What a statement can carry, be it a value or a part of its text: everything but NUL and lone surrogates."""

from __future__ import annotations

import re
from typing import Any

_NOT_SENDABLE = re.compile("[\x00\ud800-\udfff]")


def clean(text: str) -> str:
    """Return the text without NUL and lone surrogates, which no statement can carry."""
    return _NOT_SENDABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def cleaned(given: Any) -> Any:
    """Return a text, or a list of texts, cleaned; whatever else was given stays as it is, to be refused by its type."""
    if isinstance(given, str):
        return clean(given)
    return tuple(cleaned(one) for one in given) if isinstance(given, list | tuple) else given


def sendable_query(query: str) -> str:
    """Return a query that can be sent as it stands.

    Raises:
        ValueError: If no statement can carry it. Nothing is replaced in a query: it would be another one.
    """
    if _NOT_SENDABLE.search(query):
        raise ValueError(
            "holds NUL or half of a surrogate pair, which no statement can carry; bind values, or load them"
        )
    return query
