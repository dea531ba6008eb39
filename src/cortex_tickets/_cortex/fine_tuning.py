"""The four forms of FINETUNE as statements, and how a job is found among those that are listed.

Source: https://docs.snowflake.com/en/sql-reference/functions/finetune-snowflake-cortex, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.failures import NO_SUCH_JOB
from cortex_tickets._cortex.fine_tune_payload import read_job_id, read_listing, read_status
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import (
    AccessDeniedError,
    ConnectionLostError,
    CortexError,
    StatementTimeoutError,
    TransientCortexError,
)
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus

MAX_DESCRIBED = 100
"""Jobs that are looked at one by one in a search, the newest first."""

_HAS_ITS_OWN_MEANING = (TransientCortexError, ConnectionLostError, StatementTimeoutError, AccessDeniedError)
"""Failures of which one knows that they say nothing about the job."""


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


def stored_job(client: CortexClient, job_id: str) -> FineTuneStatus | None:
    """Return the job whose id is known, or `None` if Snowflake no longer knows it: its list is cleared at times.

    It counts as gone only if Snowflake says so in words and does not list it either. Where DESCRIBE fails otherwise,
    what SHOW lists counts; it tells little of a job, but whether it lives.

    Raises:
        CortexError: What DESCRIBE failed with, if the job is not listed and may be there all the same.
    """
    try:
        return describe_job(client, job_id)
    except _HAS_ITS_OWN_MEANING:
        raise
    except CortexError as error:
        listed = listed_job(client, job_id, instead_of=error)
        if listed is None and not says_no_such_job(error):
            raise
        return listed


def listed_job(
    client: CortexClient, job_id: str, *, instead_of: CortexError, timeout: float | None = None
) -> FineTuneStatus | None:
    """Return the job as SHOW lists it, or `None` if it does not.

    Raises:
        CortexError: `instead_of`, DESCRIBE's error, if SHOW fails too.
    """
    try:
        jobs = list_jobs(client, timeout=timeout)
    except CortexError as of_the_list:
        raise instead_of from of_the_list
    return next((job for job in jobs if job.job_id == job_id), None)


def says_no_such_job(error: CortexError) -> bool:
    """Whether Snowflake says in words that there is no such job."""
    return error.reason == NO_SUCH_JOB


def list_jobs(client: CortexClient, *, timeout: float | None = None) -> list[FineTuneStatus]:
    """Return the jobs that Snowflake lists, the newest first: id, state, base model and moment of each. Free."""
    found = read_listing(client.value(Statement("SELECT SNOWFLAKE.CORTEX.FINETUNE('SHOW')"), timeout=timeout))
    long_ago = datetime.min.replace(tzinfo=UTC)
    return sorted(found, key=lambda job: job.created_at or long_ago, reverse=True)


def cancel_job(client: CortexClient, job_id: str, *, timeout: float | None = None) -> None:
    """Ask Snowflake to stop the job. What became of it is told by DESCRIBE, not by the text of the answer."""
    client.value(Statement(f"SELECT SNOWFLAKE.CORTEX.FINETUNE('CANCEL', {literal(job_id)})"), timeout=timeout)


def described_jobs(client: CortexClient, listed: Iterator[FineTuneStatus]) -> Iterator[FineTuneStatus]:
    """Yield the listed jobs in full, one DESCRIBE each, less those of which Snowflake says that there are none.

    The account's list may hold jobs that are not shown to this role, or that were cleared a moment ago.

    Raises:
        CortexError: If a job cannot be described for another reason: it may be the one that is sought.
    """
    for _, job in zip(range(MAX_DESCRIBED), listed, strict=False):
        try:
            found = describe_job(client, job.job_id)
        except CortexError as error:
            if not says_no_such_job(error):
                raise
            continue
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

    Raises:
        CortexError: If SHOW fails, or DESCRIBE for a listed job that may be the one.
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
