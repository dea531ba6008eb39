"""The offset of a stream moves with the statement that used its changes: with it, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import duckdb

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.sql.temporary_objects import quoted
from cortex_tickets.local.streams.stream import Stream

_NOW = "engine_stream_now_"


@contextmanager
def consumed(
    streams: Sequence[Stream], duck: DuckConnection, session: EngineSession, stopped: Callable[[], bool]
) -> Iterator[None]:
    """Run a statement that changes a table in one transaction with moving the offsets of the streams that it reads.

    The new offset is the table as it was when the statement began, so that what others commit meanwhile, and what
    the statement itself does to the table, is shown the next time.

    Raises:
        NotImplementedError: In a transaction of several statements, or where the changed table is in another database
            than the stream's: DuckDB writes to one database in a transaction.

    Source:
        docs.snowflake.com/en/user-guide/streams-intro, read 2026-11-25: "A stream advances the offset only when it is
        used in a DML transaction."
    """
    if not streams:
        yield
        return
    if session.in_transaction:
        raise NotImplementedError("a stream used in a transaction of several statements")
    for stream in sorted(streams, key=lambda item: item.lock):
        session.locks.acquire(duck, stream.lock, stopped=stopped)
    duck.begin()
    try:
        for number, stream in enumerate(streams):
            duck.execute(f"CREATE OR REPLACE TEMP TABLE {_NOW}{number} AS SELECT * FROM {quoted(stream.table)}")
        yield
        for number, stream in enumerate(streams):
            duck.execute(f"DELETE FROM {quoted(stream.offset)}")
            duck.execute(f"INSERT INTO {quoted(stream.offset)} SELECT * FROM temp.{_NOW}{number}")
            duck.execute(f"DROP TABLE temp.{_NOW}{number}")
        duck.commit()
    except BaseException as error:
        with suppress(duckdb.Error):  # some failures have ended the transaction already
            duck.rollback()
        if isinstance(error, duckdb.TransactionException) and "single attached database" in str(error):
            raise NotImplementedError("a stream used by a statement that writes in another database") from None
        raise
