"""Locks on tables for writing statements, as Snowflake takes them: readers never wait, writers queue."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from snowflake.connector.errors import ProgrammingError

# https://docs.snowflake.com/en/sql-reference/transactions, "Deadlocks", read 2026-11-22
_DEADLOCK = 625


class TableLocks:
    """Who writes to which table.

    DuckDB lets writers collide and fails the later one; Snowflake makes it wait. An owner is any hashable
    thing that ends: a transaction or an autocommit statement.

    Attributes:
        n_released: How often somebody has given tables back: it moves whenever something may have been changed.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.n_released = 0
        self._owners: dict[str, object] = {}
        self._waiting_for: dict[object, str] = {}

    def acquire(self, owner: object, table: str, *, stopped: Callable[[], bool]) -> None:
        """Wait until `owner` may write to `table`.

        Raises:
            ProgrammingError: 000625, when waiting would never end because the holder waits for this owner.
        """
        with self._changed:
            while self._owners.get(table, owner) is not owner:
                if stopped():
                    return
                if self._would_deadlock(owner, table):
                    raise ProgrammingError(
                        msg=f"Statement aborted: a deadlock on table {table} was detected.",
                        errno=_DEADLOCK,
                        sqlstate="57014",
                    )
                self._waiting_for[owner] = table
                try:
                    # Woken by every release; the time limit lets a cancelled statement notice that it is.
                    self._changed.wait(timeout=0.1)
                finally:
                    del self._waiting_for[owner]
            self._owners[table] = owner

    def release(self, owner: object, tables: Iterable[str] | None = None) -> None:
        """Give back `tables`, or all that `owner` holds."""
        with self._changed:
            held = [table for table, holder in self._owners.items() if holder is owner]
            for table in held if tables is None else set(held) & set(tables):
                del self._owners[table]
            self.n_released += bool(held)
            self._changed.notify_all()

    def _would_deadlock(self, owner: object, table: str) -> bool:
        wanted: str | None = table
        seen: set[str] = set()
        while wanted is not None and wanted not in seen:
            seen.add(wanted)
            holder = self._owners.get(wanted)
            if holder is owner:
                return True
            wanted = None if holder is None else self._waiting_for.get(holder)
        return False
