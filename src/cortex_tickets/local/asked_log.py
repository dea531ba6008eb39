"""The engine's own log: every text that a Cortex function was asked, in SNOWFLAKE.ENGINE.ASKED, and its usage view."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

import pyarrow as pa

from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance

TABLE = f"{SYSTEM_DATABASE}.ENGINE.ASKED"
_MOST_BUFFERED_BYTES = 8 << 20
_MOST_KEPT_BYTES = 256 << 20

_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    ASKED_AT TIMESTAMPTZ, QUERY_ID VARCHAR, QUERY_TAG VARCHAR, USER_NAME VARCHAR, SESSION_ID BIGINT,
    "FUNCTION" VARCHAR, MODEL VARCHAR, TEXT_HASH VARCHAR, TEXT VARCHAR,
    INPUT_TOKENS BIGINT, OUTPUT_TOKENS BIGINT
)
"""
_USAGE = f"""
CREATE OR REPLACE VIEW {SYSTEM_DATABASE}.ACCOUNT_USAGE.CORTEX_AI_FUNCTIONS_USAGE_HISTORY AS
SELECT date_trunc('hour', ASKED_AT) AS START_TIME, date_trunc('hour', ASKED_AT) + INTERVAL 1 HOUR AS END_TIME,
       "FUNCTION" AS FUNCTION_NAME, MODEL AS MODEL_NAME, QUERY_ID, QUERY_TAG, USER_NAME AS USER_ID,
       to_json([
           {{'key': {{'metric': 'input', 'unit': 'tokens'}}, 'value': sum(INPUT_TOKENS)::BIGINT}},
           {{'key': {{'metric': 'output', 'unit': 'tokens'}}, 'value': sum(OUTPUT_TOKENS)::BIGINT}}
       ]) AS METRICS,
       0::DOUBLE AS CREDITS, TRUE AS IS_COMPLETED
FROM {TABLE} GROUP BY ALL
"""
"""Snowflake's usage view over the log. Its credits are 0: the engine bills nothing."""
_INSERT = f"""
INSERT INTO {TABLE}
SELECT asked_at, query_id, query_tag, user_name, session_id, function, model, sha256(text), text,
       input_tokens, output_tokens
FROM asked_rows
"""


class AskedLog:
    """Every text asked, buffered as Arrow and written when somebody reads the table, or when it is full.

    Memory is bounded, and so is the file of an engine with a path: the oldest half of the rows goes when the texts
    kept pass 256 MB, those of earlier runs included.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._blocks: list[pa.RecordBatch] = []
        self._buffered = 0
        self._kept: int | None = None
        instance.root.execute(_CREATE)
        instance.root.execute(_USAGE)

    def add(
        self,
        asker: Asker,
        *,
        function: str,
        model: str,
        texts: Sequence[str],
        input_tokens: Sequence[int],
        output_tokens: Sequence[int],
    ) -> None:
        """Write down one block of texts, all shape `(n_texts,)`."""
        n_texts = len(texts)
        if n_texts == 0:
            return
        now = dt.datetime.now(dt.UTC)
        constant = {
            "asked_at": pa.scalar(now, pa.timestamp("us", "UTC")),
            "query_id": pa.scalar(asker.query_id),
            "query_tag": pa.scalar(asker.query_tag),
            "user_name": pa.scalar(asker.user),
            "session_id": pa.scalar(asker.session_id, pa.int64()),
            "function": pa.scalar(function),
            "model": pa.scalar(model),
        }
        columns = {name: pa.repeat(value, n_texts) for name, value in constant.items()}
        columns["text"] = pa.array(texts, pa.string())
        columns["input_tokens"] = pa.array(input_tokens, pa.int64())
        columns["output_tokens"] = pa.array(output_tokens, pa.int64())
        block = pa.record_batch(columns)
        with self._lock:
            self._blocks.append(block)
            self._buffered += block.nbytes
            is_full = self._buffered > _MOST_BUFFERED_BYTES
        if is_full:
            self.write_out()

    def write_out(self) -> None:
        """Put what is buffered into the table."""
        with self._lock:
            blocks, self._blocks = self._blocks, []
            written, self._buffered = self._buffered, 0
            if not blocks:
                return
            with self._instance.connection() as duck:
                if self._kept is None:
                    # An engine over files finds the rows that earlier ones have left.
                    found = duck.execute(f"SELECT COALESCE(SUM(STRLEN(TEXT)), 0) FROM {TABLE}").fetchone()
                    self._kept = int(found[0]) if found else 0
                duck.duck.register("asked_rows", pa.Table.from_batches(blocks))
                duck.execute(_INSERT)
                duck.duck.unregister("asked_rows")
                self._kept += written
                if self._kept > _MOST_KEPT_BYTES:
                    duck.execute(f"DELETE FROM {TABLE} WHERE rowid < (SELECT median(rowid) FROM {TABLE})")
                    self._kept //= 2
