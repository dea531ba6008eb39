"""Constants in SQL: the one place where a Python value becomes part of a statement's text.

Ticket texts do not come here; they are bound or stand in columns.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cortex_tickets.prompts.delimiter import clean


def literal(text: str) -> str:
    """Return the text as a string constant.

    Backslash is an escape in Snowflake's constants, so it is doubled like the quote.
    """
    escaped = clean(text).replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def constant(value: object) -> str:
    """Return a JSON-like value as an object, array, string, number, boolean or NULL constant.

    Raises:
        TypeError: If the value is none of these.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return json.dumps(value, allow_nan=False)
    if isinstance(value, str):
        return literal(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{literal(str(key))}: {constant(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(constant(item) for item in value) + "]"
    raise TypeError(f"A {type(value).__name__} cannot stand as a constant in a statement.")
