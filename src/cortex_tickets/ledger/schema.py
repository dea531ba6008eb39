"""The tables beside each other: the ledger, its runs, and its leases."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.known_runs import RUNS_SUFFIX
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, ObjectNotFoundError
from cortex_tickets.records.table_name import TableName, column_sql

__all__ = [
    "LEASES_SUFFIX",
    "LEASE_COLUMNS",
    "LEDGER_COLUMNS",
    "RUNS_SUFFIX",
    "RUN_COLUMNS",
    "SCHEMA_VERSION",
    "create_tables",
    "definition",
    "described_columns",
    "form_problems",
    "fully_qualified",
    "ledger_problems",
    "table_definitions",
]

SCHEMA_VERSION = 3
LEASES_SUFFIX = "_LEASES"

LEDGER_COLUMNS: Mapping[str, str] = {
    "TICKET_ID": "VARCHAR",
    "TEXT_HASH": "VARCHAR",
    "LABEL": "VARCHAR",
    "OUTCOME": "VARCHAR",
    "ANSWER": "VARCHAR",
    "ERROR": "VARCHAR",
    "REPAIR": "VARCHAR",
    "ANSWERED_BY": "VARCHAR",
    "PROBABILITY": "FLOAT",
    "RUNNER_UP": "VARCHAR",
    "RUNNER_UP_PROBABILITY": "FLOAT",
    "CLASSIFIER_HASH": "VARCHAR",
    "RUN_ID": "VARCHAR",
    "INPUT_TOKENS": "NUMBER(38,0)",
    "OUTPUT_TOKENS": "NUMBER(38,0)",
    "ANSWERED_AT": "TIMESTAMP_TZ",
}
"""One row for each ticket and classifier. Tokens stand only on rows that were asked."""

RUN_COLUMNS: Mapping[str, str] = {
    "RUN_ID": "VARCHAR",
    "OPERATION": "VARCHAR",
    "CLASSIFIER_HASH": "VARCHAR",
    "MODEL": "VARCHAR",
    "SOURCE": "VARCHAR",
    "STATE": "VARCHAR",
    "REASON": "VARCHAR",
    "N_ROWS": "NUMBER(38,0)",
    "N_TICKETS": "NUMBER(38,0)",
    "N_LEFT": "NUMBER(38,0)",
    "N_TEXTS_ASKED": "NUMBER(38,0)",
    "INPUT_TOKENS": "NUMBER(38,0)",
    "OUTPUT_TOKENS": "NUMBER(38,0)",
    "AI_CREDITS": "FLOAT",
    "STARTED_AT": "TIMESTAMP_TZ",
    "FINISHED_AT": "TIMESTAMP_TZ",
    "SPECIFICATION": "VARCHAR",
    "SCHEMA_VERSION": "NUMBER(38,0)",
    "QUERY_TAG": "VARCHAR",
    "SESSION_ID": "NUMBER(38,0)",
    "QUERY_ID": "VARCHAR",
    "ALIVE_AT": "TIMESTAMP_TZ",
}
"""One row for each run, with all that its classifier hash covers."""

LEASE_COLUMNS: Mapping[str, str] = {
    "CLASSIFIER_HASH": "VARCHAR",
    "HOLDER": "VARCHAR",
    "SINCE": "TIMESTAMP_TZ",
    "HEARTBEAT_AT": "TIMESTAMP_TZ",
    "EXPIRES_AT": "TIMESTAMP_TZ",
}
"""One row for each classifier: which run asks for it now, and until when at most."""


def definition(columns: Mapping[str, str]) -> str:
    """Return the column list of a CREATE TABLE."""
    return ", ".join(f"{column_sql(name)} {kind}" for name, kind in columns.items())


def table_definitions(into: TableName, extra: Mapping[str, str]) -> list[str]:
    """Return the statements that make the ledger and what stands beside it where they are not there yet."""
    tables = {
        into: {**LEDGER_COLUMNS, **extra},
        into.sibling(RUNS_SUFFIX): RUN_COLUMNS,
        into.sibling(LEASES_SUFFIX): LEASE_COLUMNS,
    }
    return [f"CREATE TABLE IF NOT EXISTS {table.sql} ({definition(columns)})" for table, columns in tables.items()]


_NO_AUTOCOMMIT = (
    "The session has AUTOCOMMIT = FALSE, so what was asked and paid for could be rolled back, and no other session "
    "would see the lease. Send ALTER SESSION SET AUTOCOMMIT = TRUE, or give another session."
)


def create_tables(client: CortexClient, into: TableName, extra: Mapping[str, str]) -> None:
    """Make the ledger and what stands beside it where they are not there yet."""
    for statement in table_definitions(into, extra):
        client.run(statement)


def ledger_problems(client: CortexClient, into: TableName, extra: Mapping[str, str]) -> list[str]:
    """Return what speaks against writing the ledger into `into`: nothing where the tables are new or a ledger's."""
    runs, leases = into.sibling(RUNS_SUFFIX), into.sibling(LEASES_SUFFIX)
    if not _commits_by_itself(client):
        return [_NO_AUTOCOMMIT]
    newer = _newer_version(client, runs)
    if newer is not None:
        return [
            (
                f"into={str(into)!r} was written by a later version of this package, whose ledgers have the form "
                f"{newer}; this one knows forms up to {SCHEMA_VERSION}. Upgrade cortex-tickets, or give a new table."
            )
        ]
    return [
        *form_problems(client, into, {**LEDGER_COLUMNS, **extra}, f"into={str(into)!r}"),
        *form_problems(client, runs, RUN_COLUMNS, f"{runs}, where the runs of into={str(into)!r} would stand,"),
        *form_problems(client, leases, LEASE_COLUMNS, f"{leases}, where the leases on into={str(into)!r} would stand,"),
    ]


