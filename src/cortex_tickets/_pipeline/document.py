"""A pipeline as one file of SQL, for a person who reviews it before anything is sent."""

from __future__ import annotations

from cortex_tickets._pipeline.parts import PipelineParts
from cortex_tickets._pipeline.statements import (
    ROLE,
    ledger_statements,
    privilege_statements,
    start_statement,
    stream_statement,
    task_statement,
    teardown_statements,
)
from cortex_tickets.sql_comments import as_comments, comment


def document(parts: PipelineParts) -> str:
    """Return the file's text. As it stands it makes the pipeline and starts nothing."""
    settings = parts.settings
    where = "compute that Snowflake manages" if settings.warehouse is None else f"the warehouse {settings.warehouse}"
    errors = (
        "Texts that came back with an error are left to TicketClassifier.classify_table."
        if settings.retry_errors_after is None
        else f"Texts that came back with an error are asked again {settings.retry_errors_after} seconds later or more, "
        "by the next run."
    )
    sections = [
        [
            comment(f"Labels what is new in {parts.table} into the ledger {parts.into}."),
            comment(f"Model: {parts.operation.model}. Classifier: {parts.operation.hash}."),
            comment(
                f"The task {parts.task} runs on {where} when its stream has something new, at most every "
                f"{settings.seconds_between_runs} seconds. A run that finds more than {settings.max_texts} "
                f"distinct texts to ask asks none of them; one is stopped after {settings.timeout} seconds. {errors}"
            ),
            comment("Written by cortex_tickets.export_pipeline. Nothing here holds the text of a ticket."),
        ],
        [
            comment(f"What the task's owner, {ROLE}, needs. Who makes the first stream on a table has to own it."),
            *as_comments(privilege_statements(parts)),
        ],
        [
            comment("1. The ledger, its runs, its leases, the view of this classifier's rows; what is there stays."),
            *(f"{statement};" for statement in ledger_statements(parts)),
        ],
        [
            comment(
                "2. The stream. It shows what comes from now on: label what is there already with "
                "TicketClassifier.classify_table, which has a budget, after this statement. Where the table is "
                "dropped or replaced, the stream is lost: drop it, and send this again."
            ),
            f"{stream_statement(parts)};",
        ],
        [
            comment("3. The task. It is made suspended: nothing runs, and nothing is billed, before the next step."),
            f"{task_statement(parts)};",
        ],
        [comment("4. Start it, when the rest has been read."), *as_comments([start_statement(parts)])],
        [comment("To end it. The ledger stays."), *as_comments(teardown_statements(parts))],
    ]
    return "\n\n".join("\n".join(lines) for lines in sections) + "\n"
