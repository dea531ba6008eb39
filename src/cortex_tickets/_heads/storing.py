"""The table of heads and its manifest: rows first, the manifest last, so that what has a manifest is whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.head_check import head_problems
from cortex_tickets._cortex.head_labelling import manifest_hash
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, ObjectNotFoundError, UnexpectedAnswerError
from cortex_tickets.ledger.schema import definition, form_problems
from cortex_tickets.records.embedding_head import EmbeddingHead
from cortex_tickets.records.table_name import TableName

MANIFEST_SUFFIX = "_MANIFEST"
MANIFEST_COLUMNS: Mapping[str, str] = {
    "VERSION": "NUMBER(38,0)",
    "HEAD_HASH": "VARCHAR",
    "TRAINING_SET_ID": "VARCHAR",
    "MANIFEST": "VARCHAR",
    "SCHEMA_VERSION": "NUMBER(38,0)",
    "CREATED_AT": "TIMESTAMP_TZ",
}
_BLOCK_LABELS = 50
"""Rows of weights in one statement: some 10 kB each as JSON."""
_TRIES = 10
"""So many others may take the number of a version first."""
_READ = "SELECT VERSION, MANIFEST, CREATED_AT FROM {manifest}"


@dataclass(frozen=True, slots=True)
class HeadRow:
    """What the head has for one label, in whole multiples of its scale."""

    position: int
    label: str
    bias: int
    weights: Sequence[int]

    @property
    def hash(self) -> str:
        """SHA-256, in hexadecimal, as `head_sql.fingerprint_query` has it."""
        text = f"{self.position}:{self.label}:{self.bias}:{','.join(map(str, self.weights))}"
        return hashlib.sha256(text.encode()).hexdigest()


def head_columns(dimension: int | str) -> Mapping[str, str]:
    """Return the columns of a table of heads, with their types; `n` is any dimension."""
    return {
        "HEAD_HASH": "VARCHAR",
        "POSITION": "NUMBER(38,0)",
        "LABEL": "VARCHAR",
        "BIAS": "FLOAT",
        "WEIGHTS": f"VECTOR(FLOAT, {dimension})",
    }


def hash_of(rows: Sequence[HeadRow]) -> str:
    """Return the hash of a head's rows."""
    return hashlib.sha256(",".join(row.hash for row in rows).encode()).hexdigest()


def table_problems(client: CortexClient, into: TableName, dimension: int) -> list[str]:
    """Return what speaks against adding a head of this dimension to the table."""
    manifest = into.sibling(MANIFEST_SUFFIX)
    problems = [
        *form_problems(client, into, head_columns(dimension), f"into={str(into)!r}"),
        *form_problems(client, manifest, MANIFEST_COLUMNS, f"{manifest}, where its manifest would stand,"),
    ]
    if problems:
        return problems
    others = {head.dimension for head in _heads(client, into, "", ())} - {dimension}
    if not others:
        return []
    problem = (
        f"into={str(into)!r} holds heads over vectors of {', '.join(map(str, sorted(others)))} numbers, and this "
        f"model's have {dimension}. Give another table, or a model with vectors of that length."
    )
    return [problem]


def trained_before(client: CortexClient, into: TableName, training_set_id: str) -> list[EmbeddingHead]:
    """Return the table's heads of this training set, the newest first; none where there is no such table."""
    return _heads(client, into, " WHERE TRAINING_SET_ID = ? ORDER BY VERSION DESC", (training_set_id,))


def loaded(client: CortexClient, table: TableName, version: int | None) -> EmbeddingHead:
    """Return a head from its manifest, once its rows were found to be what was trained.

    Raises:
        InvalidInputError: If there is no such table or version, or its rows are missing or changed.
    """
    manifest = table.sibling(MANIFEST_SUFFIX)
    which, values = ("", ()) if version is None else (" WHERE VERSION = ?", (version,))
    try:
        rows = client.rows(
            Statement(f"{_READ.format(manifest=manifest.sql)}{which} ORDER BY VERSION DESC, HEAD_HASH LIMIT 2", values)
        )
    except ObjectNotFoundError:
        raise InvalidInputError(
            f"{table} has no manifest ({manifest}). Give the table that EmbeddingStudent.train wrote into."
        ) from None
    if not rows:
        what = "no head" if version is None else f"no head of version {version}"
        raise InvalidInputError(f"{manifest} holds {what}. Train one with EmbeddingStudent.train.")
    if len(rows) > 1 and rows[0]["VERSION"] == rows[1]["VERSION"]:
        raise InvalidInputError(
            f"{manifest} holds version {rows[0]['VERSION']} twice: two trainings ended in the same instant. "
            "Give the later one another number, or delete it."
        )
    head = _head(rows[0])
    problems = head_problems(client, head)
    if problems:
        raise InvalidInputError(problems)
    return head


