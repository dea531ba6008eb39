"""`response_format`: the schema in it, and Snowflake's refusals of a bad one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.sql.errors import StatementError

# docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22
_NAMED = ("properties", "$defs")
_KEY = re.compile(r"[a-zA-Z0-9_-]{1,64}")
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
    defined = schema.get("$defs")
    _check(schema, function, defined if isinstance(defined, Mapping) else ())
    return schema


def _check(node: Any, function: str, defined: Collection[str]) -> None:
    """Look at a node of a schema and at all below it."""
    if isinstance(node, list):
        for item in node:
            _check(item, function, defined)
    if not isinstance(node, Mapping):
        return
    if problem := _problem(node, defined):
        raise _invalid(function, problem)
    for key, value in node.items():
        if key in _NAMED and isinstance(value, Mapping):
            for part in value.values():
                _check(part, function, defined)
        elif key not in {"enum", "const", "default", "required"}:
            _check(value, function, defined)


def _problem(node: Mapping[str, Any], defined: Collection[str]) -> str | None:
    """What Snowflake does not take of one node; `None` where it takes all."""
    if found := sorted(_UNSUPPORTED & set(node)):
        return f"keyword {found[0]} is not supported"
    reference = node.get("$ref")
    if reference is not None and str(reference) not in {f"#/$defs/{name}" for name in defined}:
        return f"$ref must name one of the schema's own #/$defs, and not {reference}"
    names = [name for key in _NAMED if isinstance(node.get(key), Mapping) for name in node[key]]
    if wrong := [name for name in names if not _KEY.fullmatch(name)]:
        return f"key {wrong[0]!r} does not match {_KEY.pattern}"
    return None


def _invalid(function: str, why: str) -> StatementError:
    return refused(function, 400, f"input schema validation error: {why}")
