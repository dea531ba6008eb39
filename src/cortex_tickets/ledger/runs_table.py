"""The runs table beside a ledger: one row for each run, written when it begins and closed when it ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.ledger.schema import RUNS_SUFFIX, SCHEMA_VERSION
from cortex_tickets.ledger.spending import Spending
from cortex_tickets.records.table_name import TableName


@dataclass(frozen=True, slots=True)
class DeadRun:
    """A run that began and never ended, although it holds no lease any more."""

    run_id: str
    tag: str
    """Query tag of its statements."""
    session_id: int | None
    """The session by which its statements are found; `None` where the server stopped them before its lease was over."""
    started_at: datetime
    until: datetime
    """When its last statement is over at the latest, by the server's clock."""
    may_go_on: bool
    """Whether that is still to come."""


class RunsTable:
    """One run's row in the table.

    Args:
        into: The ledger.
        run_id: The run.
    """

    def __init__(self, into: TableName, run_id: str) -> None:
        self._table = into.sibling(RUNS_SUFFIX).sql
        self._run_id = run_id

    def dead_runs(self, client: CortexClient, operation: Operation, *, for_seconds: float) -> list[DeadRun]:
        """Return the runs that never ended: whoever holds the lease is the classifier's only living run.

        Args:
            client: How the statement is sent.
            operation: Whose runs.
            for_seconds: So long after its last sign a run's statement may still be under way.
        """
        rows = client.run(
            f"SELECT RUN_ID, QUERY_TAG, SESSION_ID, STARTED_AT, UNTIL, UNTIL > CURRENT_TIMESTAMP() AS MAY_GO_ON FROM "
            f"(SELECT *, DATEADD(second, {round(for_seconds)}, ALIVE_AT) AS UNTIL FROM {self._table} "
            "WHERE CLASSIFIER_HASH = ? AND STATE = 'RUNNING') ORDER BY STARTED_AT",
            operation.hash,
        )
        return [
            DeadRun(
                run_id=str(row["RUN_ID"]),
                tag=str(row["QUERY_TAG"]),
                session_id=None if row["SESSION_ID"] is None else int(row["SESSION_ID"]),
                started_at=row["STARTED_AT"],
                until=row["UNTIL"],
                may_go_on=bool(row["MAY_GO_ON"]),
            )
            for row in rows
        ]

    def give_up(self, client: CortexClient, dead: DeadRun) -> None:
        """Note of a run that died that it is over, and that none of its statements runs any more."""
        client.run(
            f"UPDATE {self._table} SET STATE = 'GIVEN_UP', REASON = ?, FINISHED_AT = CURRENT_TIMESTAMP() "
            "WHERE RUN_ID = ? AND STATE = 'RUNNING'",
            f"it gave no sign of life, and run {self._run_id} took over",
            dead.run_id,
        )

    def note_statement(self, client: CortexClient, query_id: str) -> None:
        """Note which statement is under way."""
        client.run(
            f"UPDATE {self._table} SET QUERY_ID = ?, ALIVE_AT = CURRENT_TIMESTAMP() WHERE RUN_ID = ?",
            query_id,
            self._run_id,
        )

    def begin(
        self,
        client: CortexClient,
        operation: Operation,
        *,
        source: str,
        n_rows: int,
        session_id: int | None,
    ) -> None:
        """Write the run's row, with all that its classifier's hash covers.

        `session_id` is given where others can find the run's statements by it.
        """
        values = {
            "RUN_ID": self._run_id,
            "OPERATION": operation.name,
            "CLASSIFIER_HASH": operation.hash,
            "MODEL": operation.model,
            "SOURCE": source,
            "STATE": "RUNNING",
            "N_ROWS": n_rows,
            "SPECIFICATION": json.dumps(operation.specification(), ensure_ascii=False, sort_keys=True),
            "SCHEMA_VERSION": SCHEMA_VERSION,
            "QUERY_TAG": client.tag,
            "SESSION_ID": session_id,
        }
        marks = ", ".join("?" for _ in values)
        client.run(
            f"INSERT INTO {self._table} ({', '.join(values)}, STARTED_AT, ALIVE_AT) "
            f"SELECT {marks}, CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP()",
            *values.values(),
        )

    def close(
        self,
        client: CortexClient,
        spent: Spending,
        *,
        state: str,
        reason: str | None,
        n_tickets: int | None,
        n_left: int | None,
    ) -> None:
        """Write down how the run ended."""
        statement = (
            f"UPDATE {self._table} SET STATE = ?, REASON = ?, N_TICKETS = ?, N_LEFT = ?, "
            "N_TEXTS_ASKED = ?, INPUT_TOKENS = ?, OUTPUT_TOKENS = ?, AI_CREDITS = ?, "
            "FINISHED_AT = CURRENT_TIMESTAMP() WHERE RUN_ID = ?"
        )
        values = (
            state,
            reason,
            n_tickets,
            n_left,
            spent.n_asked,
            spent.input_tokens,
            spent.output_tokens,
            spent.ai_credits,
            self._run_id,
        )
        client.rows(Statement(statement, values))
