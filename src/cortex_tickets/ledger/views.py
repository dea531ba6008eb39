"""A view for each classifier of a ledger, so that nobody has to know its hash."""

from __future__ import annotations

import logging

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets.errors import CortexError
from cortex_tickets.records.table_name import TableName

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
