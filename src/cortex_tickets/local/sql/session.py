"""One Snowflake session in the engine: current names, variables, parameters, transaction, connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from fakesnow.conn import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.past_results import PastResults
from cortex_tickets.local.sql.table_locks import TableLocks
from cortex_tickets.local.sql.temporary_objects import TemporaryObjects
from cortex_tickets.local.sql.transaction import Transaction
from cortex_tickets.local.stages.store import StageStore
from cortex_tickets.local.streams.stream_store import StreamStore

DATABASE = "CORTEX_TICKETS"
KEPT_DATABASES = frozenset({DATABASE, "SNOWFLAKE"})
"""What the engine itself needs."""


class Databases(Protocol):
    """Whoever can make a database, and has the stages and the streams."""

    stages: StageStore
    streams: StreamStore

    def ensure_database(self, name: str, schema: str) -> None:
        """Make the database and schema where they are missing."""

    def drop_database(self, name: str) -> None:
        """Remove a database with all that is in it."""


class EngineSession(FakeSnowflakeConnection):
    """fakesnow's connection with a pool of DuckDB connections under it.

    Statements of one session may run side by side, as they do in Snowflake; a transaction holds one
    connection to its end.

    Attributes:
        session_id: Number that the client knows the session by.
        user: Name that the client logged in with, upper case.
        parameters: Session parameters set by login or ALTER SESSION, names in upper case.
        transaction: The explicit transaction, open or not.
        past_results: What its statements gave.
        temporary: Its temporary tables and views.
    """

    def __init__(
        self,
        instance: Databases,
        root: DuckConnection,
        locks: TableLocks,
        *,
        session_id: int,
        user: str,
        database: str | None,
        schema: str | None,
        db_path: Path | None,
    ) -> None:
        self._first = root.cursor()
        super().__init__(
            self._first,  # type: ignore[arg-type] # it has what fakesnow uses of a DuckDB connection
            {},
            database,
            schema,
            create_database=False,
            create_schema=False,
            db_path=db_path,
        )
        self.session_id = session_id
        self.user = user
        self.parameters: dict[str, str] = {}
        self.temporary = TemporaryObjects(root, session_id)
        self.past_results = PastResults()
        self._at_end: list[Callable[[], object]] = []
        self.locks = locks
        self.has_autocommit = True
        self._instance = instance
        self._root = root
        self._idle: list[DuckConnection] = [self._first]
        self._pool_lock = threading.Lock()
        self._in_use: dict[object, DuckConnection] = {}
        self.transaction = Transaction(locks, self._take, self._give_back)

    @property
    def stages(self) -> StageStore:
        """The stages of the engine."""
        return self._instance.stages

    @property
    def streams(self) -> StreamStore:
        """The streams of the engine."""
        return self._instance.streams

    @property
    def first_connection(self) -> DuckConnection:
        """The connection that fakesnow's rewrites may look things up on."""
        return self._first

    @property
    def variable_texts(self) -> dict[str, str]:
        """SQL text of each session variable, by name in upper case."""
        return {str(name).upper(): str(value) for name, value in self.variables._variables.items()}  # noqa: SLF001 - fakesnow has no public reading of them

    def context_values(self) -> dict[str, str | None]:
        """What CURRENT_USER() and its like give."""
        return {
            "user": self.user,
            "role": self.parameters.get("ROLE", "ACCOUNTADMIN"),
            "region": "EMBEDDED_ENGINE",
            "account": "EMBEDDED",
            "warehouse": self.parameters.get("WAREHOUSE", "EMBEDDED_WH"),
            "database": self.database,
            "schema": self.schema,
            "session": str(self.session_id),
        }

    @contextmanager
    def connection(
        self, *, writes: str | None, stopped: Callable[[], bool], is_apart: bool = False
    ) -> Iterator[DuckConnection]:
        """A DuckDB connection for one statement.

        Args:
            writes: Full name of the table that the statement changes, which is locked for it; `None` for a
                statement that only reads.
            stopped: Says whether the statement was cancelled while it waited.
            is_apart: Whether it belongs to no transaction, also where one is open: a definition.
        """
        if self.in_transaction and not is_apart:
            with self.transaction.lock:
                if self.in_transaction:
                    with self.transaction.connection(writes, stopped) as duck:
                        duck.use(self.database, self._schema)
                        yield duck
                    return
        with self.connection_apart() as duck:
            try:
                if writes is not None:
                    self.locks.acquire(duck, writes, stopped=stopped)
                yield duck
            finally:
                self.locks.release(duck)

    @contextmanager
    def connection_apart(self) -> Iterator[DuckConnection]:
        """A DuckDB connection that belongs to no transaction, and sees what is committed."""
        duck = self._take()
        try:
            yield duck
        finally:
            self._give_back(duck)

    @property
    def in_transaction(self) -> bool:
        """Whether statements belong to an open transaction."""
        return self.transaction.is_open or not self.has_autocommit

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something when what the statement changed is committed: now, where no transaction is open."""
        if self.in_transaction:
            self.transaction.when_committed(action)
        else:
            action()

    def at_end(self, action: Callable[[], object]) -> None:
        """Do something when the session ends."""
        self._at_end.append(action)

    def apply(self, settings: Mapping[str, str | None]) -> None:
        """USE and ALTER SESSION.

        Raises:
            ProgrammingError: 002043, for a database or schema that is not there.
        """
        database, schema = settings.get("DATABASE"), settings.get("SCHEMA")
        if database is not None or schema is not None:
            self._move_to(database, schema)
        for name, value in settings.items():
            if name == "AUTOCOMMIT" and value is not None:
                self.transaction.end(commit=True)
                self.has_autocommit = value.upper() == "TRUE"
            elif name not in {"DATABASE", "SCHEMA"}:
                if value is None:
                    self.parameters.pop(name, None)
                else:
                    self.parameters[name] = value

    def create_database(self, name: str, *, exists_is_fine: bool, replaces: bool = False) -> None:
        """Make a database with a schema PUBLIC and move there, as Snowflake does.

        Raises:
            ProgrammingError: 002002, when it is there and that is not fine.
        """
        if self._has_schema(name, None):
            if exists_is_fine:
                return
            if not replaces:
                raise ProgrammingError(
                    msg=f"SQL compilation error:\nObject '{name}' already exists.", errno=2002, sqlstate="42710"
                )
            self.drop_database(name, missing_is_fine=False)
        self._instance.ensure_database(name, "PUBLIC")
        self._move_to(name, "PUBLIC")

    def drop_database(self, name: str, *, missing_is_fine: bool) -> bool:
        """Remove a database; whoever works in it moves to where a session begins.

        Returns:
            Whether it was there.

        Raises:
            ProgrammingError: 002003, when it is not there and that is not fine; 003001 for the engine's own.
        """
        if not self._has_schema(name, None):
            if missing_is_fine:
                return False
            raise ProgrammingError(
                msg=f"SQL compilation error:\nDatabase '{name}' does not exist or not authorized.",
                errno=2003,
                sqlstate="02000",
            )
        if name in KEPT_DATABASES:
            raise ProgrammingError(
                msg=f"SQL access control error:\nInsufficient privileges to operate on database '{name}'",
                errno=3001,
                sqlstate="42501",
            )
        if self.database == name:
            self._move_to(DATABASE, None)
        self._instance.drop_database(name)
        return True

    def _move_to(self, database: str | None, schema: str | None) -> None:
        new_database = database or self.database or ""
        if not self._has_schema(new_database, schema):
            missing = ".".join(part for part in (new_database, schema) if part)
            raise ProgrammingError(
                msg=f"SQL compilation error:\nObject does not exist, or operation cannot be performed. ({missing})",
                errno=2043,
                sqlstate="02000",
            )
        if schema is None:
            schema = "PUBLIC" if self._has_schema(new_database, "PUBLIC") else None
        self.database, self._schema = new_database, schema
        self.database_set, self.schema_set = True, schema is not None

    def has_table(self, full_name: str) -> bool:
        """Whether there is a table of that full name."""
        database, schema, name = self.temporary.stored(full_name)
        with self._root.cursor() as duck:
            return bool(
                duck.rows(
                    "SELECT 1 FROM duckdb_tables() WHERE database_name = $d AND schema_name = $s AND table_name = $n",
                    {"d": database, "s": schema, "n": name},
                )
            )

    def has_defaults(self, full_name: str) -> bool:
        """Whether a column of the table has a value of its own where none is given."""
        database, schema, name = self.temporary.stored(full_name)
        with self._root.cursor() as duck:
            return bool(
                duck.rows(
                    "SELECT 1 FROM duckdb_columns() WHERE database_name = $d AND schema_name = $s AND table_name = $t "
                    "AND column_default IS NOT NULL",
                    {"d": database, "s": schema, "t": name},
                )
            )

    def _has_schema(self, database: str, schema: str | None) -> bool:
        with self._root.cursor() as duck:
            return bool(
                duck.rows(
                    "SELECT 1 FROM duckdb_schemas() WHERE database_name = $database "
                    "AND ($schema IS NULL OR schema_name = $schema OR ($schema = 'INFORMATION_SCHEMA')) LIMIT 1",
                    {"database": database, "schema": schema},
                )
            )

    def end(self) -> None:
        """Roll back what is open, drop temporary tables, close."""
        self.transaction.end(commit=False)
        with self._pool_lock:
            idle, self._idle = self._idle, []
        self.temporary.drop()
        for action in self._at_end:
            action()
        for duck in idle:
            duck.close()
        self._is_closed = True

    def _take(self) -> DuckConnection:
        with self._pool_lock:
            duck = self._idle.pop() if self._idle else self._root.cursor()
        duck.use(self.database, self._schema)
        return duck

    def _give_back(self, duck: DuckConnection) -> None:
        duck.forget_result()
        with self._pool_lock:
            if self._is_closed:
                duck.close()
            else:
                self._idle.append(duck)
