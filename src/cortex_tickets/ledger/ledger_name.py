"""The name of a ledger, which has to leave room for the names of what stands beside it."""

from __future__ import annotations

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.records.table_name import MAX_LENGTH, TableName

_LONGEST_SUFFIX = len("_CHECK_") + 12
"""Of the tables and views beside a ledger; a run's own ones have a dozen letters of its id."""
_LONGEST_NAME = MAX_LENGTH - _LONGEST_SUFFIX


def ledger_name(into: str) -> TableName:
    """Return the ledger's name as parts.

    Raises:
        InvalidInputError: If it is no name, or so long that a name beside it would be none.
    """
    table = TableName.parse(into, role="ledger table")
    if len(table.name) > _LONGEST_NAME:
        raise InvalidInputError(
            f"The ledger table's name has {len(table.name)} characters, and the tables beside it have longer ones, "
            f"such as <name>_LEASES, where Snowflake takes {MAX_LENGTH}: give one of at most {_LONGEST_NAME}."
        )
    return table
