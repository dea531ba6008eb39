"""What is asked of a ticket's text in SQL: its hash, and whether there is anything in it."""

from __future__ import annotations

TICKETS = "CORTEX_TICKETS_ROWS"
"""Name of the subquery that reads a source: one that no user's table has, since it hides a table of its name."""
BLANKS = " \t\n\r"
"""What a blank text may consist of; `is_blank` in SQL and `is_blank_text` in Python agree on it."""


def text_hash(text: str) -> str:
    """Return the expression of the text's SHA-256; no text hashes as the empty one."""
    return f"SHA2(COALESCE({text}, ''), 256)"


def is_blank(text: str) -> str:
    """Return the condition that the text is NULL or nothing but white space."""
    return f"COALESCE(TRIM({text}, ' \\t\\n\\r'), '') = ''"


def is_blank_text(text: str) -> bool:
    """Return whether the text is nothing but white space, as `is_blank` does in SQL."""
    return not text.strip(BLANKS)
