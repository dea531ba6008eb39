"""What clients send, read into the engine's own terms."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from fakesnow.converter import from_binding
from starlette.requests import Request


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON body, unpacked; an empty one is an empty object."""
    body = await request.body()
    if request.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    value = json.loads(body) if body else {}
    return value if isinstance(value, dict) else {}


def token_of(request: Request) -> str:
    """The session token of `Authorization: Snowflake Token="…"`; empty where there is none."""
    header = request.headers.get("Authorization", "")
    return header.partition('"')[2].rstrip('"')


def bound_values_of(body: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Bound values in order, or rows of them when the client bound many; and whether it did."""
    bindings: Mapping[str, Any] = body.get("bindings") or {}
    ordered = [bindings[key] for key in sorted(bindings, key=_position)]
    if not any(isinstance(binding.get("value"), list) for binding in ordered):
        return [_value(binding["type"], binding.get("value")) for binding in ordered], False
    columns = [[_value(binding["type"], value) for value in binding["value"]] for binding in ordered]
    return [list(row) for row in zip(*columns, strict=True)], True


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Statement parameters, names in upper case."""
    return {str(name).upper(): value for name, value in (body.get("parameters") or {}).items()}


def _position(key: str) -> int:
    return int(key) if key.isdigit() else 0


def _value(kind: str, value: str | None) -> Any:
    if value is None:
        return None
    if kind == "REAL":
        return float(value)
    return from_binding({"type": kind, "value": value})
