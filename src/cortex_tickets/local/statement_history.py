"""The engine's memory of statements, running ones included, as INFORMATION_SCHEMA.QUERY_HISTORY_BY_SESSION shows it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pyarrow as pa

from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance

TABLE = f"{SYSTEM_DATABASE}.ENGINE.QUERY_HISTORY"
_DAYS_KEPT = 7
_SECONDS_BUFFERED = 0.5
"""Each writing takes about as long as a small statement: twenty a second were a tenth of a busy engine's work."""
_COLUMNS = {
    "QUERY_ID": pa.string(),
    "QUERY_TEXT": pa.string(),
    "SESSION_ID": pa.int64(),
    "USER_NAME": pa.string(),
    "QUERY_TAG": pa.string(),
    "EXECUTION_STATUS": pa.string(),
    "ERROR_CODE": pa.string(),
    "START_TIME": pa.timestamp("us", "UTC"),
    "END_TIME": pa.timestamp("us", "UTC"),
}
_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    QUERY_ID VARCHAR, QUERY_TEXT VARCHAR, SESSION_ID BIGINT, USER_NAME VARCHAR, QUERY_TAG VARCHAR,
    EXECUTION_STATUS VARCHAR, ERROR_CODE VARCHAR, START_TIME TIMESTAMPTZ, END_TIME TIMESTAMPTZ
)
"""


@dataclass(frozen=True, slots=True)
class PastStatement:
    """One statement, over or running; texts that were bound to it are not kept."""

    query_id: str
    text: str
    session_id: int
    user: str
    tag: str
    status: str
    started_at: float
    """Epoch seconds."""
    ended_at: float | None = None
    """Epoch seconds; `None` while it runs."""
    error_code: str | None = None
    """Snowflake's code; its message is not kept, since it may quote a value."""

    def row(self) -> tuple[object, ...]:
        """Its values, as the table's columns have them."""
        return (
            self.query_id,
            self.text,
            self.session_id,
            self.user,
            self.tag,
            self.status,
            self.error_code,
            _moment(self.started_at),
            None if self.ended_at is None else _moment(self.ended_at),
        )


class StatementHistory:
    """Keeps each statement when it is over, in the engine's own table, so that a restarted engine remembers it.

    Args:
        instance: Where the table is.
        later: Calls a function after so many seconds; what is over is written in blocks, off the client's time.
    """

    def __init__(self, instance: Instance, later: Callable[[float, Callable[[], object]], object]) -> None:
        self._instance = instance
        self._later = later
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._buffer: list[PastStatement] = []
        instance.root.execute(_CREATE)
        # What ran when the engine stopped is over; Snowflake, too, remembers seven days.
        instance.root.execute(
            f"DELETE FROM {TABLE} WHERE END_TIME IS NULL OR START_TIME < now() - INTERVAL {_DAYS_KEPT} DAY"
        )

    def add(self, statement: PastStatement) -> None:
        """Keep a statement that is over."""
        with self._lock:
            self._buffer.append(statement)
            is_first = len(self._buffer) == 1
        if is_first:
            self._later(_SECONDS_BUFFERED, self.write_out)

    def write_out(self, running: Iterable[PastStatement] = ()) -> None:
        """Put what is buffered into the table, and what runs at this moment in the place of what ran before."""
        with self._writing:
            with self._lock:
                over, self._buffer = self._buffer, []
            rows = [statement.row() for statement in (*over, *running)]
            with self._instance.connection() as duck:
                duck.begin()
                duck.execute(f"DELETE FROM {TABLE} WHERE END_TIME IS NULL")
                if rows:
                    columns = zip(*rows, strict=True)
                    arrays = [pa.array(column, kind) for column, kind in zip(columns, _COLUMNS.values(), strict=True)]
                    duck.duck.register("past_statements", pa.Table.from_arrays(arrays, names=list(_COLUMNS)))
                    duck.execute(f"INSERT INTO {TABLE} SELECT * FROM past_statements")
                    duck.duck.unregister("past_statements")
                duck.commit()


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
