"""The four forms of FINETUNE as statements, and how a job is found among those that are listed.

Source: https://docs.snowflake.com/en/sql-reference/functions/finetune-snowflake-cortex, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_payload import read_job_id, read_listing, read_status
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import CallError, CortexError, ObjectNotFoundError
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus

MAX_DESCRIBED = 100
"""Jobs that are looked at one by one in a search, the newest first."""

_SAYS_UNKNOWN = (CortexError, CallError, ObjectNotFoundError)
"""What Snowflake answers about a job it does not know is not documented; it is none of the errors with a meaning."""


def create_job(client: CortexClient, request: FineTuneRequest, *, timeout: float | None = None) -> str:
    """Start a job and return its id. Billed, so it is sent once: never retried.

    The validation query is always sent; the options are a JSON text, not an object.

    Raises:
        CortexError: If Snowflake refuses, or if no answer comes.
        UnexpectedAnswerError: If the answer holds no id.
    """
    arguments = [
        "'CREATE'",
        literal(str(request.model)),
        literal(request.base_model),
        literal(request.training_query),
        literal(request.validation_query),
        *([literal(request.options)] if request.options else []),
    ]
    statement = Statement(f"SELECT SNOWFLAKE.CORTEX.FINETUNE({', '.join(arguments)})", repeatable=False)
    return read_job_id(client.value(statement, timeout=timeout))


def describe_job(client: CortexClient, job_id: str, *, timeout: float | None = None) -> FineTuneStatus:
    """Return the job as it stands now. Free."""
    statement = Statement(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('DESCRIBE', {literal(job_id)})")
    return read_status(client.value(statement, timeout=timeout), job_id=job_id)


def describe_if_known(client: CortexClient, job_id: str) -> FineTuneStatus | None:
    """Return the job as it stands now, or `None` if Snowflake no longer knows it: its list is cleared at times."""
    try:
        return describe_job(client, job_id)
    except CortexError as error:
        if is_about_the_job(error):
            return None
        raise


def is_about_the_job(error: CortexError) -> bool:
    """Whether the failure may mean that there is no such job, rather than a lost connection or a missing grant."""
    return type(error) in _SAYS_UNKNOWN


def list_jobs(client: CortexClient, *, timeout: float | None = None) -> list[FineTuneStatus]:
    """Return the jobs that Snowflake lists, the newest first: id, state, base model and moment of each. Free."""
    found = read_listing(client.value(Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"), timeout=timeout))
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda job: job.created_at or long_ago, reverse=True)


def cancel_job(client: CortexClient, job_id: str, *, timeout: float | None = None) -> None:
    """Ask Snowflake to stop the job. What became of it is told by DESCRIBE, not by the text of the answer."""
    client.value(Statement(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', {literal(job_id)})"), timeout=timeout)


def described_jobs(client: CortexClient, listed: Iterator[FineTuneStatus]) -> Iterator[FineTuneStatus]:
    """Yield the listed jobs in full, one DESCRIBE each, as far as Snowflake knows them."""
    for _, job in zip(range(MAX_DESCRIBED), listed, strict=False):
        found = describe_if_known(client, job.job_id)
        if found is not None:
            yield found


def find_job(
    client: CortexClient, request: FineTuneRequest, *, reusable: bool, since: datetime | None = None
) -> FineTuneStatus | None:
    """Return the newest listed job that does what the request asks for, or `None`.

    Args:
        client: Where to look.
        request: What the job must do.
        reusable: Leave out jobs that failed or were cancelled.
        since: Leave out jobs that are known to be older.
    """
    candidates = (
        job
        for job in list_jobs(client)
        if (job.base_model or request.base_model).lower() == request.base_model
        and (is_reusable(job) or not reusable)
        and (since is None or job.created_at is None or job.created_at >= since)
    )
    same = (job for job in described_jobs(client, candidates) if request.is_answered_by(job))
    return next((job for job in same if is_reusable(job) or not reusable), None)


def is_reusable(job: FineTuneStatus) -> bool:
    """Whether the job has made a model or may still make one."""
    return not job.is_over or job.state is FineTuneState.SUCCESS
