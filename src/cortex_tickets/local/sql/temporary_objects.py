"""Temporary tables and views of a session: nobody else sees them, and they shadow permanent ones."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection

Name = tuple[str, str, str]
"""Database, schema and name."""


class TemporaryObjects:
    """Where a session's temporary objects are kept: in schemas of its own, which end with it.

    Args:
        root: Makes and drops the schemas.
        session_id: The session's number.
    """

    def __init__(self, root: DuckConnection, session_id: int) -> None:
        self._root = root
        self._session_id = session_id
        self._names: dict[Name, Name] = {}
        self._schemas: set[tuple[str, str]] = set()

    @property
    def names(self) -> frozenset[Name]:
        """Full names as the session knows them."""
        return frozenset(self._names)

    @property
    def key(self) -> object:
        """What a statement compiled for this session must be kept under: `None` while it has no such objects."""
        return (self._session_id, frozenset(self._names)) if self._names else None

    def stored(self, full_name: str | Name) -> Name:
        """Where a table of that name is: the session's own, or the permanent one."""
        name = parts(full_name) if isinstance(full_name, str) else full_name
        return self._names.get(name, name)

    def add(self, full_name: str) -> Name:
        """Make room for a temporary object; where it is to be."""
        database, schema, name = parts(full_name)
        room = f"_TEMPORARY_{self._session_id}_{schema}"
        if (database, room) not in self._schemas:
            self._root.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted((database, room))}")
            self._schemas.add((database, room))
        self._names[database, schema, name] = (database, room, name)
        return database, room, name

    def forget(self, full_name: str) -> None:
        """The object was dropped, or not made."""
        self._names.pop(parts(full_name), None)

    def rename(self, full_name: str, new_name: str) -> None:
        """The object has another name in its schema."""
        old = parts(full_name)
        database, room, _ = self._names.pop(old)
        self._names[old[0], old[1], new_name] = (database, room, new_name)

    def drop(self) -> None:
        """Drop them all."""
        for schema in self._schemas:
            self._root.execute(f"DROP SCHEMA IF EXISTS {quoted(schema)} CASCADE")
        self._names.clear()

    def name_tables(self, statement: exp.Expr, database: str | None, schema: str | None) -> None:
        """Write where each temporary table is kept in place of its name."""
        if not self._names:
            return
        shadowed = {cte.alias_or_name.upper() for cte in statement.find_all(exp.CTE)}
        for table in list(statement.find_all(exp.Table)):
            if isinstance(table.this, exp.Identifier) and not (not table.db and table.name.upper() in shadowed):
                name = table_name(table, database, schema)
                if (stored := self._names.get(name)) is not None and not _is_made(table):
                    place(table, stored)


def table_name(table: exp.Table, database: str | None, schema: str | None) -> Name:
    """Full name of a table in a statement, upper case where unquoted."""
    found = (table.args.get("catalog"), table.args.get("db"), table.this)
    return tuple(  # type: ignore[return-value] # three parts
        folded(part) if isinstance(part, exp.Identifier) else str(default)
        for part, default in zip(found, (database, schema, None), strict=True)
    )


def place(table: exp.Table, name: Name) -> None:
    """Give a table in a statement a full name."""
    for key, part in zip(("catalog", "db", "this"), name, strict=True):
        table.set(key, exp.to_identifier(part, quoted=True))


def parts(full_name: str) -> Name:
    """A full name's three parts."""
    database, schema, name = full_name.split(".", 2)
    return database, schema, name


def quoted(name: tuple[str, ...]) -> str:
    """Parts in quotes, with dots between."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in name)


def folded(part: exp.Identifier) -> str:
    """A name as Snowflake knows it: upper case where unquoted."""
    return part.name if part.quoted else part.name.upper()


def _is_made(table: exp.Table) -> bool:
    """Whether the statement makes the table, which may then be a permanent one of the same name."""
    made = table.parent if isinstance(table.parent, exp.Create) else table.parent and table.parent.parent
    is_target = isinstance(table.parent, exp.Create | exp.Schema)
    return is_target and isinstance(made, exp.Create)
