"""The jobs table: what was about to be bought, and who is buying it.

A row stands for one identity (base model, both queries, options), written before CREATE, so that a crash at any
moment leaves a trace. On it lies a lease, taken by a conditional UPDATE: the number of updated rows tells who won.
All times are the server's, since clients' clocks differ. Snowflake enforces no keys and reads what is committed, so
two starters may insert a row each; every statement here therefore speaks of the identity, never of one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import ObjectNotFoundError
from cortex_tickets.records.table_name import TableName

JOBS_TABLE = "CORTEX_TICKETS_JOBS"
LEASE_SECONDS = 300
"""How long a lease lives without a heartbeat: longer than CREATE may take, so that no one looks too early."""
SCHEMA_VERSION = 1

_COLUMNS: Mapping[str, str] = {
    "IDENTITY": "VARCHAR",
    "MODEL_NAME": "VARCHAR",
    "BASE_MODEL": "VARCHAR",
    "TRAINING_QUERY": "VARCHAR",
    "VALIDATION_QUERY": "VARCHAR",
    "OPTIONS": "VARCHAR",
    "JOB_ID": "VARCHAR",
    "HOLDER": "VARCHAR",
    "LEASE_UNTIL": "TIMESTAMP_TZ",
    "INTENT_AT": "TIMESTAMP_TZ",
    "SCHEMA_VERSION": "NUMBER(38,0)",
}
_UNTIL = f"DATEADD(second, {LEASE_SECONDS}, CURRENT_TIMESTAMP())"


@dataclass(frozen=True, slots=True)
class JobRow:
    """What the table says of one identity."""

    job_id: str | None
    """The last job that was started; `None` while none is known."""
    model_name: str | None
    """The name that was asked for."""
    is_leased: bool
    """Whether somebody is starting it now."""
    intent_at: datetime | None
    """When the last starter took the lease, by the server's clock, in UTC."""


class JobsTable:
    """The table in one schema.

    Args:
        client: How statements are sent.
        model: A model of that schema, with all three parts.
    """

    def __init__(self, client: CortexClient, model: TableName) -> None:
        self._client = client
        self._table = TableName((*model.parts[:-1], JOBS_TABLE)).sql

    def note_intent(self, request: FineTuneRequest) -> None:
        """Make the table and the identity's row where they are not there yet."""
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        self._client.run(f"CREATE TABLE IF NOT EXISTS {self._table} ({columns})")
        values = {
            "IDENTITY": request.identity,
            "MODEL_NAME": str(request.model),
            "BASE_MODEL": request.base_model,
            "TRAINING_QUERY": request.training_query,
            "VALIDATION_QUERY": request.validation_query,
            "OPTIONS": request.options,
            "SCHEMA_VERSION": SCHEMA_VERSION,
        }
        self._client.run(
            f"INSERT INTO {self._table} ({', '.join(values)}) "
            f"SELECT {', '.join(f'?::{_COLUMNS[name]}' for name in values)} "
            f"FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE IDENTITY = ?)",
            *values.values(),
            request.identity,
        )

    def read(self, identity: str) -> JobRow:
        """Return what is known of the identity; of several rows the one that says most."""
        rows = self._client.run(
            "SELECT JOB_ID, MODEL_NAME, INTENT_AT, COALESCE(LEASE_UNTIL > CURRENT_TIMESTAMP(), FALSE) AS IS_LEASED "
            f"FROM {self._table} WHERE IDENTITY = ? "
            "ORDER BY IS_LEASED DESC, IFF(JOB_ID IS NULL, 1, 0), INTENT_AT DESC LIMIT 1",
            identity,
        )
        return _job_row(rows[0]) if rows else JobRow(None, None, is_leased=False, intent_at=None)

    def take_lease(self, request: FineTuneRequest, holder: str, *, instead_of: str | None) -> bool:
        """Return whether `holder` may now start the job: compare and swap over all rows of the identity.

        Args:
            request: What is to be started.
            holder: Who wants to start it.
            instead_of: The job that stood there when one looked; another one by now means that one was too late.
        """
        return self._changes(
            f"UPDATE {self._table} SET HOLDER = ?, MODEL_NAME = ?, JOB_ID = NULL, "
            f"INTENT_AT = CURRENT_TIMESTAMP(), LEASE_UNTIL = {_UNTIL} "
            f"WHERE IDENTITY = ? AND NOT EXISTS (SELECT 1 FROM {self._table} OTHER WHERE OTHER.IDENTITY = ? "
            "AND (OTHER.LEASE_UNTIL > CURRENT_TIMESTAMP() OR OTHER.JOB_ID <> ?))",
            holder,
            str(request.model),
            request.identity,
            request.identity,
            instead_of or "",
        )

    def heartbeat(self, identity: str, holder: str) -> bool:
        """Return whether the holder still holds the lease, which then lasts its full time again."""
        return self._changes(
            f"UPDATE {self._table} SET LEASE_UNTIL = {_UNTIL} "
            "WHERE IDENTITY = ? AND HOLDER = ? AND LEASE_UNTIL > CURRENT_TIMESTAMP()",
            identity,
            holder,
        )

    def store_job(self, identity: str, holder: str, job_id: str) -> bool:
        """Return whether the job's id was stored, which ends the lease; not if somebody else holds it by now."""
        return self._changes(
            f"UPDATE {self._table} SET JOB_ID = ?, HOLDER = NULL, LEASE_UNTIL = NULL WHERE IDENTITY = ? AND HOLDER = ?",
            job_id,
            identity,
            holder,
        )

    def release(self, identity: str, holder: str) -> None:
        """End the lease without a job."""
        self._changes(
            f"UPDATE {self._table} SET HOLDER = NULL, LEASE_UNTIL = NULL WHERE IDENTITY = ? AND HOLDER = ?",
            identity,
            holder,
        )

    def model_name(self, job_id: str) -> str | None:
        """Return the name that the job was asked to make, or `None` if it was not started from this table."""
        statement = Statement(f"SELECT MODEL_NAME FROM {self._table} WHERE JOB_ID = ?", (job_id,))
        try:
            found = self._client.value(statement)
        except ObjectNotFoundError:
            return None
        return None if found is None else str(found)

    def _changes(self, text: str, *values: object) -> bool:
        # Sent once: a second sending would find its own change and take it for somebody else's.
        return int(self._client.value(Statement(text, values, repeatable=False)) or 0) > 0


def _job_row(row: Mapping[str, Any]) -> JobRow:
    intent_at = row["INTENT_AT"]
    return JobRow(
        job_id=row["JOB_ID"],
        model_name=row["MODEL_NAME"],
        is_leased=bool(row["IS_LEASED"]),
        intent_at=intent_at.astimezone(UTC) if isinstance(intent_at, datetime) else None,
    )
