"""The faults that were injected, in SNOWFLAKE.ENGINE.FAULTS: what a rehearsal is counted by."""

from __future__ import annotations

import datetime as dt
import threading
from hashlib import sha256

import pyarrow as pa

from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance

TABLE = f"{SYSTEM_DATABASE}.ENGINE.FAULTS"
_MOST_BUFFERED = 50_000

_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    INJECTED_AT TIMESTAMPTZ, FAULT VARCHAR, QUERY_ID VARCHAR, QUERY_TAG VARCHAR, USER_NAME VARCHAR, SESSION_ID BIGINT,
    "FUNCTION" VARCHAR, MODEL VARCHAR, JOB_ID VARCHAR, TEXT_HASH VARCHAR
)
"""
_SCHEMA = pa.schema(
    [
        ("injected_at", pa.timestamp("us", "UTC")),
        ("fault", pa.string()),
        ("query_id", pa.string()),
        ("query_tag", pa.string()),
        ("user_name", pa.string()),
        ("session_id", pa.int64()),
        ("function", pa.string()),
        ("model", pa.string()),
        ("job_id", pa.string()),
        ("text_hash", pa.string()),
    ]
)


class FaultLog:
    """Every fault injected, buffered and written when somebody reads the table, or when there are many."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._rows: list[tuple[object, ...]] = []
        instance.root.execute(_CREATE)

    def add(
        self,
        fault: str,
        asker: Asker,
        *,
        function: str | None = None,
        model: str | None = None,
        job_id: str | None = None,
        text: str | None = None,
    ) -> None:
        """Write down one fault; of a text only its hash, the one that SNOWFLAKE.ENGINE.ASKED has."""
        text_hash = None if text is None else sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        who = (asker.query_id, asker.query_tag, asker.user, asker.session_id)
        with self._lock:
            self._rows.append((dt.datetime.now(dt.UTC), fault, *who, function, model, job_id, text_hash))
            is_full = len(self._rows) >= _MOST_BUFFERED
        if is_full:
            self.write_out()

    def write_out(self) -> None:
        """Put what is buffered into the table."""
        with self._lock:
            rows, self._rows = self._rows, []
            if not rows:
                return
            columns = [
                pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), _SCHEMA.types, strict=True)
            ]
            with self._instance.connection() as duck:
                duck.duck.register("fault_rows", pa.table(columns, schema=_SCHEMA))
                duck.execute(f"INSERT INTO {TABLE} SELECT * FROM fault_rows")
                duck.duck.unregister("fault_rows")
