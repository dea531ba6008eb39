"""Writes a training set and its manifest: rows first, the manifest last, so that what has a manifest is whole."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass

from cortex_tickets._cortex import calls
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import TICKETS, text_hash
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.schema import definition, form_problems
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.training_set import MANIFEST_SUFFIX, TrainingSet

ROW_COLUMNS = {
    "TRAINING_SET_ID": "VARCHAR",
    "SPLIT": "VARCHAR",
    "TICKET_ID": "VARCHAR",
    "TEXT_HASH": "VARCHAR",
    "GROUP_ID": "VARCHAR",
    "TEXT": "VARCHAR",
    "PROMPT": "VARCHAR",
    "COMPLETION": "VARCHAR",
    "LABEL": "VARCHAR",
    "OUTCOME": "VARCHAR",
    "GOLD_LABEL": "VARCHAR",
    "GOLD_SOURCE": "VARCHAR",
    "DROPPED": "VARCHAR",
}
MANIFEST_COLUMNS = {
    "TRAINING_SET_ID": "VARCHAR",
    "MANIFEST": "VARCHAR",
    "SCHEMA_VERSION": "NUMBER(38,0)",
    "CREATED_AT": "TIMESTAMP_TZ",
}
_BLOCK_ROWS = 2_000


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """What the client decided of one ticket; its text and prompt are joined in the warehouse."""

    ticket_id: str
    text_hash: str
    split: str
    group_id: str
    completion: str | None
    label: str | None
    outcome: str | None
    gold_label: str | None
    gold_source: str | None
    dropped: str | None


def content_id(rows: Sequence[FrozenRow], prompt: ClassificationPrompt) -> str:
    """Return the SHA-256 over all rows and the prompt: the same content has the same id."""
    ordered = [asdict(row) for row in sorted(rows, key=lambda row: (row.ticket_id, row.text_hash))]
    content = json.dumps({"prompt": prompt.hash, "rows": ordered}, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


def table_problems(client: CortexClient, into: TableName) -> list[str]:
    """Return what speaks against writing a training set into `into`."""
    manifest = into.sibling(MANIFEST_SUFFIX)
    return [
        *form_problems(client, into, ROW_COLUMNS, f"into={str(into)!r}"),
        *form_problems(client, manifest, MANIFEST_COLUMNS, f"{manifest}, where its manifest would stand,"),
    ]


def freeze(
    client: CortexClient,
    source: TicketSource,
    rows: Sequence[FrozenRow],
    training_set: TrainingSet,
    into: TableName,
    *,
    tell: Callable[[int], None],
) -> None:
    """Write the rows and then the manifest. The rows of a set that is there already are left as they are.

    Args:
        client: How statements are sent.
        source: Where the tickets' texts are.
        rows: What was decided of each ticket.
        training_set: The manifest.
        into: The table.
        tell: Is told how many rows were sent; what it raises stops the writing before the first row is in the table.
    """
    manifest = into.sibling(MANIFEST_SUFFIX)
    client.run(f"CREATE TABLE IF NOT EXISTS {into.sql} ({definition(ROW_COLUMNS)})")
    client.run(f"CREATE TABLE IF NOT EXISTS {manifest.sql} ({definition(MANIFEST_COLUMNS)})")
    there = client.value(
        Statement(f"SELECT COUNT(*) AS N FROM {manifest.sql} WHERE TRAINING_SET_ID = ?", (training_set.id,))
    )
    if there:
        tell(len(rows))
        # It counts as the newest again, and says where its rows came from this time.
        client.rows(
            Statement(
                f"UPDATE {manifest.sql} SET MANIFEST = ?, SCHEMA_VERSION = ?, CREATED_AT = CURRENT_TIMESTAMP() "
                "WHERE TRAINING_SET_ID = ?",
                (training_set.model_dump_json(), training_set.schema_version, training_set.id),
            )
        )
        return
    # Rows without a manifest are what a build that died left behind.
    client.rows(Statement(f"DELETE FROM {into.sql} WHERE TRAINING_SET_ID = ?", (training_set.id,)))
    work = into.sibling(f"_FREEZE_{uuid.uuid4().hex[:12].upper()}")
    try:
        _send_decisions(client, rows, work, tell)
        _write_rows(client, source, training_set, into=into, work=work, n_rows=len(rows))
    finally:
        # A temporary table goes with its session anyhow; a failure before this must not be hidden by one of this.
        with suppress(Exception):
            client.without_deadline().run(f"DROP TABLE IF EXISTS {work.sql}")
    client.rows(
        Statement(
            f"INSERT INTO {manifest.sql} (TRAINING_SET_ID, MANIFEST, SCHEMA_VERSION, CREATED_AT) "
            "SELECT ?, ?, ?, CURRENT_TIMESTAMP()",
            (training_set.id, training_set.model_dump_json(), training_set.schema_version),
        )
    )


def _send_decisions(
    client: CortexClient, rows: Sequence[FrozenRow], work: TableName, tell: Callable[[int], None]
) -> None:
    names = [name.upper() for name in FrozenRow.__dataclass_fields__]
    client.run(f"CREATE OR REPLACE TEMPORARY TABLE {work.sql} ({', '.join(f'{name} VARCHAR' for name in names)})")
    values = ", ".join(f"F.VALUE:{name}::VARCHAR" for name in FrozenRow.__dataclass_fields__)
    insert = (
        f"INSERT INTO {work.sql} ({', '.join(names)}) SELECT {values} FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F"
    )
    for start in range(0, len(rows), _BLOCK_ROWS):
        tell(start)
        block = [asdict(row) for row in rows[start : start + _BLOCK_ROWS]]
        client.rows(Statement(insert, (json.dumps(block, ensure_ascii=False),)))
    tell(len(rows))


def _write_rows(
    client: CortexClient,
    source: TicketSource,
    training_set: TrainingSet,
    *,
    into: TableName,
    work: TableName,
    n_rows: int,
) -> None:
    text = source.column("text")
    prompt = calls.rendered_prompt(training_set.prompt, "T.TEXT")
    client.run(
        f"INSERT INTO {into.sql} ({', '.join(ROW_COLUMNS)}) "
        f"WITH {TICKETS} AS (SELECT {source.column('id')}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, "
        f"COALESCE(MIN({text}), '') AS TEXT FROM {source.relation} GROUP BY 1, 2) "
        f"SELECT {literal(training_set.id)}, W.SPLIT, W.TICKET_ID, W.TEXT_HASH, W.GROUP_ID, T.TEXT, {prompt}, "
        "W.COMPLETION, W.LABEL, W.OUTCOME, W.GOLD_LABEL, W.GOLD_SOURCE, W.DROPPED "
        f"FROM {work.sql} W JOIN {TICKETS} T ON T.TICKET_ID = W.TICKET_ID AND T.TEXT_HASH = W.TEXT_HASH "
        "ORDER BY W.SPLIT, W.TEXT_HASH, W.TICKET_ID"
    )
    written = int(
        client.value(Statement(f"SELECT COUNT(*) AS N FROM {into.sql} WHERE TRAINING_SET_ID = ?", (training_set.id,)))
    )
    if written != n_rows:
        client.without_deadline().rows(
            Statement(f"DELETE FROM {into.sql} WHERE TRAINING_SET_ID = ?", (training_set.id,))
        )
        raise InvalidInputError(
            f"The tickets changed while the training set was built: {n_rows} were read and {written} are there now. "
            "Build it again, or from a copy of the table."
        )
