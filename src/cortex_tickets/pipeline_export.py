"""Writes labelling as SQL that runs inside Snowflake by itself: a stream on the tickets, and a task it triggers."""

from __future__ import annotations

import os

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._pipeline.checks import checked_parts
from cortex_tickets._pipeline.document import document
from cortex_tickets._pipeline.pipeline import Pipeline
from cortex_tickets._pipeline.settings import LONGEST_RUN, PipelineSettings
from cortex_tickets._pipeline.statements import (
    ledger_statements,
    privilege_statements,
    start_statement,
    stream_statement,
    task_statement,
    teardown_statements,
)
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.file_writing import checked_path
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.problems import Problems
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.ticket_classifier import TicketClassifier

__all__ = ["Pipeline", "export_pipeline"]

_TAG = "cortex_tickets: export_pipeline"


def export_pipeline(
    classifier: TicketClassifier,
    source: str | TicketSource,
    *,
    into: str,
    warehouse: str | None = None,
    name: str | None = None,
    max_texts: int = CHUNK_ROWS,
    seconds_between_runs: int = 60,
    timeout: int = LONGEST_RUN,
    retry_errors_after: int | None = 3600,
    suspend_after_failures: int = 3,
    path: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
) -> Pipeline:
    """Return SQL that labels new and edited tickets into the classifier's ledger, with no client at work.

    A stream notes what changes in the table, and a task that it triggers labels it, by the rules of
    `TicketClassifier.classify_table`: one row for each ticket, text and classifier, equal texts asked once over the
    whole ledger, errors kept with their message, the same lease. So the task and a client may work into one ledger
    at the same time: whoever comes second waits or is refused.

    Sends free statements alone, to look at the table, the ledger and the model: none that bills or writes.

    Args:
        classifier: What labels. The task asks what it asks now; export again when it has changed.
        source: A table's or view's name, or a `TicketSource` of one: a stream needs more than a query.
        into: The ledger table, which may be there already.
        warehouse: The task's warehouse. `None` for compute that Snowflake manages.
        name: What stream and task are called, with `_STREAM` and `_TASK` added, in the ledger's schema; the stream has
            a mark of its table before that. A task of that name is replaced, a stream goes on where it is. `None` for
            the ledger's name and a mark of table, ledger and classifier: two pipelines must not share a stream.
        max_texts: Distinct texts that may wait for a run. One that finds more when it looks fails, asks nothing and
            leaves the stream as it is; `classify_table`, which has a budget, takes over then.
        seconds_between_runs: The least time between two runs, 10 to 604,800.
        timeout: Seconds after which Snowflake stops a run, 60 to 604,800. The lease lasts a minute longer.
        retry_errors_after: Seconds after which a text that came back with an error is asked again, by the first run
            that comes then; 0 for the next run, `None` for never.
        suspend_after_failures: Failed runs in a row after which Snowflake suspends the task.
        path: Where to write the SQL; `None` for nowhere.
        overwrite: Whether a file that is there may be replaced.

    Returns:
        The statements, and the whole as one text for a reviewer.

    Raises:
        InvalidInputError: With every problem: no such table or column, a query as the source, an `into` that is
            another table, a model that the account lacks, a setting out of its range, a path that cannot be written.

    Source:
        [CREATE TASK](https://docs.snowflake.com/en/sql-reference/sql/create-task) and
        [Triggered tasks](https://docs.snowflake.com/en/user-guide/tasks-triggered), read 2026-11-25.
    """
    problems = Problems()
    given: object = classifier
    if not isinstance(given, TicketClassifier):
        raise InvalidInputError(
            f"classifier must be a TicketClassifier, not a {type(given).__name__}. A student or a cascade labels on a "
            "schedule by its classify_table(...), or by its to_sql(...) in a task of your own."
        )
    settings = None
    with problems:
        settings = PipelineSettings(
            warehouse=warehouse,
            max_texts=max_texts,
            seconds_between_runs=seconds_between_runs,
            timeout=timeout,
            retry_errors_after=retry_errors_after,
            suspend_after_failures=suspend_after_failures,
        )
    if path is not None:
        with problems:
            target = checked_path(path, (".sql",))
            if target.exists() and not overwrite:
                problems.add([f"{str(target)!r} is there already. Give another path=, or overwrite=True."])
    parts = checked_parts(
        CortexClient(classifier.session, tag=_TAG),
        classifier.operation,
        source,
        settings,
        problems,
        into=into,
        name=name,
        is_tuned=classifier.is_tuned,
    )
    pipeline = Pipeline(
        stream=str(parts.stream),
        task=str(parts.task),
        source=str(parts.table),
        into=str(parts.into),
        model=parts.operation.model,
        classifier_hash=parts.operation.hash,
        statements=(*ledger_statements(parts), stream_statement(parts), task_statement(parts)),
        start=start_statement(parts),
        teardown=tuple(teardown_statements(parts)),
        privileges=tuple(privilege_statements(parts)),
        sql=document(parts),
    )
    if path is not None:
        pipeline.save(path, overwrite=overwrite)
    return pipeline
