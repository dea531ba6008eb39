"""A statement ready to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from sqlglot import exp

from cortex_tickets.local.sql.column_origins import ColumnOrigins
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.streams.stream import Stream


class Task(Protocol):
    """A statement that somebody else runs: one on stages."""

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """Run it, on connections given the full name of the table that it changes."""


class Script(Protocol):
    """Statements that run one after the other, and what is done between them."""

    def run(self, run_sql: Callable[[str, Sequence[object]], Result], is_stopped: Callable[[], bool]) -> Result:
        """Run them, each through `run_sql` with its bound values."""


class Kind(Enum):
    """How a statement is run."""

    QUERY = auto()
    """Rows come back."""
    CHANGE = auto()
    """INSERT, UPDATE, DELETE: counts come back."""
    MERGE = auto()
    """MERGE: counts by operation come back."""
    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    DEFINITION = auto()
    """DDL: commits what is open, runs by itself."""
    SETTINGS = auto()
    """USE and ALTER SESSION."""
    TASK = auto()
    """What somebody else runs: statements on stages."""
    SCRIPT = auto()
    """A scripting block: it runs other statements."""
    OTHER = auto()
    """SHOW, DESCRIBE, SET and the like, through fakesnow."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement ready to run.

    Attributes:
        kind: How it is run.
        type_id: Snowflake's number for the kind of statement.
        sql: DuckDB's text, for the kinds that the engine runs itself; empty for the others.
        expressions: Trees for fakesnow to run, for DEFINITION and OTHER.
        writes: Full name of the table that it changes.
        command: INSERT, UPDATE or DELETE, for CHANGE.
        operations: What a MERGE can do.
        reads_log: Whether the logs of asked texts and of faults must be written out first.
        reads_history: Whether the history of statements must be.
        source_sql: For MERGE and INSERT OVERWRITE, makes the table of the rows that it reads; empty for a table.
        empties: For INSERT OVERWRITE, removes what the table has; empty for the others.
        check_sql: For MERGE, finds a row that more than one source row would change; empty where none can be.
        task: For TASK, what runs it.
        script: For SCRIPT, what runs it.
        compile: For SCRIPT, compiles the statements that it runs.
        streams: Streams whose changes it reads.
        many_sql: The same for many bound rows at once, where the statement is an INSERT of one row of values.
        settings: What USE or ALTER SESSION sets.
        binds: Positions, from 1, of the bound values that it uses.
        is_kept: Whether the same text is the same statement again.
        is_repeatable: For CHANGE and MERGE, whether made again it comes out the same.
        reads_others: For CHANGE and MERGE, whether it reads tables that it does not change.
        origins: For a query, CREATE TABLE's too, what its text tells of its columns.
    """

    kind: Kind
    type_id: int
    sql: str = ""
    expressions: tuple[exp.Expr, ...] = ()
    writes: str | None = None
    command: str = ""
    operations: tuple[str, ...] = ()
    reads_log: bool = False
    reads_history: bool = False
    many_sql: str = ""
    source_sql: str = ""
    empties: str = ""
    check_sql: str = ""
    task: Task | None = None
    script: Script | None = None
    compile: Callable[[str, Sequence[object]], Compiled] | None = None
    streams: tuple[Stream, ...] = ()
    settings: Mapping[str, str | None] | None = None
    binds: tuple[int, ...] = ()
    is_kept: bool = False
    is_repeatable: bool = False
    reads_others: bool = True
    origins: ColumnOrigins | None = None
