"""What is asked of a ticket's text in SQL: its hash, and whether there is anything in it."""

from __future__ import annotations

from cortex_tickets._cortex.quoting import literal
from cortex_tickets.prompts.delimiter import BLANKS

TICKETS = "CORTEX_TICKETS_ROWS"
"""Name of the subquery that reads a source: one that no user's table has, since it hides a table of its name."""


def text_hash(text: str) -> str:
    """Return the expression of the text's SHA-256; no text hashes as the empty one."""
    return f"SHA2(COALESCE({text}, ''), 256)"


def is_blank(text: str) -> str:
    """Return the condition that the text is NULL or has nothing to read, as `prompts.delimiter.is_blank` has it."""
    return f"COALESCE(TRIM({text}, {literal(BLANKS)}), '') = ''"
