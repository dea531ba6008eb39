"""A session's explicit transaction, in which a statement that fails is undone alone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.table_locks import TableLocks


@dataclass(frozen=True, slots=True)
class Step:
    """A change that a transaction has made, and how to make it again.

    Attributes:
        make: Makes it on a connection; what it says of it, such as the number of rows.
        given: What it said the first time.
        reads_others: Whether it reads tables that it does not change, which others may have changed since.
        names: Database and schema in which it looks names up.
    """

    make: Callable[[DuckConnection], object]
    given: object
    reads_others: bool
    names: tuple[str | None, str | None]

    def comes_out_the_same(self, duck: DuckConnection) -> bool:
        """Make it again; whether it says the same."""
        duck.use(*self.names)
        return self.make(duck) == self.given


class Transaction:
    """What BEGIN opens and COMMIT or ROLLBACK ends; without autocommit, what a first change opens.

    DuckDB has no savepoints: there a statement that fails undoes the whole transaction, where Snowflake undoes
    that statement alone. So the changes before it are made again. Where that could give something else (one called
    a model or drew a random number, or somebody else has changed what one read), nothing is made again, and the
    COMMIT is refused.

    Args:
        locks: Of the engine's tables.
        take: Gives a connection.
        give_back: Takes it back.
    """

    def __init__(
        self, locks: TableLocks, take: Callable[[], DuckConnection], give_back: Callable[[DuckConnection], None]
    ) -> None:
        self.lock = threading.RLock()
        self._locks = locks
        self._take = take
        self._give_back = give_back
        self._is_announced = False
        self._duck: DuckConnection | None = None
        self._steps: list[Step | None] = []
        self._noted: Step | None = None
        self._others_seen = 0
        self._is_broken = False
        self._at_commit: list[Callable[[], object]] = []

    @property
    def is_open(self) -> bool:
        """Whether it was begun and not ended."""
        return self._duck is not None or self._is_announced

    @property
    def has_changes(self) -> bool:
        """Whether something was changed in it."""
        return self._duck is not None

    def begin(self) -> None:
        """Announce it.

        DuckDB's begins with the first write, so that reads before it see what others have committed, as
        READ COMMITTED promises.
        """
        self._is_announced = True

    @contextmanager
    def connection(self, writes: str | None, stopped: Callable[[], bool]) -> Iterator[DuckConnection]:
        """The transaction's connection for one statement; called with the lock held.

        Args:
            writes: Full name of the table that the statement changes; `None` for one that only reads.
            stopped: Says whether the statement was cancelled while it waited.
        """
        duck = self._connection(writes, stopped)
        self._noted = None
        try:
            yield duck
        except BaseException:
            self._undo_statement()
            raise
        if writes is not None:
            self._steps.append(self._noted)

    def note(self, step: Step) -> None:
        """The statement under way can be made again like this; one that says nothing cannot."""
        self._noted = step

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something when the transaction is committed; never, when it is rolled back."""
        self._at_commit.append(action)

    def end(self, *, commit: bool) -> None:
        """Commit or roll back; nothing happens where none is open, as in Snowflake.

        Raises:
            ProgrammingError: 000603, for a commit after a failed statement whose predecessors could not be
                made again.
        """
        with self.lock:
            self._is_announced = False
            duck, self._duck = self._duck, None
            is_broken, self._is_broken = self._is_broken, False
            actions, self._at_commit = self._at_commit, []
            self._steps = []
            if duck is None:
                return
            try:
                if commit and not is_broken:
                    duck.commit()
                else:
                    duck.rollback()
            finally:
                self._locks.release(duck)
                self._give_back(duck)
        if commit and is_broken:
            raise ProgrammingError(
                msg="A statement of this transaction failed, and the embedded engine undid all of it; "
                "Snowflake would have undone that statement alone. Nothing was committed.",
                errno=603,
                sqlstate="40001",
            )
        if commit:
            for action in actions:
                action()

    def _connection(self, writes: str | None, stopped: Callable[[], bool]) -> DuckConnection:
        if self._duck is None:
            duck = self._take()
            if writes is None:
                # Given back by hand: nothing is open yet.
                self._give_back(duck)
                return duck
            self._locks.acquire(duck, writes, stopped=stopped)
            self._others_seen = self._locks.n_released
            duck.begin()
            self._duck = duck
            return duck
        if writes is not None:
            self._locks.acquire(self._duck, writes, stopped=stopped)
        return self._duck

    def _undo_statement(self) -> None:
        """Undo the statement that failed; DuckDB has mostly undone all of them."""
        if self._duck is None or self._is_broken:
            return
        try:
            self._duck.execute("SELECT 1").fetchall()
        except duckdb.Error:
            self._is_broken = not self._make_again(self._duck)

    def _make_again(self, duck: DuckConnection) -> bool:
        """Make the changes before it again; says whether they came out as they were."""
        others = self._locks.n_released
        if any(step is None or (step.reads_others and others != self._others_seen) for step in self._steps):
            return False
        duck.rollback()
        duck.begin()
        self._others_seen = others
        try:
            return all(step is not None and step.comes_out_the_same(duck) for step in self._steps)
        except (duckdb.Error, ProgrammingError):
            return False
