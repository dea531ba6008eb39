"""CREATE STREAM and DROP STREAM."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, status_result
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.stages.names import full_name
from cortex_tickets.local.stages.words import Words, is_on, unexpected
from cortex_tickets.local.streams.stream import Name, Stream
from cortex_tickets.local.streams.stream_store import no_stream

_STATEMENT = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?P<verb>CREATE(?:\s+OR\s+REPLACE)?|DROP)\s+STREAM(?=\s)", re.IGNORECASE | re.DOTALL
)
_OPTIONS = frozenset({"APPEND_ONLY", "SHOW_INITIAL_ROWS", "COMMENT"})


@dataclass(frozen=True, slots=True)
class CreateStream:
    """CREATE STREAM ON TABLE, ready to run.

    Source:
        docs.snowflake.com/en/sql-reference/sql/create-stream, read 2026-11-25. Standard streams on tables alone: the
        engine knows what a table was and what it is, and so cannot tell rows that came and went between.
    """

    stream: Stream
    session: EngineSession
    replaces: bool
    exists_is_fine: bool

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """The offset is now. Change tracking needs no turning on here."""
        del connect
        self.session.transaction.end(commit=True)
        stream, name = self.stream, self.stream.name[2]
        if self.session.streams.find(stream.name) is not None and not self.replaces:
            if self.exists_is_fine:
                return status_result(0, f"{name} already exists, statement succeeded.")
            raise ProgrammingError(
                msg=f"SQL compilation error:\nObject '{'.'.join(stream.name)}' already exists.",
                errno=2002,
                sqlstate="42710",
            )
        if not self.session.has_table(".".join(stream.table)):
            raise ProgrammingError(
                msg=f"SQL compilation error:\nTable '{'.'.join(stream.table)}' does not exist or not authorized.",
                errno=2003,
                sqlstate="42S02",
            )
        if stream.table in self.session.temporary.names:
            raise NotImplementedError("a stream on a temporary table")
        self.session.streams.create(stream)
        return status_result(0, f"Stream {name} successfully created.")


@dataclass(frozen=True, slots=True)
class DropStream:
    """DROP STREAM, ready to run."""

    name: Name
    session: EngineSession
    missing_is_fine: bool

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """What the stream has not shown yet is lost."""
        del connect
        self.session.transaction.end(commit=True)
        if self.session.streams.drop(self.name):
            return status_result(0, f"{self.name[2]} successfully dropped.")
        if self.missing_is_fine:
            return status_result(0, "Drop statement executed successfully "
                                    f"({self.name[2]} already dropped).")  # fmt: skip
        raise no_stream(self.name)


def stream_statement(sql: str, session: EngineSession) -> CreateStream | DropStream | None:
    """The statement, when it is one that makes or drops a stream.

    Raises:
        NotImplementedError: For a stream of another kind.
    """
    found = _STATEMENT.match(sql)
    if found is None:
        return None
    words = Words(sql[found.end() :])
    if found["verb"].upper() == "DROP":
        missing_is_fine = words.accept("IF", "EXISTS")
        return DropStream(_name(words, session), session, missing_is_fine)
    exists_is_fine = words.accept("IF", "NOT", "EXISTS")
    name = _name(words, session)
    words.accept("COPY", "GRANTS")
    words.expect("ON")
    if not words.accept("TABLE"):
        raise NotImplementedError(f"a stream on a {words.peek()}")
    table = _name(words, session)
    if words.peek() in {"AT", "BEFORE"}:
        raise NotImplementedError("a stream at a point in the past")
    options = words.options()
    if unknown := sorted(set(options) - _OPTIONS):
        raise unexpected(unknown[0])
    for option in ("APPEND_ONLY", "SHOW_INITIAL_ROWS"):
        if is_on(options, option):
            raise NotImplementedError(f"a stream with {option} = TRUE")
    replaces = "REPLACE" in found["verb"].upper()
    return CreateStream(Stream(name, table), session, replaces, exists_is_fine)


def _name(words: Words, session: EngineSession) -> Name:
    return full_name(words.name(), session.database, session.schema)
