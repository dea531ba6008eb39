"""What is asked of a ticket's text in SQL: its hash, and whether there is anything in it."""

from __future__ import annotations


def text_hash(text: str) -> str:
    """Return the expression of the text's SHA-256; no text hashes as the empty one."""
    return f"SHA2(COALESCE({text}, ''), 256)"


def is_blank(text: str) -> str:
    """Return the condition that the text is NULL or nothing but white space."""
    return f"COALESCE(TRIM({text}, ' \\t\\n\\r'), '') = ''"
