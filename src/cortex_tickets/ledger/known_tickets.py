"""Looks whether a run still knows every ticket of a source: tickets may have come since."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.ledger.schema import described_columns
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import TableRun


def unknown_ticket_problems(client: CortexClient, source: TicketSource, run: TableRun) -> list[str]:
    """Return what speaks against using the run's labels for the source: nothing if it knows every ticket."""
    table = TableName.parse(run.into)
    if described_columns(client, table) is None:
        return [f"The labels' table {table} does not exist any more. Run classify_table(...) again."]
    row = client.run(
        "SELECT COUNT(*) AS N_TICKETS, COUNT_IF(L.TICKET_ID IS NULL) AS N_UNKNOWN FROM ("
        f"SELECT DISTINCT {source.column('id')}::VARCHAR AS TICKET_ID, {text_hash(source.column('text'))} AS TEXT_HASH "
        f"FROM {source.relation}) S LEFT JOIN {table.sql} L ON L.TICKET_ID = S.TICKET_ID "
        f"AND L.TEXT_HASH = S.TEXT_HASH AND L.CLASSIFIER_HASH = {literal(run.classifier_hash)}"
    )[0]
    n_unknown = int(row["N_UNKNOWN"] or 0)
    if not n_unknown:
        return []
    return [
        (
            f"{n_unknown} of {row['N_TICKETS']} tickets of {source} are not in the run labels={run.run_id}: they came, "
            "or were edited, after it. Call classify_table(...) again, which asks only what is new, and give its run; "
            "or give allow_incomplete=True to leave them out of training."
        )
    ]
