"""What clients send, read into the engine's own terms."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

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


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Statement parameters, names in upper case."""
    return {str(name).upper(): value for name, value in (body.get("parameters") or {}).items()}
