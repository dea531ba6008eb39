"""Looks whether a pipeline can be made, before it is written: free statements, none of which bills or writes."""

from __future__ import annotations

from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.labelling import MANAGED_MODEL, Labelling
from cortex_tickets._cortex.models import available_model
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._pipeline.parts import PipelineParts, pipeline_names
from cortex_tickets._pipeline.settings import PipelineSettings
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.schema import described_columns, fully_qualified, ledger_problems
from cortex_tickets.ledger.source_check import no_table, with_columns
from cortex_tickets.problems import Problems
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

_KINDS = {"BASE TABLE": "TABLE", "VIEW": "VIEW"}
"""What a stream may be on, by INFORMATION_SCHEMA.TABLES.TABLE_TYPE."""


def checked_parts(
    client: CortexClient,
    operation: Labelling,
    source: Any,
    settings: PipelineSettings | None,
    problems: Problems,
    *,
    into: str,
    name: str | None,
    is_tuned: bool,
) -> PipelineParts:
    """Return what the pipeline is made of.

    Raises:
        InvalidInputError: With everything that speaks against it, what `problems` holds already included.
    """
    ledger = kind = table = tickets = named = None
    with problems:
        ledger = fully_qualified(client, TableName.parse(into, role="ledger table"))
        problems.add(ledger_problems(client, ledger, operation.extra_columns))
    with problems:
        tickets = _table_source(source)
        table = fully_qualified(client, TableName.parse(str(tickets.table)))
        columns = described_columns(client, table)
        if columns is None:
            problems.add([no_table(str(tickets.table))])
        else:
            problems.add(with_columns(tickets, columns, ("id", "text"))[1])
            kind = _kind(client, table)
    if ledger is not None and table is not None:
        with problems:
            named = pipeline_names(name, table, ledger, operation.hash)
    if not is_tuned and operation.model != MANAGED_MODEL:
        model, against = available_model(client, operation.candidates)
        problems.add(against)
        operation = operation.asking(model or operation.model)
    problems.require_none()
    if ledger is None or table is None or tickets is None or named is None or kind is None or settings is None:
        raise AssertionError("whatever is missing is a problem")
    return PipelineParts(operation, tickets, table, kind, ledger, named, settings, is_tuned)


def _table_source(source: Any) -> TicketSource:
    found = TicketSource.of(source)
    if found.table is None:
        raise InvalidInputError(
            "A pipeline needs a table or a view: a stream cannot be made on a query or a DataFrame. Save it, "
            "df.write.save_as_table('MY_TICKETS'), or make a view of it, and give that name."
        )
    return found


def _kind(client: CortexClient, table: TableName) -> str:
    """What stands after ON in CREATE STREAM; a table where Snowflake does not tell."""
    database, schema, name = table.parts
    told = client.value(
        Statement(
            f"SELECT TABLE_TYPE FROM {TableName((database,)).sql}.INFORMATION_SCHEMA.TABLES "
            "WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
            (schema, name),
        )
    )
    if told is None:
        return "TABLE"
    if told not in _KINDS:
        raise InvalidInputError(
            f"{table} is a {str(told).lower()}, and a pipeline needs a standard table or a view, which a stream and a "
            "task of another session can read."
        )
    return _KINDS[told]
