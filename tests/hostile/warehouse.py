"""A schema full of hostile tickets, beside a table that nobody has any business with."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from cortex_tickets import load_tickets, local
from hostile.pack import MARKED, short

PREFERENCES = ("Email", "Text Message")
Tables = dict[str, tuple[int, int]]
"""Of each table its rows' number and a fingerprint of all that stands in them."""


class WatchedSession:
    """Snowpark's session, with the text of each statement that was sent over it."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._conn = session._conn  # what tells whether threads have to take turns
        self.texts: list[str] = []

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        self.texts.append(query)
        return self._session.sql(query, params, *args, **kwargs)


class HostileWarehouse:
    """The tables CANARY and HOSTILE in a schema of their own."""

    def __init__(self, engine: local.Engine, session: Any, folder: Path) -> None:
        self._engine = engine
        self.plain = session
        self.session = WatchedSession(session)
        self._schema = f"H_{uuid4().hex[:12].upper()}"
        session.sql(f"CREATE SCHEMA {self._schema}").collect()
        session.use_schema(self._schema)
        session.sql("CREATE TABLE CANARY (WORD VARCHAR)").collect()
        session.sql("INSERT INTO CANARY VALUES ('sings'), (NULL), ('')").collect()
        load_tickets(self.session, self._file(folder), table="HOSTILE")

    def values(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return [tuple(row) for row in self.plain.sql(query).collect()]

    def tables(self) -> Tables:
        """Return what stands in the schema's tables, as the engine itself has them."""
        found: Tables = {}
        with self._engine._instance.connection() as duck:
            names = duck.execute(
                "SELECT table_name FROM duckdb_tables() WHERE schema_name = ? AND NOT temporary", [self._schema]
            ).fetchall()
            for (name,) in names:
                quoted = '"' + name.replace('"', '""') + '"'
                table = f'CORTEX_TICKETS."{self._schema}".{quoted}'
                (row,) = duck.execute(f"SELECT count(*), sum(hash(columns_of)) FROM {table} columns_of").fetchall()
                found[name] = (int(row[0]), int(row[1] or 0))
        return found

    @contextmanager
    def only(self, *written: str) -> Iterator[None]:
        """Check that nothing but these tables is made, dropped or changed meanwhile."""
        before = self.tables()
        yield
        after = self.tables()
        changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        assert changed <= set(written), sorted(changed - set(written))

    @staticmethod
    def _file(folder: Path) -> Path:
        """Write the tickets as a file: ids, names, addresses and texts are hostile, and every id is one only."""
        path = folder / "hostile.csv"
        with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["TICKET_ID", "REQUEST", "CUSTOMER_NAME", "CUSTOMER_EMAIL", "CONTACT_PREFERENCE"])
            for number, text in enumerate(MARKED):
                said = short(text)
                preference = said if number % 3 == 2 else PREFERENCES[number % 3]
                writer.writerow([f"{said} {number}", text, said, said, preference])
        return path
