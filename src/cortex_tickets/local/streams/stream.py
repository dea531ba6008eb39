"""A stream on a table, and where the engine keeps what belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

Name = tuple[str, str, str]
"""Database, schema and name."""

ROOM = "_STREAMS"
"""Schema, beside the source table's own, of offsets and of the views that show changes."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream on a table.

    Attributes:
        name: Its full name.
        table: Full name of the table whose changes it shows.
        is_stale: Whether the table was dropped or replaced since: its history is gone then, as in Snowflake.
    """

    name: Name
    table: Name
    is_stale: bool = False

    @property
    def offset(self) -> Name:
        """The table's rows as they were at the offset."""
        return self.table[0], ROOM, f"{'.'.join(self.name)} offset"

    @property
    def changes(self) -> Name:
        """The view that shows what has changed since."""
        return self.table[0], ROOM, f"{'.'.join(self.name)} changes"

    @property
    def lock(self) -> str:
        """What a statement that uses the changes holds, so that two of them queue."""
        return f"stream {'.'.join(self.name)}"
