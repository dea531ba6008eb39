"""The statements over a gold table: which tickets are there, what is written, drawn and read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from cortex_tickets._correcting.given_labels import GivenLabel
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.schema import definition, described_columns, form_problems
from cortex_tickets.records.gold_label import GOLD_COLUMNS, GoldLabel, GoldSource
from cortex_tickets.records.label_sample import LabelSample, SampledTicket
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

_GIVEN = (
    "(SELECT F.INDEX AS POSITION, F.VALUE[0]::VARCHAR AS TICKET_ID, F.VALUE[1]::VARCHAR AS TEXT_HASH, "
    "F.VALUE[2]::VARCHAR AS LABEL FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
)
_NEWEST = "ORDER BY LABELLED_AT DESC NULLS LAST, LABEL"
_SAME_TICKET = "{0}.TICKET_ID = {1}.TICKET_ID AND {0}.TEXT_HASH = {1}.TEXT_HASH"


def gold_form_problems(client: CortexClient, table: TableName) -> list[str]:
    """Return what speaks against adding to the table: nothing where it is not there yet."""
    return form_problems(client, table, GOLD_COLUMNS, f"The gold table {table}")


def unknown_tickets(client: CortexClient, source: TicketSource, labels: Sequence[GivenLabel]) -> list[GivenLabel]:
    """Return the labels whose ticket is not in the source, by id and text. One statement."""
    query = (
        f"SELECT G.POSITION FROM {_GIVEN} G LEFT JOIN (SELECT DISTINCT {_ticket(source)} FROM {source.relation}) S "
        f"ON {_SAME_TICKET.format('S', 'G')} WHERE S.TICKET_ID IS NULL ORDER BY G.POSITION"
    )
    return [labels[int(row["POSITION"])] for row in client.rows(Statement(query, (_bound(labels),)))]


def write_labels(
    client: CortexClient, table: TableName, labels: Sequence[GivenLabel], *, source: GoldSource, annotator: str
) -> int:
    """Write the labels that do not stand already, and return how many they were.

    One statement. A label stands already if it is the newest one of its ticket, and its annotator's newest.
    """
    client.run(f"CREATE TABLE IF NOT EXISTS {table.sql} ({definition(GOLD_COLUMNS)})")
    query = (
        f"INSERT INTO {table.sql} ({', '.join(GOLD_COLUMNS)}) "
        f"SELECT G.TICKET_ID, G.TEXT_HASH, G.LABEL, {literal(source.value)}, ?, CURRENT_TIMESTAMP() FROM {_GIVEN} G "
        f"LEFT JOIN {_newest(table, source)} N ON {_SAME_TICKET.format('N', 'G')} "
        f"LEFT JOIN {_newest(table, source, ' AND ANNOTATOR = ?')} M ON {_SAME_TICKET.format('M', 'G')} "
        "WHERE N.LABEL IS DISTINCT FROM G.LABEL OR M.LABEL IS DISTINCT FROM G.LABEL ORDER BY G.POSITION"
    )
    # Not sent a second time: what a lost answer left behind is found by the next call.
    statement = Statement(query, (annotator, _bound(labels), annotator), repeatable=False)
    return sum(int(count) for row in client.rows(statement) for count in row.values())


def draw(client: CortexClient, table: TableName, source: TicketSource, *, n: int, seed: int) -> LabelSample:
    """Return a simple random sample of the tickets that have no label of a random sample yet.

    By the hash of seed, id and text, so that the same tickets give the same sample. No column but id and text is read.
    """
    text = source.column("text")
    tickets = f"SELECT {_ticket(source)}, MIN({text}) AS TEXT FROM {source.relation} GROUP BY 1, 2"
    labelled, is_open = "", ""
    if described_columns(client, table) is not None:
        drawn = literal(GoldSource.RANDOM_SAMPLE.value)
        labelled = (
            f" LEFT JOIN (SELECT DISTINCT TICKET_ID, TEXT_HASH FROM {table.sql} WHERE SOURCE = {drawn}) G "
            f"ON {_SAME_TICKET.format('G', 'T')}"
        )
        is_open = " AND G.TICKET_ID IS NULL"
    rows = client.run(
        f"SELECT T.TICKET_ID, T.TEXT_HASH, T.TEXT, COUNT(*) OVER () AS N_POPULATION FROM ({tickets}) T{labelled} "
        f"WHERE NOT ({is_blank('T.TEXT')}){is_open} "
        f"ORDER BY SHA2(CONCAT({literal(f'{seed}:')}, T.TICKET_ID, ':', T.TEXT_HASH), 256) LIMIT {n}"
    )
    return LabelSample(
        table=str(table),
        seed=seed,
        n_population=int(rows[0]["N_POPULATION"]) if rows else 0,
        tickets=tuple(
            SampledTicket(ticket_id=row["TICKET_ID"], text_hash=row["TEXT_HASH"], text=row["TEXT"]) for row in rows
        ),
    )


def stored_labels(
    client: CortexClient, table: TableName, source: GoldSource | None, *, limit: int, newest_only: bool
) -> list[GoldLabel]:
    """Return the labels of the table, the newest first; of each ticket and source only the newest if so asked."""
    wanted = "" if source is None else f" WHERE SOURCE = {literal(source.value)}"
    newest = f" QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH, SOURCE {_NEWEST}) = 1"
    rows = client.run(
        f"SELECT {', '.join(GOLD_COLUMNS)} FROM {table.sql}{wanted}{newest if newest_only else ''} "
        f"ORDER BY LABELLED_AT DESC NULLS LAST, TICKET_ID, TEXT_HASH, SOURCE, LABEL LIMIT {limit}"
    )
    return [
        GoldLabel(
            ticket_id=row["TICKET_ID"],
            text_hash=row["TEXT_HASH"],
            label=row["LABEL"],
            source=row["SOURCE"],
            annotator=row["ANNOTATOR"],
            labelled_at=_in_utc(row["LABELLED_AT"]),
        )
        for row in rows
    ]


def source_of(given: object) -> GoldSource | None:
    """Return the source that a caller named.

    Raises:
        InvalidInputError: If it is none.
    """
    if given is None:
        return None
    try:
        return GoldSource(str(given))
    except ValueError:
        known = " or ".join(repr(source.value) for source in GoldSource)
        raise InvalidInputError(f"source={given!r} is no source of gold: give {known}, or None for both.") from None


def _ticket(source: TicketSource) -> str:
    return f"{source.column('id')}::VARCHAR AS TICKET_ID, {text_hash(source.column('text'))} AS TEXT_HASH"


def _newest(table: TableName, source: GoldSource, further: str = "") -> str:
    return (
        f"(SELECT TICKET_ID, TEXT_HASH, LABEL FROM {table.sql} WHERE SOURCE = {literal(source.value)}{further} "
        f"QUALIFY ROW_NUMBER() OVER (PARTITION BY TICKET_ID, TEXT_HASH {_NEWEST}) = 1)"
    )


def _bound(labels: Sequence[GivenLabel]) -> str:
    return json.dumps([[label.ticket_id, label.text_hash, label.label] for label in labels], ensure_ascii=False)


def _in_utc(moment: Any) -> datetime | None:
    if not isinstance(moment, datetime):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
