"""Reads tickets with their labels and gold from the warehouse, sampled there if they are too many."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import TICKETS, text_hash
from cortex_tickets._training.candidate import Candidate
from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.records.prediction import LABELLED, Outcome
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import TableRun
from cortex_tickets.training_set import TrainingSet

_MOST_SHOWN = 100
GOLD_COLUMNS = ("TICKET_ID", "TEXT_HASH", "LABEL", "SOURCE", "LABELLED_AT")


def gold_problems(client: CortexClient, gold: TableName) -> list[str]:
    """Return what speaks against using the gold table."""
    columns = described_columns(client, gold)
    if columns is None:
        return [f"The gold table {gold} does not exist, or this role may not see it. Load it with load_gold(...)."]
    missing = [name for name in GOLD_COLUMNS if name not in columns]
    if missing:
        return [f"The gold table {gold} lacks {', '.join(missing)}. Load it with load_gold(...)."]
    return []


def check_gold_labels(client: CortexClient, gold: TableName, labels: tuple[str, ...]) -> None:
    """Check that all gold labels are among the labels.

    Raises:
        InvalidTrainingSetError: With a line for each gold label that is not.
    """
    known = ", ".join(literal(label) for label in labels)
    rows = client.run(
        f"SELECT LABEL, COUNT(*) AS N FROM {gold.sql} WHERE LABEL IS NULL OR LABEL NOT IN ({known}) "
        "GROUP BY LABEL ORDER BY LABEL"
    )
    if rows:
        raise InvalidTrainingSetError(
            f"The gold table has the label {_shown(row['LABEL'])} on {row['N']} tickets, and it is not among the "
            f"labels ({', '.join(labels)}). Correct the gold table, or add it to the labels."
            for row in rows
        )


def _shown(label: object) -> str:
    written = repr(label)
    return written if len(written) <= _MOST_SHOWN else f"{written[:_MOST_SHOWN]}…"


def read_candidates(
    client: CortexClient,
    source: TicketSource,
    run: TableRun,
    gold: TableName | None,
    *,
    seed: int,
    max_texts: int,
) -> list[Candidate]:
    """Return the tickets with their labels, sorted by id and hash.

    One statement. Of more than `max_texts` distinct texts a sample by hash is drawn in the warehouse.
    """
    rows = client.rows(Statement(_query(source, run, gold, seed=seed, max_texts=max_texts)))
    return [_candidate(row) for row in rows]


def kept_splits(client: CortexClient, earlier: TrainingSet) -> dict[str, Split]:
    """Return the split of each text of an earlier set, by the text's hash. One statement."""
    rows = client.run(f"SELECT DISTINCT TEXT_HASH, SPLIT FROM ({earlier.rows_query()})")
    return {str(row["TEXT_HASH"]): Split(row["SPLIT"]) for row in rows}


def _query(source: TicketSource, run: TableRun, gold: TableName | None, *, seed: int, max_texts: int) -> str:
    text = source.column("text")
    created = source.column("created_at")
    created_at = "NULL::TIMESTAMP_NTZ" if created == "NULL" else f"MIN({created})"
    gold_columns, gold_join = _gold_join(gold)
    return (
        f"WITH {TICKETS} AS (SELECT {source.column('id')}::VARCHAR AS TICKET_ID, {text_hash(text)} AS TEXT_HASH, "
        f"MIN({text}) AS TEXT, {created_at} AS CREATED_AT FROM {source.relation} GROUP BY 1, 2), "
        f"CHOSEN AS (SELECT TEXT_HASH FROM (SELECT DISTINCT TEXT_HASH FROM {TICKETS}) "
        f"ORDER BY SHA2(CONCAT({literal(f'{seed}:')}, TEXT_HASH), 256) LIMIT {max_texts}), "
        f"LABELS AS (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME FROM {TableName.parse(run.into).sql} "
        f"WHERE CLASSIFIER_HASH = {literal(run.classifier_hash)}) "
        f"SELECT T.TICKET_ID, T.TEXT_HASH, T.TEXT, T.CREATED_AT, L.LABEL, L.OUTCOME{gold_columns} "
        f"FROM {TICKETS} T JOIN CHOSEN C ON C.TEXT_HASH = T.TEXT_HASH "
        "LEFT JOIN LABELS L ON L.TICKET_ID = T.TICKET_ID AND L.TEXT_HASH = T.TEXT_HASH"
        f"{gold_join} ORDER BY T.TICKET_ID, T.TEXT_HASH"
    )


def _gold_join(gold: TableName | None) -> tuple[str, str]:
    if gold is None:
        return ", NULL::VARCHAR AS GOLD_LABEL, NULL::VARCHAR AS CORRECTION", ""

    def newest(source: str) -> str:
        return (
            f"(SELECT TICKET_ID, TEXT_HASH, LABEL FROM {gold.sql} WHERE SOURCE = '{source}' QUALIFY ROW_NUMBER() OVER "
            "(PARTITION BY TICKET_ID, TEXT_HASH ORDER BY LABELLED_AT DESC NULLS LAST, LABEL) = 1)"
        )

    def matches(name: str) -> str:
        return f"{name}.TICKET_ID = T.TICKET_ID AND {name}.TEXT_HASH = T.TEXT_HASH"

    measured = f"LEFT JOIN {newest('random_sample')} G ON {matches('G')}"
    corrected = f"LEFT JOIN {newest('correction')} K ON {matches('K')}"
    return ", G.LABEL AS GOLD_LABEL, K.LABEL AS CORRECTION", f" {measured} {corrected}"


def _candidate(row: Any) -> Candidate:
    created_at = row["CREATED_AT"]
    if created_at is not None and not isinstance(created_at, datetime):
        raise InvalidInputError("The created_at column is not a timestamp; cast it, or set created_at=None.")
    labelled = row["OUTCOME"] in {*LABELLED, Outcome.ABSTAINED}
    return Candidate(
        ticket_id=row["TICKET_ID"],
        text=row["TEXT"] or "",
        text_hash=row["TEXT_HASH"],
        created_at=created_at,
        label=row["LABEL"] if labelled else None,
        outcome=row["OUTCOME"],
        gold_label=row["GOLD_LABEL"],
        correction=row["CORRECTION"],
    )
