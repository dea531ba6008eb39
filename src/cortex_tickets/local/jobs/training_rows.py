"""Training and validation pairs from a job's queries, and what is wrong with them."""

from __future__ import annotations

import pyarrow as pa

from cortex_tickets.local.fine_tuning.trainer import TrainingDataError
from cortex_tickets.local.jobs.fine_tune_job import FineTuneJob
from cortex_tickets.local.sql.compiled import Kind
from cortex_tickets.local.sql.compiler import Compiler
from cortex_tickets.local.sql.errors import to_snowflake
from cortex_tickets.local.sql.runner import Runner
from cortex_tickets.local.sql.session import EngineSession

_COLUMNS = ("PROMPT", "COMPLETION")


def training_pairs(
    query: str, what: str, compiler: Compiler, session: EngineSession, job: FineTuneJob
) -> list[tuple[str, str]]:
    """Prompt and completion of each row that `query` gives now.

    Args:
        query: The query as the job was given it.
        what: `training` or `validation`, for messages.
        compiler: Reads the query.
        session: In whose schema its names are looked up.
        job: Whose query it is; cancelling it interrupts the query.

    Raises:
        TrainingDataError: When it is no query, fails, lacks a column or has a NULL.
    """
    table = _queried(query, what, compiler, session, job)
    by_name = {name.upper(): name for name in table.column_names}
    if missing := [name for name in _COLUMNS if name not in by_name]:
        raise TrainingDataError(
            f"The {what} data must have the columns prompt and completion; missing: {', '.join(missing)}."
        )
    columns = [table.column(by_name[name]).to_pylist() for name in _COLUMNS]
    for name, values in zip(_COLUMNS, columns, strict=True):
        if nulls := sum(value is None for value in values):
            raise TrainingDataError(f"The {what} data has {nulls} NULL value(s) in the column {name}.")
    return [(str(prompt), str(completion)) for prompt, completion in zip(*columns, strict=True)]


def _queried(query: str, what: str, compiler: Compiler, session: EngineSession, job: FineTuneJob) -> pa.Table:
    try:
        compiled = compiler.compile(query, session)
        if compiled.kind is Kind.QUERY:
            return Runner(session, job.watch, job.is_cancelled.is_set).run(compiled, ()).table
    except Exception as error:
        raise TrainingDataError(f"The {what} query failed: {to_snowflake(error).raw_msg}") from error
    raise TrainingDataError(f"The {what} data must be a SELECT.")
