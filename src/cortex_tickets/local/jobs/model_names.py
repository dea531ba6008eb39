"""Names of models, as Snowflake folds and resolves them."""

from __future__ import annotations

import re
from collections.abc import Container

_PART = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z][A-Za-z0-9_$]*)')
_MOST_PARTS = 3


def full_name(name: str, database: str | None, schema: str | None) -> str | None:
    """`DATABASE.SCHEMA.NAME`, upper case where unquoted; `None` when it is no identifier."""
    parts: list[str] = []
    position = 0
    while position <= len(name) and len(parts) < _MOST_PARTS:
        found = _PART.match(name, position)
        if found is None:
            return None
        parts.append(found[1].replace('""', '"') if found[1] else found[2].upper())
        position = found.end()
        if position == len(name):
            defaults = [database or "", schema or ""]
            return ".".join([*defaults[: _MOST_PARTS - len(parts)], *parts])
        if name[position] != ".":
            return None
        position += 1
    return None


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or `name` with the first free suffix: Snowflake adds one instead of refusing."""
    if name not in taken:
        return name
    number = 2
    while f"{name}_{number}" in taken:
        number += 1
    return f"{name}_{number}"
