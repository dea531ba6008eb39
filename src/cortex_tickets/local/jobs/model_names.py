"""Names of models, as Snowflake folds and resolves them."""

from __future__ import annotations

import re
from collections.abc import Container

_PART = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z][A-Za-z0-9_$]*)')
_PLAIN = re.compile(r"[A-Z_][A-Z0-9_$]*")
_MOST_PARTS = 3


def full_name(name: str, database: str | None, schema: str | None) -> str | None:
    """`DATABASE.SCHEMA.NAME`, upper case where unquoted, in quotes where it needs them; `None` for no identifier.

    Whoever is told it can ask the model by it as it stands.
    """
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
            return ".".join(map(_quoted, [*defaults[: _MOST_PARTS - len(parts)], *parts]))
        if name[position] != ".":
            return None
        position += 1
    return None


def schema_of(model: str) -> tuple[str, str]:
    """Database and schema of a full name."""
    database, schema, _ = (found[1].replace('""', '"') if found[1] else found[2] for found in _PART.finditer(model))
    return database, schema


def free_name(name: str, taken: Container[str]) -> str:
    """`name`, or `name` with the first free suffix: Snowflake adds one instead of refusing."""
    if name not in taken:
        return name
    stem, end = (name[:-1], '"') if name.endswith('"') else (name, "")
    number = 2
    while f"{stem}_{number}{end}" in taken:
        number += 1
    return f"{stem}_{number}{end}"


def _quoted(part: str) -> str:
    return part if _PLAIN.fullmatch(part) or not part else '"' + part.replace('"', '""') + '"'
