"""Limits on words that a prompt or a description states."""

from __future__ import annotations

import re

_INCLUSIVE = re.compile(
    r"(?i)(?:at most|up to|max(?:imum)?(?: of)?|no more than|not more than|within|in)\s+(\d{1,6})\s+words"
)
_EXCLUSIVE = re.compile(r"(?i)(?:fewer than|less than|under|below)\s+(\d{1,6})\s+words")


def stated_limits(text: str) -> list[int]:
    """Return the most words that each stated limit allows: `fewer than 25 words` allows 24."""
    inclusive = [int(found[1]) for found in _INCLUSIVE.finditer(text)]
    exclusive = [int(found[1]) - 1 for found in _EXCLUSIVE.finditer(text)]
    return [limit for limit in (*inclusive, *exclusive) if limit > 0]


def strictest_limit(*texts: str) -> int | None:
    """Return the smallest limit of the first text that states one, or `None`."""
    return next((min(limits) for text in texts if (limits := stated_limits(text))), None)
