"""Stands in for Cortex Guard: keeps back an answer that holds one of a few words of violence or hate.

Llama Guard judges what is meant; this knows words only.
"""

from __future__ import annotations

import re

GUARDED = "Response filtered by Cortex Guard"
"""docs.snowflake.com/en/sql-reference/functions/complete-snowflake-cortex, read 2026-11-25"""

_UNSAFE = re.compile(
    r"\b(?:kill|murder|shoot|stab|strangle|rape|bomb|blow up|behead|massacre|poison|torture|suicide|hang myself|"
    r"subhuman|vermin|gas chamber)(?:s|ed|ing|er|ers)?\b",
    re.IGNORECASE,
)


def is_unsafe(text: str) -> bool:
    """Tell whether an answer is kept back."""
    return _UNSAFE.search(text) is not None
