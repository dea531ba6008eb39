"""The statements around the task's own: what makes a pipeline, starts it, ends it, and what a role needs for it.

Source of the grammar, all read 2026-11-25:
https://docs.snowflake.com/en/sql-reference/sql/create-stream,
https://docs.snowflake.com/en/sql-reference/sql/create-task,
https://docs.snowflake.com/en/sql-reference/sql/execute-task,
https://docs.snowflake.com/en/user-guide/tasks-triggered,
https://docs.snowflake.com/en/user-guide/streams-intro.
"""

from __future__ import annotations

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._pipeline.parts import PipelineParts
from cortex_tickets._pipeline.task_body import task_body
from cortex_tickets.ledger.schema import table_definitions
from cortex_tickets.ledger.views import view_definition
from cortex_tickets.records.table_name import TableName

ROLE = "<role>"
"""Stands for the task's owner in what is to be granted."""
_SECONDS_IN_A_MINUTE = 60


def ledger_statements(parts: PipelineParts) -> list[str]:
    """Return what makes the ledger, what stands beside it, and the classifier's view, where they are not there yet."""
    return [
        *table_definitions(parts.into, parts.operation.extra_columns),
        view_definition(parts.into, parts.operation.hash),
    ]


def stream_statement(parts: PipelineParts) -> str:
    """Return what makes the stream. One that is there already keeps its place in the table's history."""
    about = f"What is new in {parts.table} for {parts.task}"
    return (
        f"CREATE STREAM IF NOT EXISTS {parts.stream.sql}\n"
        f"  ON {parts.source_kind} {parts.table.sql}\n"
        f"  COMMENT = {literal(about)}"
    )


def task_statement(parts: PipelineParts) -> str:
    """Return what makes the task, suspended."""
    settings = parts.settings
    about = (
        f"Labels what is new in {parts.table} into {parts.into} with {parts.operation.model}, "
        f"classifier {parts.operation.hash[:12]}"
    )
    options = [
        *([] if settings.warehouse_sql is None else [f"WAREHOUSE = {settings.warehouse_sql}"]),
        # Two runs of a task never overlap: that is the default, written down because the rest relies on it.
        "OVERLAP_POLICY = NO_OVERLAP",
        f"QUERY_TAG = {literal(parts.tag)}",
        f"USER_TASK_TIMEOUT_MS = {settings.timeout * 1000}",
        f"SUSPEND_TASK_AFTER_NUM_FAILURES = {settings.suspend_after_failures}",
        f"COMMENT = {literal(about)}",
        # A run that failed left the stream as it was, so that the task comes again by itself.
        "TASK_AUTO_RETRY_ATTEMPTS = 0",
        f"USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = {settings.seconds_between_runs}",
    ]
    if settings.warehouse_sql is None:
        minutes = min(1440, -(-settings.timeout // _SECONDS_IN_A_MINUTE))
        options.append(f"TARGET_COMPLETION_INTERVAL = '{minutes} MINUTES'")
    lines = "\n".join(f"  {option}" for option in options)
    return (
        f"CREATE OR REPLACE TASK {parts.task.sql}\n{lines}\n"
        f"  WHEN SYSTEM$STREAM_HAS_DATA({literal(parts.stream.sql)})\nAS\n{task_body(parts)}"
    )


def start_statement(parts: PipelineParts) -> str:
    """Return what lets the task run."""
    return f"ALTER TASK {parts.task.sql} RESUME"


def teardown_statements(parts: PipelineParts) -> list[str]:
    """Return what ends the pipeline; the ledger stays."""
    return [
        f"ALTER TASK IF EXISTS {parts.task.sql} SUSPEND",
        f"DROP TASK IF EXISTS {parts.task.sql}",
        f"DROP STREAM IF EXISTS {parts.stream.sql}",
    ]


def privilege_statements(parts: PipelineParts) -> list[str]:
    """Return what the task's owner needs, as an administrator grants it."""
    settings, schema = parts.settings, TableName(parts.into.parts[:2])
    places = dict.fromkeys(table.parts[:2] for table in (parts.table, parts.into))
    compute = (
        "EXECUTE MANAGED TASK ON ACCOUNT"
        if settings.warehouse_sql is None
        else f"USAGE ON WAREHOUSE {settings.warehouse_sql}"
    )
    rights = [
        *dict.fromkeys(f"USAGE ON DATABASE {TableName(place[:1]).sql}" for place in places),
        *(f"USAGE ON SCHEMA {TableName(place).sql}" for place in places),
        f"SELECT ON {parts.source_kind} {parts.table.sql}",
        f"CREATE TABLE, CREATE VIEW, CREATE STREAM, CREATE TASK ON SCHEMA {schema.sql}",
        *(f"SELECT, INSERT, UPDATE ON TABLE {table.sql}" for table in (parts.into, parts.runs, parts.leases)),
        compute,
        "EXECUTE TASK ON ACCOUNT",
        "USE AI FUNCTIONS ON ACCOUNT",
        "DATABASE ROLE SNOWFLAKE.CORTEX_USER",
        *([f"USAGE ON MODEL {TableName.parse(parts.operation.model).sql}"] if parts.is_tuned else []),
    ]
    return [f"GRANT {right} TO ROLE {ROLE}" for right in rights]
