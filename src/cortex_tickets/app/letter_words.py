"""A letter's words as a page shows them in one piece."""

from __future__ import annotations


def words_of(subject: str | None, body: str | None) -> str:
    """Return subject and body, each on lines of its own; what is missing is left out."""
    return "\n".join(part for part in (subject, body) if part)