def _commits_by_itself(client: CortexClient) -> bool:
    """Whether each statement of the session is committed as soon as it is over."""
    found = client.run("SHOW PARAMETERS LIKE 'AUTOCOMMIT' IN SESSION")
    return all(str(value).lower() != "false" for row in found for name, value in row.items() if name.lower() == "value")


def _newer_version(client: CortexClient, runs: TableName) -> int | None:
    """Return the version of a ledger's form that is later than this package's; `None` for any other."""
    try:
        version = client.value(Statement(f"SELECT MAX(SCHEMA_VERSION) AS LATEST FROM {runs.sql}"))
    except ObjectNotFoundError:
        return None  # there is no such table, or it is no runs table, which its form will say
    return int(version) if version is not None and int(version) > SCHEMA_VERSION else None


def form_problems(client: CortexClient, table: TableName, columns: Mapping[str, str], called: str) -> list[str]:
    """Return what speaks against adding rows with these columns to the table: nothing where it is not there yet."""
    found = described_columns(client, table)
    missing = [] if found is None else [name for name in columns if name not in found]
    if not missing:
        return []
    return [
        (
            f"{called} is a table of another form: it lacks {', '.join(missing)}. "
            "Give the name of a new table, or of one that this operation wrote before."
        )
    ]


def described_columns(client: CortexClient, table: TableName) -> set[str] | None:
    """Return the names of the table's columns, or `None` if there is no such table for this role."""
    try:
        rows = client.run(f"DESCRIBE TABLE {table.sql}")
    except ObjectNotFoundError:
        return None
    return {str(next(value for key, value in row.items() if key.lower() == "name")) for row in rows}


def fully_qualified(client: CortexClient, table: TableName) -> TableName:
    """Return the name with the session's current database and schema where it has none.

    Raises:
        InvalidInputError: If the name needs them and the session has none.
    """
    if table.is_full:
        return table
    row = client.run("SELECT CURRENT_DATABASE() AS DATABASE_NAME, CURRENT_SCHEMA() AS SCHEMA_NAME")[0]
    database, schema = row["DATABASE_NAME"], row["SCHEMA_NAME"]
    if database is None or (schema is None and len(table.parts) == 1):
        raise InvalidInputError(
            f"{table} has no database and schema, and the session has no current ones. "
            "Write DATABASE.SCHEMA.TABLE, or choose them with session.use_schema(...)."
        )
    return table.within(str(database), str(schema))
