"""Where in Snowflake something goes: its schema, its stage, and the statements that bring files there.

Source of the grammar, read 2026-11-25: https://docs.snowflake.com/en/sql-reference/sql/create-stage,
https://docs.snowflake.com/en/sql-reference/sql/put.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cortex_tickets._cortex.quoting import literal
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.table_name import TableName

ROLE = "<role>"
"""Stands for the owner in what is to be granted."""
_PARTS_OF_A_SCHEMA = 2


@dataclass(frozen=True, slots=True)
class Place:
    """A schema, and a stage in it."""

    schema: TableName
    stage: TableName
    """With all three parts."""

    @classmethod
    def of(cls, schema: str, stage: str) -> Place:
        """Return the place of `schema=` and `stage=`.

        Raises:
            InvalidInputError: If one of them is no name, or the schema comes without its database.
        """
        found = TableName.parse(schema, role="schema")
        if len(found.parts) != _PARTS_OF_A_SCHEMA:
            raise InvalidInputError(f"schema={schema!r} must be a database and a schema, such as 'SUPPORT.PUBLIC'.")
        return cls(found, TableName((*found.parts, single_name(stage, "stage"))))

    def named(self, name: str, role: str) -> TableName:
        """Return the full name of an object in this schema.

        Raises:
            InvalidInputError: If `name` is no name of one part.
        """
        return TableName((*self.schema.parts, single_name(name, role)))

    def stage_statement(self) -> str:
        """Return what makes the stage; one that is there stays."""
        return f"CREATE STAGE IF NOT EXISTS {self.stage.sql}\n  COMMENT = 'Code of cortex-tickets: no tickets'"

    def put_statements(self, files: Iterable[Path], folder: str, *, root: Path) -> list[str]:
        """Return a PUT for each file, into a folder of the stage, where it lies as it does under `root`."""
        return [
            # The path stands as it is, with forward slashes: PUT reads no escapes of a URL.
            f"PUT {literal(f'file://{file.resolve().as_posix()}')} "
            f"{literal(self.staged(folder, *file.relative_to(root).parent.parts))}\n"
            "  AUTO_COMPRESS = FALSE OVERWRITE = TRUE"
            for file in files
        ]

    def staged(self, *parts: str) -> str:
        """Return a path on the stage as statements name it, without quotes around it."""
        return "/".join((f"@{self.stage.sql}", *parts))

    def owner_grants(self, *kinds: str) -> list[str]:
        """Return what the owner of such objects needs in this schema."""
        database = TableName(self.schema.parts[:1])
        made = ", ".join(f"CREATE {kind}" for kind in ("STAGE", *kinds))
        return [
            f"USAGE ON DATABASE {database.sql}",
            f"USAGE ON SCHEMA {self.schema.sql}",
            f"{made} ON SCHEMA {self.schema.sql}",
        ]


def single_name(name: str, role: str) -> str:
    """Return a name of one part as Snowflake stores it.

    Raises:
        InvalidInputError: If it is none.
    """
    found = TableName.parse(name, role=role)
    if len(found.parts) > 1:
        raise InvalidInputError(f"{role}={name!r} has {len(found.parts)} parts; give one, without database and schema.")
    return found.name
