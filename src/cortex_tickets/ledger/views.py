"""A view for each classifier of a ledger, so that nobody has to know its hash."""

from __future__ import annotations

import logging

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.errors import CortexError
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource

logger = logging.getLogger("cortex_tickets")


def make_view(client: CortexClient, into: TableName, classifier_hash: str) -> str | None:
    """Make the view of one classifier's rows if it is not there yet, and return its name.

    Returns:
        `None` if this role may not make one: the rows are in the ledger all the same.
    """
    view = classifier_view(into, classifier_hash)
    try:
        client.run(view_definition(into, classifier_hash))
    except CortexError as error:
        logger.warning("the view %s could not be made: %s", view, error.reason)
        return None
    return str(view)


def classifier_view(into: TableName, classifier_hash: str) -> TableName:
    """Return what the view of one classifier's rows is called."""
    return into.sibling(f"_BY_{classifier_hash[:12].upper()}")


def view_definition(into: TableName, classifier_hash: str) -> str:
    """Return the statement that makes the view of one classifier's rows where it is not there yet."""
    view = classifier_view(into, classifier_hash)
    return f"CREATE VIEW IF NOT EXISTS {view.sql} AS {rows_query(into, classifier_hash)}"


def rows_query(into: TableName, classifier_hash: str) -> str:
    """Return a SELECT of one classifier's rows."""
    return f"SELECT * FROM {into.sql} WHERE CLASSIFIER_HASH = {literal(classifier_hash)}"


def current_query(client: CortexClient, source: TicketSource, into: TableName, classifier_hash: str) -> str:
    """Return a SELECT of one classifier's rows for the tickets as they stand in the source when it is read.

    An edited ticket's earlier text has a row in the ledger, too, and may come back; here it is left out. A table's name
    is given in full, so that a view in another schema finds it.
    """
    relation = source.relation
    if source.table is not None:
        relation = fully_qualified(client, TableName.parse(source.table)).sql
    return (
        f"SELECT L.* FROM {into.sql} L JOIN (SELECT DISTINCT {source.column('id')}::VARCHAR AS TICKET_ID, "
        f"{text_hash(source.column('text'))} AS TEXT_HASH FROM {relation}) S "
        "ON S.TICKET_ID = L.TICKET_ID AND S.TEXT_HASH = L.TEXT_HASH "
        f"WHERE L.CLASSIFIER_HASH = {literal(classifier_hash)}"
    )
