"""The runs table beside a ledger: one row for each run, written when it begins and closed when it ends."""

from __future__ import annotations

import json

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.ledger.schema import RUNS_SUFFIX, SCHEMA_VERSION
from cortex_tickets.ledger.spending import Spending
from cortex_tickets.records.table_name import TableName


class RunsTable:
    """One run's row in the table.

    Args:
        into: The ledger.
        run_id: The run.
    """

    def __init__(self, into: TableName, run_id: str) -> None:
        self._table = into.sibling(RUNS_SUFFIX).sql
        self._run_id = run_id

    def give_up_dead_runs(self, client: CortexClient, operation: Operation) -> None:
        """Note of runs that died that they are over: whoever holds the lease is the classifier's only living run."""
        client.run(
            f"UPDATE {self._table} SET STATE = 'GIVEN_UP', REASON = ? WHERE CLASSIFIER_HASH = ? AND STATE = 'RUNNING'",
            f"it gave no sign of life, and run {self._run_id} took over",
            operation.hash,
        )

    def begin(self, client: CortexClient, operation: Operation, *, source: str, n_rows: int) -> None:
        """Write the run's row, with all that its classifier's hash covers."""
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
        }
        marks = ", ".join("?" for _ in values)
        client.run(
            f"INSERT INTO {self._table} ({', '.join(values)}, STARTED_AT) SELECT {marks}, CURRENT_TIMESTAMP()",
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
