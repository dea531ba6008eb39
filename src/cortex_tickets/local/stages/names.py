"""Names of stages and other objects, and the paths behind a stage's name."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets.local.stages.words import unexpected

_PART = re.compile(r'"((?:[^"]|"")*)"|([^."/]+)')


@dataclass(frozen=True, slots=True)
class Place:
    """A stage, or a path in it.

    Attributes:
        stage: Full name of the stage: database, schema, name.
        path: Path behind the name, without a slash before it; empty for all of the stage.
    """

    stage: tuple[str, str, str]
    path: str = ""


def full_name(name: str, database: str | None, schema: str | None) -> tuple[str, str, str]:
    """Database, schema and name; parts without quotes in upper case."""
    parts, end = _parts(name)
    if end != len(name):
        raise unexpected(name)
    return _full(parts, database, schema)


def place_of(reference: str, database: str | None, schema: str | None, user: str) -> Place:
    """The stage of `@name/path`, of a table's `@%name`, or of the user's `@~`."""
    if not reference.startswith("@"):
        raise unexpected(reference)
    name = reference[1:]
    if name.startswith("~"):
        return Place(("~", user, "~"), name[1:].lstrip("/"))
    is_of_table = name.startswith("%")
    parts, end = _parts(name.removeprefix("%"))
    path = name.removeprefix("%")[end:].lstrip("/")
    if is_of_table or parts[-1].startswith("%"):
        parts[-1] = f"%{parts[-1].removeprefix('%')}"
    return Place(_full(parts, database, schema), path)


def _full(parts: list[str], database: str | None, schema: str | None) -> tuple[str, str, str]:
    defaults = [database or "", schema or ""]
    found = [*defaults[: 3 - len(parts)], *parts]
    return found[0], found[1], found[2]


def _parts(name: str) -> tuple[list[str], int]:
    parts: list[str] = []
    end = 0
    while found := _PART.match(name, end):
        parts.append(found[1].replace('""', '"') if found[1] is not None else found[2].upper())
        end = found.end()
        if name[end : end + 1] != ".":
            break
        end += 1
    if not 1 <= len(parts) <= 3:  # noqa: PLR2004 - database, schema, name
        raise unexpected(name)
    return parts, end
