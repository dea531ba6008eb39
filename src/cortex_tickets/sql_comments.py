"""Comments in SQL that a person reviews: what stands in them cannot end them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable


def comment(text: str) -> str:
    """Return the text as lines of comment: it cannot end the comment, or the `$$` that a body stands in."""
    words = " ".join(text.split()).replace("$$", "$ $")
    return "\n".join(f"-- {line}" for line in textwrap.wrap(words, 96, break_long_words=False, break_on_hyphens=False))


def as_comments(statements: Iterable[str]) -> list[str]:
    """Return statements that a reader may send later, each as one line of comment."""
    # A name in quotes may hold the end of a line, which would end the comment.
    return [f"-- {' '.join(statement.splitlines())};" for statement in statements]
