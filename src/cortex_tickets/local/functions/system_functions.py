"""SYSTEM$ functions that Snowpark calls: cancelling statements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from cortex_tickets.local.functions.signature import CortexFunction, Parameter, Rows


class CancelQuery(CortexFunction):
    """SYSTEM$CANCEL_QUERY(query_id).

    Source:
        docs.snowflake.com/en/sql-reference/functions/system_cancel_query, read 2026-11-22.
    """

    name: ClassVar[str] = "SYSTEM$CANCEL_QUERY"
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("QUERY_ID", is_required=True),)

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """What was done."""
        query_id = rows.text("QUERY_ID") or ""
        if self.services.cancel(query_id):
            return [f"query [{query_id}] terminated."] * rows.n_rows
        return ["Identified SQL statement is not currently executing."] * rows.n_rows


class CancelAllQueries(CortexFunction):
    """SYSTEM$CANCEL_ALL_QUERIES(session_id).

    Source:
        docs.snowflake.com/en/sql-reference/functions/system_cancel_all_queries, read 2026-11-22.
    """

    name: ClassVar[str] = "SYSTEM$CANCEL_ALL_QUERIES"
    parameters: ClassVar[tuple[Parameter, ...]] = (Parameter("SESSION_ID", is_required=True),)

    def answer(self, rows: Rows) -> Sequence[str | None]:
        """How many statements were cancelled."""
        session_id = rows.text("SESSION_ID") or "0"
        count = self.services.cancel_session(int(session_id), rows.asker.query_id) if session_id.isdigit() else 0
        return [f"{count} queries cancelled."] * rows.n_rows
