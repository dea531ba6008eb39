"""One Snowflake session in the engine: current names, variables, parameters, transaction, connections."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import duckdb
from fakesnow.conn import FakeSnowflakeConnection
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.table_locks import TableLocks
from cortex_tickets.local.sql.temporary_objects import TemporaryObjects
from cortex_tickets.local.stages.store import StageStore
from cortex_tickets.local.streams.stream_store import StreamStore


class Databases(Protocol):
    """Whoever can make a database, and has the stages and the streams."""

    stages: StageStore
    streams: StreamStore

    def ensure_database(self, name: str, schema: str) -> None:
        """Make the database and schema where they are missing."""


class EngineSession(FakeSnowflakeConnection):
    """fakesnow's connection with a pool of DuckDB connections under it.

    Statements of one session may run side by side, as they do in Snowflake; a transaction holds one
    connection to its end.

    Attributes:
        session_id: Number that the client knows the session by.
        user: Name that the client logged in with, upper case.
        parameters: Session parameters set by login or ALTER SESSION, names in upper case.
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
        self._at_end: list[Callable[[], object]] = []
        self.locks = locks
        self.has_autocommit = True
        self._instance = instance
        self._root = root
        self._idle: list[DuckConnection] = [self._first]
        self._pool_lock = threading.Lock()
        self._in_use: dict[object, DuckConnection] = {}
        self._transaction: DuckConnection | None = None
        self._transaction_is_announced = False
        self._transaction_is_broken = False
        self._transaction_lock = threading.RLock()

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
    def connection(self, *, writes: str | None, stopped: Callable[[], bool]) -> Iterator[DuckConnection]:
        """A DuckDB connection for one statement.

        Args:
            writes: Full name of the table that the statement changes, which is locked for it; `None` for a
                statement that only reads.
            stopped: Says whether the statement was cancelled while it waited.
        """
        if self.in_transaction:
            with self._transaction_lock:
                if self.in_transaction:
                    try:
                        yield self._transaction_connection(writes, stopped)
                    except BaseException:
                        self._note_broken_transaction()
                        raise
                    return
        duck = self._take()
        try:
            if writes is not None:
                self.locks.acquire(duck, writes, stopped=stopped)
            yield duck
        finally:
            self.locks.release(duck)
            self._give_back(duck)

    @property
    def in_transaction(self) -> bool:
        """Whether statements belong to an open transaction."""
        return self._transaction is not None or self._transaction_is_announced or not self.has_autocommit

    def begin(self) -> None:
        """Announce a transaction.

        DuckDB's begins with the first write, so that reads before it see what others have committed, as
        READ COMMITTED promises.
        """
        self._transaction_is_announced = True

    def end_transaction(self, *, commit: bool) -> None:
        """Commit or roll back; nothing happens where no transaction is open, as in Snowflake.

        Raises:
            ProgrammingError: 000603, for a commit after a statement that failed: DuckDB has undone the whole
                transaction then, where Snowflake would have undone that statement alone.
        """
        with self._transaction_lock:
            self._transaction_is_announced = False
            duck, self._transaction = self._transaction, None
            is_broken, self._transaction_is_broken = self._transaction_is_broken, False
            if duck is None:
                return
            try:
                if commit and not is_broken:
                    duck.commit()
                else:
                    duck.rollback()
            finally:
                self.locks.release(duck)
                self._give_back(duck)
        if commit and is_broken:
            raise ProgrammingError(
                msg="A statement of this transaction failed, and the embedded engine undid all of it; "
                "Snowflake would have undone that statement alone. Nothing was committed.",
                errno=603,
                sqlstate="40001",
            )

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
                self.end_transaction(commit=True)
                self.has_autocommit = value.upper() == "TRUE"
            elif name not in {"DATABASE", "SCHEMA"}:
                if value is None:
                    self.parameters.pop(name, None)
                else:
                    self.parameters[name] = value

    def create_database(self, name: str, *, exists_is_fine: bool) -> None:
        """Make a database with a schema PUBLIC and move there, as Snowflake does.

        Raises:
            ProgrammingError: 002002, when it is there and that is not fine.
        """
        if self._has_schema(name, None):
            if exists_is_fine:
                return
            raise ProgrammingError(
                msg=f"SQL compilation error:\nObject '{name}' already exists.", errno=2002, sqlstate="42710"
            )
        self._instance.ensure_database(name, "PUBLIC")
        self._move_to(name, "PUBLIC")

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
            found = duck.execute(
                "SELECT 1 FROM duckdb_tables() WHERE database_name = $d AND schema_name = $s AND table_name = $n",
                {"d": database, "s": schema, "n": name},
            )
            return found.fetchone() is not None

    def _has_schema(self, database: str, schema: str | None) -> bool:
        with self._root.cursor() as duck:
            found = duck.execute(
                "SELECT 1 FROM duckdb_schemas() WHERE database_name = $database "
                "AND ($schema IS NULL OR schema_name = $schema OR ($schema = 'INFORMATION_SCHEMA')) LIMIT 1",
                {"database": database, "schema": schema},
            )
            return found.fetchone() is not None

    def end(self) -> None:
        """Roll back what is open, drop temporary tables, close."""
        self.end_transaction(commit=False)
        with self._pool_lock:
            idle, self._idle = self._idle, []
        self.temporary.drop()
        for action in self._at_end:
            action()
        for duck in idle:
            duck.close()
        self._is_closed = True

    def _transaction_connection(self, writes: str | None, stopped: Callable[[], bool]) -> DuckConnection:
        """The transaction's connection; called with its lock held."""
        if self._transaction is None:
            duck = self._take()
            if writes is None:
                # Given back by hand: nothing is open yet.
                self._give_back(duck)
                return duck
            self.locks.acquire(duck, writes, stopped=stopped)
            duck.begin()
            self._transaction = duck
            return duck
        if writes is not None:
            self.locks.acquire(self._transaction, writes, stopped=stopped)
        self._transaction.use(self.database, self._schema)
        return self._transaction

    def _note_broken_transaction(self) -> None:
        """Find out whether a failed statement has undone the transaction; called with its lock held."""
        if self._transaction is not None:
            try:
                self._transaction.execute("SELECT 1").fetchall()
            except duckdb.Error:
                self._transaction_is_broken = True

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
