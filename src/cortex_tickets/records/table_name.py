"""A table's name, checked before it stands in a statement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from cortex_tickets.errors import InvalidInputError

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
# No statement can carry NUL or a lone surrogate.
_PART = re.compile('"(?:[^"\\x00\\ud800-\\udfff]|"")+"|[A-Za-z_][A-Za-z0-9_$]*')
_MAX_PARTS = 3
_NAME = re.compile(rf"(?:{_PART.pattern})(?:\.(?:{_PART.pattern})){{0,{_MAX_PARTS - 1}}}")
MAX_LENGTH = 255
"""Characters of a name in Snowflake."""
_SHOWN = 300
"""Characters of a wrong name that a message shows: more than any right one has."""


@dataclass(frozen=True, slots=True)
class TableName:
    """A table's name of one to three parts, `[[database.]schema.]table`, each plain or double-quoted."""

    parts: tuple[str, ...]
    """The parts as Snowflake stores them: plain ones in upper case, quoted ones as they stand, without quotes."""

    @classmethod
    def parse(cls, name: str, *, role: str = "table") -> Self:
        """Return the name as parts.

        Raises:
            InvalidInputError: If `name` is no identifier; the message says which value was meant (`role`).
        """
        given: object = name
        if not isinstance(given, str):
            raise InvalidInputError(f"The {role} name is a {type(given).__name__}; give it as text.")
        text = name.strip()
        parts = tuple(_stored(part) for part in _PART.findall(text)) if _NAME.fullmatch(text) else ()
        if not parts or max(map(len, parts)) > MAX_LENGTH:
            raise InvalidInputError(
                f"{_shown(name)} is not a {role} name. Expected one to three parts joined by dots, each of letters, "
                'digits and _ and not beginning with a digit, or in double quotes, such as DB.SCHEMA."My table".'
            )
        return cls(parts)

    @property
    def name(self) -> str:
        """The last part."""
        return self.parts[-1]

    @property
    def is_full(self) -> bool:
        """Whether it has its database and schema."""
        return len(self.parts) == _MAX_PARTS

    @property
    def sql(self) -> str:
        """The name as it stands in a statement, every part quoted."""
        return ".".join('"' + part.replace('"', '""') + '"' for part in self.parts)

    def sibling(self, suffix: str) -> TableName:
        """Return the name of a table beside this one, with `suffix` on its last part."""
        return TableName((*self.parts[:-1], self.name + suffix))

    def within(self, database: str, schema: str) -> TableName:
        """Return the name with all three parts, the missing ones taken from `database` and `schema`."""
        missing = _MAX_PARTS - len(self.parts)
        return TableName((database, schema)[:missing] + self.parts)

    def __str__(self) -> str:
        return ".".join(part if _is_stored_plain(part) else '"' + part.replace('"', '""') + '"' for part in self.parts)


def column_sql(name: str) -> str:
    """Return a column's name as it stands in a statement.

    Raises:
        InvalidInputError: If it is no identifier.
    """
    return '"' + column_name(name).replace('"', '""') + '"'


def column_name(name: str) -> str:
    """Return a column's name as Snowflake stores it.

    Raises:
        InvalidInputError: If it is no identifier.
    """
    if not _PART.fullmatch(str(name)) or len(_stored(name)) > MAX_LENGTH:
        raise InvalidInputError(
            f"{_shown(name)} is not a column name. Expected letters, digits and _, or any text in double quotes, of at "
            f"most {MAX_LENGTH} characters."
        )
    return _stored(name)


def _shown(name: object) -> str:
    written = repr(name)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def _stored(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()


def _is_stored_plain(part: str) -> bool:
    return bool(_PLAIN.fullmatch(part)) and part == part.upper()
