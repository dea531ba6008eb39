"""Turns a Pydantic model into the JSON schema of a constrained answer, within what Cortex takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

_TAKEN = ("type", "properties", "required", "items", "enum", "anyOf", "$ref", "$defs")
"""The keywords that are sent. Titles and docstrings would cost tokens; limits of lengths and numbers are refused."""


def answer_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the model's schema with nothing in it that Cortex refuses.

    Every property is required and no other is allowed, which OpenAI's models demand and others do not mind. What is
    left out (limits, patterns, formats) binds the server no more: whoever reads the answer has to look at it.

    Source:
        docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-22: the keywords
        that are refused, and what OpenAI's models demand.
    """
    return _node(model.model_json_schema())


def _node(schema: Mapping[str, Any]) -> dict[str, Any]:
    node = {keyword: schema[keyword] for keyword in _TAKEN if keyword in schema}
    for keyword in ("properties", "$defs"):
        if keyword in node:
            node[keyword] = {name: _node(part) for name, part in node[keyword].items()}
    if "items" in node:
        node["items"] = _node(node["items"])
    if "anyOf" in node:
        node["anyOf"] = [_node(part) for part in node["anyOf"]]
    if "properties" in node:
        node["required"] = list(node["properties"])
        node["additionalProperties"] = False
    return node
