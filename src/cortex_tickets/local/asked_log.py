"""The engine's own log: every text that a Cortex function was asked, in SNOWFLAKE.ENGINE.ASKED, and its usage view."""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import threading
from collections.abc import Iterable, Sequence

import pyarrow as pa

from cortex_tickets.local.asked_journal import AskedJournal
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.instance import SYSTEM_DATABASE, Instance

logger = logging.getLogger(__name__)

TABLE = f"{SYSTEM_DATABASE}.ENGINE.ASKED"
REMOVED = f"{SYSTEM_DATABASE}.ENGINE.ASKED_REMOVED"
_JOURNAL = f"{SYSTEM_DATABASE}.ENGINE.ASKED_JOURNAL"
_MOST_BUFFERED_BYTES = 8 << 20
_MOST_KEPT_BYTES = 256 << 20

_CREATE = f"""
CREATE TABLE IF NOT EXISTS {TABLE} (
    ASKED_AT TIMESTAMPTZ, QUERY_ID VARCHAR, QUERY_TAG VARCHAR, USER_NAME VARCHAR, SESSION_ID BIGINT,
    "FUNCTION" VARCHAR, MODEL VARCHAR, TEXT_HASH VARCHAR, TEXT VARCHAR,
    INPUT_TOKENS BIGINT, OUTPUT_TOKENS BIGINT
);
CREATE TABLE IF NOT EXISTS {REMOVED} (
    REMOVED_AT TIMESTAMPTZ, N_ROWS BIGINT, OLDEST TIMESTAMPTZ, NEWEST TIMESTAMPTZ
);
CREATE TABLE IF NOT EXISTS {_JOURNAL} (NEXT_FILE BIGINT);
INSERT INTO {_JOURNAL} SELECT 1 WHERE NOT EXISTS (FROM {_JOURNAL})
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
_SHED = f"""
INSERT INTO {REMOVED} SELECT now(), count(*), min(ASKED_AT), max(ASKED_AT) FROM {TABLE}
WHERE rowid < (SELECT median(rowid) FROM {TABLE});
DELETE FROM {TABLE} WHERE rowid < (SELECT median(rowid) FROM {TABLE})
"""
_SCHEMA = pa.schema(
    {
        "block": pa.int64(),
        "asked_at": pa.timestamp("us", "UTC"),
        "query_id": pa.string(),
        "query_tag": pa.string(),
        "user_name": pa.string(),
        "session_id": pa.int64(),
        "function": pa.string(),
        "model": pa.string(),
        "text": pa.string(),
        "input_tokens": pa.int64(),
        "output_tokens": pa.int64(),
    }
)


class AskedLog:
    """Every text asked, buffered as Arrow and written when somebody reads the table, or when it is full.

    An engine over files keeps all, and writes each block to a journal before its answers go anywhere: what a killed
    engine has asked is found by the next one, texts among it whose answers nobody got. An engine in memory keeps
    256 MB of texts: when there are more, the oldest half goes, and SNOWFLAKE.ENGINE.ASKED_REMOVED says so.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._begun: dict[int, pa.RecordBatch] = {}
        self._blocks: list[pa.RecordBatch] = []
        self._buffered = 0
        self._kept = 0
        self._next_file = 1
        for statement in (*_CREATE.split(";"), _USAGE):
            instance.root.execute(statement)
        self._journal = None if instance.folder is None else AskedJournal(instance.folder, _SCHEMA)
        if self._journal is not None:
            self._recover(self._journal)

    def begin(
        self, asker: Asker, *, function: str, model: str, texts: Sequence[str], input_tokens: Sequence[int]
    ) -> int:
        """Write down one block of texts before it is asked, all shape `(n_texts,)`; its number, for `end`."""
        number = next(self._numbers)
        if not texts:
            return number
        block = _block(
            number,
            len(texts),
            asked_at=dt.datetime.now(dt.UTC),
            query_id=asker.query_id,
            query_tag=asker.query_tag,
            user_name=asker.user,
            session_id=asker.session_id,
            function=function,
            model=model,
            text=texts,
            input_tokens=input_tokens,
            output_tokens=0,
        )
        with self._lock:
            self._begun[number] = block
            if self._journal is not None:
                self._journal.write(block)
        return number

    def end(self, number: int, *, input_tokens: Sequence[int], output_tokens: Sequence[int]) -> None:
        """Write down what came of a block, before its answers go anywhere; both shape `(n_texts,)`."""
        with self._lock:
            block = self._begun.pop(number, None)
            if block is None:
                return
            if self._journal is not None:
                ended = _block(number, len(block), input_tokens=input_tokens, output_tokens=output_tokens)
                self._journal.write(ended)
            block = _with_tokens(block, pa.array(input_tokens, pa.int64()), pa.array(output_tokens, pa.int64()))
            self._blocks.append(block)
            self._buffered += block.nbytes
            is_full = self._buffered > _MOST_BUFFERED_BYTES
        if is_full:
            self.write_out()

    def give_up(self, number: int) -> None:
        """Nobody gets the answers of a block: its texts were asked, and nothing came of them."""
        with self._lock:
            block = self._begun.pop(number, None)
            if block is not None:
                self._blocks.append(block)
                self._buffered += block.nbytes

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
        """Write down one block of texts and what came of it, all shape `(n_texts,)`."""
        number = self.begin(asker, function=function, model=model, texts=texts, input_tokens=input_tokens)
        self.end(number, input_tokens=input_tokens, output_tokens=output_tokens)

    def write_out(self) -> None:
        """Put what is buffered into the table."""
        with self._lock, self._instance.connection() as duck:
            self._write(duck)

    def close(self) -> None:
        """Put all into the table, texts too whose answers never came."""
        with self._lock, self._instance.connection() as duck:
            self._blocks += self._begun.values()
            self._begun.clear()
            self._write(duck)
            if self._journal is not None:
                self._journal.close()

    def _write(self, duck: DuckConnection) -> None:
        if not self._blocks:
            return
        written = sum(block.nbytes for block in self._blocks)
        if self._journal is not None:
            self._next_file += 1
            self._journal.start(self._next_file, self._begun.values())
        # In one transaction with the rows: a journal is read again exactly as long as they are not in the table.
        duck.begin()
        try:
            duck.duck.register("asked_rows", pa.Table.from_batches(self._blocks))
            duck.execute(_INSERT)
            if self._journal is not None:
                duck.execute(f"UPDATE {_JOURNAL} SET NEXT_FILE = {self._next_file}")
        except BaseException:
            duck.rollback()
            raise
        duck.commit()
        duck.duck.unregister("asked_rows")
        self._blocks, self._buffered = [], 0
        if self._journal is not None:
            self._journal.forget_before(self._next_file)
            return
        self._kept += written
        if self._kept > _MOST_KEPT_BYTES:
            for statement in _SHED.split(";"):
                duck.execute(statement)
            self._kept //= 2
            logger.warning("%s has passed its bound: its oldest half was removed, see %s.", TABLE, REMOVED)

    def _recover(self, journal: AskedJournal) -> None:
        """Bring what an engine that was killed has left into the table."""
        with self._lock, self._instance.connection() as duck:
            found = duck.execute(f"SELECT max(NEXT_FILE) FROM {_JOURNAL}").fetchone()
            self._next_file = int(found[0]) if found and found[0] is not None else 1
            self._blocks = _merged(journal.left(self._next_file))
            if self._blocks:
                self._write(duck)
            else:
                journal.start(self._next_file)


def _block(number: int, n_texts: int, **columns: object) -> pa.RecordBatch:
    """A block of rows: a list is a column, any other value stands in every row, and what is not given is NULL."""
    columns["block"] = number
    arrays = [
        pa.array(value, field.type)
        if isinstance(value := columns.get(field.name), Sequence) and not isinstance(value, str)
        else pa.repeat(pa.scalar(value, field.type), n_texts)
        for field in _SCHEMA
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _with_tokens(block: pa.RecordBatch, read: pa.Array, written: pa.Array) -> pa.RecordBatch:
    arrays = [*block.columns[:-2], read, written]
    return pa.RecordBatch.from_arrays(arrays, schema=_SCHEMA)


def _merged(left: Iterable[pa.RecordBatch]) -> list[pa.RecordBatch]:
    """Blocks that were begun, each with the tokens of its end, where it has one."""
    begun: dict[int, pa.RecordBatch] = {}
    for block in left:
        number = block["block"][0].as_py()
        if block["query_id"].null_count < len(block):
            begun[number] = block
        elif number in begun:
            begun[number] = _with_tokens(begun[number], block["input_tokens"], block["output_tokens"])
    return list(begun.values())
