"""`response_format`: the schema in it, and Snowflake's refusals of a bad one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cortex_tickets.local.functions.models import refused
from cortex_tickets.local.sql.errors import StatementError

# docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22
_UNSUPPORTED = frozenset(
    {
        "multipleOf",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "minLength",
        "maxLength",
        "format",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "minItems",
        "maxItems",
        "patternProperties",
        "minProperties",
        "maxProperties",
        "propertyNames",
    }
)


def schema_of(response_format: Any, function: str) -> Mapping[str, object] | None:
    """The JSON schema that answers must follow; `None` where none is asked for.

    Raises:
        StatementError: For a format without type or schema, or with a keyword that Snowflake refuses.
    """
    if response_format is None:
        return None
    if not isinstance(response_format, Mapping) or response_format.get("type") != "json":
        raise refused(function, 400, "please provide a type for the response format object")
    schema = response_format.get("schema")
    if not isinstance(schema, Mapping) or not schema:
        raise refused(function, 400, "please provide a schema for the response format object")
    _check(schema, function)
    return schema


def _check(node: Any, function: str) -> None:
    if isinstance(node, Mapping):
        if found := sorted(_UNSUPPORTED & set(node)):
            raise _invalid(function, f"keyword {found[0]} is not supported")
        for key, value in node.items():
            if key in {"properties", "$defs"} and isinstance(value, Mapping):
                for part in value.values():
                    _check(part, function)
            elif key not in {"enum", "const", "default", "required"}:
                _check(value, function)
    elif isinstance(node, list):
        for item in node:
            _check(item, function)


def _invalid(function: str, why: str) -> StatementError:
    return refused(function, 400, f"input schema validation error: {why}")
