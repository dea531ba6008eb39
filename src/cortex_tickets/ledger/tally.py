"""What ledger rows say, added up: of a whole run, or of the texts that one statement asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.records.table_name import TableName

_SUMS = (
    "COALESCE(SUM(L.INPUT_TOKENS), 0) AS READ_TOKENS, COALESCE(SUM(L.OUTPUT_TOKENS), 0) AS WRITTEN_TOKENS, "
    "COUNT(*) AS N_ROWS, COUNT_IF(L.OUTCOME = 'error') AS N_ERRORS, "
    "MIN(IFF(L.OUTCOME = 'error', L.ERROR, NULL)) AS FIRST_ERROR, "
    "MAX(IFF(L.OUTCOME = 'error', L.ERROR, NULL)) AS LAST_ERROR, CURRENT_TIMESTAMP() AS TOLD_AT"
)
_MINUTES_OF_GRACE = 10
"""A statement may have begun so long before the last look at the clock; older rows need not be read."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What ledger rows say, added up."""

    n_rows: int
    """Tickets."""
    n_errors: int
    """Those with an error."""
    first_error: str | None = None
    """The first error in the order of letters; `None` without any."""
    last_error: str | None = None
    """The last one."""
    input_tokens: int = 0
    """Tokens read, as the server told them."""
    output_tokens: int = 0
    """Tokens written, as the server told them."""
    told_at: str | None = None
    """When this was so, by the server's clock, in ISO 8601."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Tally:
        """Return it as a statement of this module gives it."""
        told_at = row.get("TOLD_AT")
        return cls(
            n_rows=int(row["N_ROWS"]),
            n_errors=int(row["N_ERRORS"] or 0),
            first_error=row.get("FIRST_ERROR"),
            last_error=row.get("LAST_ERROR"),
            input_tokens=int(row["READ_TOKENS"]),
            output_tokens=int(row["WRITTEN_TOKENS"]),
            told_at=told_at.isoformat() if isinstance(told_at, datetime) else None,
        )


def tally_of_run(client: CortexClient, into: TableName, run_id: str) -> Tally:
    """Return what all rows of a run say. One statement."""
    return Tally.of(client.run(f"SELECT {_SUMS} FROM {into.sql} L WHERE L.RUN_ID = {literal(run_id)}")[0])


def tally_of_chunk(
    client: CortexClient, into: TableName, work: TableName, run_id: str, *, texts: range, since: str | None
) -> Tally:
    """Return what the rows of the texts say that one statement asked. One statement.

    Args:
        client: How the statement is sent.
        into: The ledger.
        work: The run's work list.
        run_id: The run.
        texts: Their numbers in the work list.
        since: When the run was last told of a chunk; `None` for its first. It keeps the ledger from being read
            through for each chunk.
    """
    statement = (
        f"SELECT {_SUMS} FROM {work.sql} W JOIN {into.sql} L "
        "ON L.TICKET_ID = W.TICKET_ID AND L.TEXT_HASH = W.TEXT_HASH "
        "WHERE W.STATE = 'ask' AND W.N >= ? AND W.N < ? AND L.RUN_ID = ? "
        f"AND L.ANSWERED_AT >= DATEADD(minute, -{_MINUTES_OF_GRACE}, ?::TIMESTAMP_TZ)"
    )
    earliest = since or "1970-01-01T00:00:00+00:00"
    return Tally.of(client.rows(Statement(statement, (texts.start, texts.stop, run_id, earliest)))[0])
