"""`model_parameters` and `options` of completions: which are taken, and Snowflake's refusal of others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cortex_tickets.local.functions.refused_call import refused


def model_parameters_of(given: Any, function: str, *, most_tokens: int | None = None) -> Mapping[str, Any]:
    """The parameters, checked; empty where none are given. Keys that Snowflake does not document are let pass.

    Args:
        given: What stands in the call.
        function: The function that is called, for the refusal.
        most_tokens: The largest `max_tokens`; `None` where the documentation gives none.

    Raises:
        StatementError: `invalid options object`, for what is no object, and for values out of the documented range.

    Source:
        docs.snowflake.com/en/sql-reference/functions/ai_complete-single-string and complete-snowflake-cortex, read
        2026-11-22.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise refused(function, 400, "invalid options object")
    for name in ("temperature", "top_p"):
        value = given.get(name)
        if value is not None and not (_is_number(value) and 0 <= value <= 1):
            raise refused(function, 400, f"invalid options object: {name} must be a number from 0 to 1")
    most = given.get("max_tokens")
    if most is not None and not (_is_number(most) and most >= 1 and most == int(most)):
        raise refused(function, 400, "invalid options object: max_tokens must be a whole number from 1 on")
    if most is not None and most_tokens is not None and most > most_tokens:
        raise refused(function, 400, f"invalid options object: max_tokens must be at most {most_tokens}")
    if given.get("guardrails") is not None and not isinstance(given["guardrails"], bool):
        raise refused(function, 400, "invalid options object: guardrails must be TRUE or FALSE")
    return given


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