def store(client: CortexClient, into: TableName, head: EmbeddingHead, rows: Sequence[HeadRow]) -> EmbeddingHead:
    """Write a head as the table's next version, and return it as it stands there.

    Raises:
        UnexpectedAnswerError: If the rows do not come back as they were sent; nothing is left of them then.
    """
    manifest = into.sibling(MANIFEST_SUFFIX)
    client.run(f"CREATE TABLE IF NOT EXISTS {into.sql} ({definition(head_columns(head.dimension))})")
    client.run(f"CREATE TABLE IF NOT EXISTS {manifest.sql} ({definition(MANIFEST_COLUMNS)})")
    if not client.value(Statement(f"SELECT COUNT(*) AS N FROM {manifest.sql} WHERE HEAD_HASH = ?", (head.head_hash,))):
        _write_rows(client, into, head, rows)
    for _ in range(_TRIES):
        version = int(client.value(Statement(f"SELECT COALESCE(MAX(VERSION), 0) + 1 AS N FROM {manifest.sql}")))
        numbered = head.model_copy(update={"version": version, "manifest_hash": manifest_hash(head)})
        written = client.rows(
            Statement(
                f"INSERT INTO {manifest.sql} ({', '.join(MANIFEST_COLUMNS)}) "
                "SELECT ?, ?, ?, ?, ?, CURRENT_TIMESTAMP() "
                f"WHERE NOT EXISTS (SELECT 1 FROM {manifest.sql} WHERE VERSION = ?)",
                (
                    version,
                    head.head_hash,
                    head.training_set_id,
                    numbered.model_dump_json(exclude={"created_at"}),
                    head.schema_version,
                    version,
                ),
                writes=True,
            )
        )
        if any(int(count) for row in written for count in row.values()):
            return loaded(client, into, version)
    raise UnexpectedAnswerError(f"{_TRIES} versions in a row were taken by others in {manifest}", answer=None)


def _write_rows(client: CortexClient, into: TableName, head: EmbeddingHead, rows: Sequence[HeadRow]) -> None:
    # Rows without a manifest are what a training that died left behind.
    clean_up = Statement(f"DELETE FROM {into.sql} WHERE HEAD_HASH = ?", (head.head_hash,))
    client.rows(clean_up)
    scale = 2.0**-head.scale_bits
    insert = (
        f"INSERT INTO {into.sql} (HEAD_HASH, POSITION, LABEL, BIAS, WEIGHTS) "
        "SELECT F.VALUE:hash::VARCHAR, F.VALUE:position::NUMBER, F.VALUE:label::VARCHAR, F.VALUE:bias::FLOAT, "
        f"F.VALUE:weights::ARRAY::VECTOR(FLOAT, {head.dimension}) FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F"
    )
    for start in range(0, len(rows), _BLOCK_LABELS):
        block = [
            {
                "hash": head.head_hash,
                "position": row.position,
                "label": row.label,
                "bias": row.bias * scale,
                "weights": [weight * scale for weight in row.weights],
            }
            for row in rows[start : start + _BLOCK_LABELS]
        ]
        client.rows(Statement(insert, (json.dumps(block, ensure_ascii=False),), writes=True))
    if head_problems(client, head):
        client.without_deadline().rows(clean_up)
        raise UnexpectedAnswerError(
            f"The rows that were written to {into} are not those that were sent, so they were deleted", answer=None
        )


def _heads(client: CortexClient, table: TableName, which: str, values: tuple[object, ...]) -> list[EmbeddingHead]:
    manifest = table.sibling(MANIFEST_SUFFIX)
    try:
        rows = client.rows(Statement(f"{_READ.format(manifest=manifest.sql)}{which}", values))
    except ObjectNotFoundError:
        return []
    return [_head(row) for row in rows]


def _head(row: Row) -> EmbeddingHead:
    created_at: Any = row["CREATED_AT"]
    told: dict[str, Any] = json.loads(row["MANIFEST"])
    moment = created_at if isinstance(created_at, datetime) else None
    return EmbeddingHead.model_validate({**told, "version": int(row["VERSION"]), "created_at": moment})
