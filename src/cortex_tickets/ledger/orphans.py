"""Statements that outlive their client: found by session and tag, and waited for, so that nothing is paid twice.

The server finishes an asynchronous statement whose client has died. Whoever takes over a dead run's lease therefore
looks into the history of that run's session before it makes its own work list: what the orphan writes is work done.

Source:
    docs.snowflake.com/en/sql-reference/functions/query_history: statements that still run are among the rows where no
    end of the time range is given. docs.snowflake.com/en/developer-guide/jdbc/jdbc-using: asynchronous statements go on
    where ABORT_DETACHED_QUERY is FALSE, the default. Both read 2026-11-25.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.waiting import PollSchedule
from cortex_tickets.errors import CortexError, LedgerInUseError, StatementTimeoutError
from cortex_tickets.ledger.lease import LONGEST_SECONDS
from cortex_tickets.ledger.runs_table import DeadRun
from cortex_tickets.records.table_name import TableName

SECONDS_AFTER_SIGN = 2 * LONGEST_SECONDS
"""After its last noted statement a run may have had that one under way, and one more that it could not note."""
_LOOKS = PollSchedule(first=0.1, growth=1.5, longest=10.0)
_LOOKS_AFTER_CANCEL = 12
_LOOKING = "cortex_tickets: looking for statements"
_RUNNING = ("RUNNING", "QUEUED", "BLOCKED", "RESUMING_WAREHOUSE", "QUEUED_REPAIRING_WAREHOUSE", "ABORTING")
_IS_RUNNING = f"UPPER(EXECUTION_STATUS) IN ({', '.join(literal(status) for status in _RUNNING)})"


@dataclass(frozen=True, slots=True)
class SessionHistory:
    """What the history tells of one session's statements with one tag."""

    n_seen: int
    """Statements that this role may see; 0 means that it sees nothing of that session."""
    n_running: int
    """Those that are under way."""


def session_history(client: CortexClient, into: TableName, session_id: int, tag: str) -> SessionHistory:
    """Return what the history tells. One statement that is free but for the warehouse."""
    row = client.run(
        f"SELECT COUNT(*) AS N_SEEN, COUNT_IF({_IS_RUNNING}) AS N_RUNNING FROM "
        f"{_statements(into, session_id)} WHERE QUERY_TAG = ?",
        tag,
    )[0]
    return SessionHistory(int(row["N_SEEN"]), int(row["N_RUNNING"] or 0))


def _statements(into: TableName, session_id: int) -> str:
    return (
        f"TABLE({TableName((into.parts[0], 'INFORMATION_SCHEMA')).sql}.QUERY_HISTORY_BY_SESSION("
        f"SESSION_ID => {session_id:d}, RESULT_LIMIT => 10000))"
    )


def cancel_statements(client: CortexClient, into: TableName, session_id: int, tag: str) -> bool:
    """Cancel what the session has under way with this tag, and tell whether nothing is under way any more."""
    looking = client.tagged(_LOOKING)  # so that a look does not see itself
    running = looking.run(
        f"SELECT QUERY_ID FROM {_statements(into, session_id)} WHERE QUERY_TAG = ? AND {_IS_RUNNING}", tag
    )
    for row in running:
        looking.run(f"SELECT SYSTEM$CANCEL_QUERY({literal(str(row['QUERY_ID']))}) AS CANCELLED")
    for pause, _ in zip(_LOOKS.pauses(), range(_LOOKS_AFTER_CANCEL), strict=False):
        history = session_history(looking, into, session_id, tag)
        if history.n_seen and not history.n_running:
            return True
        client.clock.sleep(pause)
    return False


def findable_session(client: CortexClient, into: TableName) -> int | None:
    """Return the session's id if statements can be looked after here and found by others, else `None`."""
    try:
        rows = client.tried_asynchronously(Statement("SELECT CURRENT_SESSION() AS SESSION_ID"))
        if not rows:
            return None
        session_id = int(rows[0]["SESSION_ID"])
        return session_id if session_history(client, into, session_id, client.tag).n_seen else None
    except (CortexError, ValueError, KeyError):
        return None  # this account or role shows no history: unknown is not "nothing runs"


def wait_for_orphans(client: CortexClient, into: TableName, dead: DeadRun, *, meanwhile: Callable[[], None]) -> None:
    """Return when none of the dead run's statements is under way any more.

    Args:
        client: How statements are sent, and how long one may wait.
        into: The ledger, with all three parts.
        dead: The run.
        meanwhile: Is called between two looks; gives signs of life.

    Raises:
        LedgerInUseError: If nobody can tell, and the dead run's last statement may still be under way.
        StatementTimeoutError: If the client's time is over.
    """
    if dead.session_id is None:
        return
    for pause in _LOOKS.pauses():
        try:
            history = session_history(client, into, dead.session_id, dead.tag)
        except StatementTimeoutError:
            raise  # our own time is over
        except (CortexError, ValueError):
            history = SessionHistory(0, 0)
        if not history.n_seen:
            if not dead.may_go_on:
                return
            raise LedgerInUseError(
                into=str(into), holder=dead.run_id, since=_utc(dead.started_at), until=_utc(dead.until)
            )
        if not history.n_running:
            return
        meanwhile()
        left = client.seconds_left
        client.clock.sleep(pause if left is None else min(pause, left))


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
