"""Writes rows of the client into a table, all or nothing; what the rows mean is not known here."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.clock import Clock
from cortex_tickets.errors import InvalidInputError, StatementTimeoutError, UnexpectedAnswerError
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.records.table_name import TableName

BLOCK_ROWS = 5_000
"""Rows in one statement, at most."""
BLOCK_CHARACTERS = 4_000_000
"""Characters in one statement, at most, unless one row has more; PARSE_JSON takes 16 MB."""

Values = Sequence[str | None]
"""One row's values, in the order of the columns."""


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a table is to hold."""

    columns: Mapping[str, str]
    """Types by column, the names as Snowflake stores them."""
    rows: Iterable[Values]
    """The rows, read once."""
    n_rows: int
    """How many they are."""


class Deadline:
    """How many seconds are left of a timeout that several statements share."""

    def __init__(self, clock: Clock, timeout: float | None) -> None:
        self._clock = clock
        self._timeout = timeout
        self._end = None if timeout is None else clock.monotonic() + timeout

    def left(self) -> float | None:
        """Return the seconds that are left; `None` for no limit.

        Raises:
            StatementTimeoutError: If none are.
        """
        if self._end is None:
            return None
        left = self._end - self._clock.monotonic()
        if left <= 0:
            raise StatementTimeoutError(f"the timeout of {self._timeout:g} s is over, and the table is as it was")
        return left


class TableWriter:
    """Puts rows into a temporary table, and from there into the table with one statement."""

    def __init__(self, client: CortexClient, table: TableName, deadline: Deadline) -> None:
        self._client = client
        self._table = table
        self._deadline = deadline

    def write(self, content: TableContent, *, replace: bool) -> bool:
        """Make the table, and return whether that was needed: a table that holds these rows already is left alone.

        Raises:
            InvalidInputError: If the table holds something else and `replace` is false; nothing was written then.
            StatementTimeoutError: If the time is over; the table is as it was.
        """
        found = described_columns(self._client, self._table)
        may_be_equal = found == set(content.columns) and self._count(self._table) == content.n_rows
        if found is not None and not may_be_equal and not replace:
            raise InvalidInputError(self._holds_other_rows(content, found))
        staged = self._table.sibling(f"_LOAD_{uuid.uuid4().hex[:12].upper()}")
        try:
            self._stage(staged, content)
            if may_be_equal and self._holds_the_same(staged, content.columns):
                return False
            if found is not None and not replace:
                raise InvalidInputError(self._holds_other_rows(content, found))
            self._put_in_place(staged, content.columns, exists=found is not None)
        finally:
            self._client.run(f"DROP TABLE IF EXISTS {staged.sql}")
        return True

    def _stage(self, staged: TableName, content: TableContent) -> None:
        definition = ", ".join(f"{_quoted(name)} {kind}" for name, kind in content.columns.items())
        self._send(f"CREATE TEMPORARY TABLE {staged.sql} ({definition})")
        for statement in insert_statements(staged, content.columns, content.rows):
            self._client.rows(statement, timeout=self._deadline.left())
        n_staged = self._count(staged)
        if n_staged != content.n_rows:
            raise UnexpectedAnswerError(
                f"of {content.n_rows} rows that were sent, {n_staged} arrived; the table is as it was", answer=n_staged
            )

    def _put_in_place(self, staged: TableName, columns: Mapping[str, str], *, exists: bool) -> None:
        # COPY GRANTS: who may read the table may read it after it was replaced.
        begin = "CREATE OR REPLACE TABLE" if exists else "CREATE TABLE"
        keep = " COPY GRANTS" if exists else ""
        self._send(f"{begin} {self._table.sql}{keep} AS SELECT {_names(columns)} FROM {staged.sql}")

    def _holds_the_same(self, staged: TableName, columns: Mapping[str, str]) -> bool:
        """With as many rows on both sides, one direction is enough."""
        names = _names(columns)
        cast = ", ".join(f"{_quoted(name)}::{kind}" for name, kind in columns.items())
        counted = f"SELECT {cast}, COUNT(*) FROM {{}} GROUP BY {names}"
        rows = self._send(
            f"SELECT COUNT(*) AS N FROM ({counted.format(staged.sql)} EXCEPT {counted.format(self._table.sql)})"
        )
        return int(rows[0]["N"]) == 0

    def _count(self, table: TableName) -> int:
        return int(self._send(f"SELECT COUNT(*) AS N FROM {table.sql}")[0]["N"])

    def _send(self, text: str) -> list[Row]:
        return self._client.rows(Statement(text), timeout=self._deadline.left())

    def _holds_other_rows(self, content: TableContent, found: set[str]) -> str:
        other = sorted(found ^ set(content.columns))
        what = f"other columns ({', '.join(other)})" if other else "other rows"
        return (
            f"The table {self._table} is there already and holds {what}. "
            "Give another table=, or replace=True to put these rows in its place."
        )


def insert_statements(table: TableName, columns: Mapping[str, str], rows: Iterable[Values]) -> Iterator[Statement]:
    """Yield INSERTs of bounded size; the values are bound as one JSON text each and never part of the statement."""
    values = ", ".join(
        f"F.VALUE[{position}]::VARCHAR" + ("" if kind == "VARCHAR" else f"::{kind}")
        for position, kind in enumerate(columns.values())
    )
    text = (
        f"INSERT INTO {table.sql} ({_names(columns)}) SELECT {values} "
        "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F ORDER BY F.INDEX"
    )
    for block in _blocks(rows):
        yield Statement(text, (block,))


def _blocks(rows: Iterable[Values]) -> Iterator[str]:
    block: list[str] = []
    size = 0
    for row in rows:
        written = json.dumps(row, ensure_ascii=False)
        if block and (len(block) == BLOCK_ROWS or size + len(written) > BLOCK_CHARACTERS):
            yield f"[{','.join(block)}]"
            block, size = [], 0
        block.append(written)
        size += len(written)
    if block:
        yield f"[{','.join(block)}]"


def _names(columns: Iterable[str]) -> str:
    return ", ".join(_quoted(name) for name in columns)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
