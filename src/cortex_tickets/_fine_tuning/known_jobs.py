"""Jobs by their id: described and cancelled, with a clear error for an id that Snowflake does not know."""

from __future__ import annotations

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tuning import cancel_job, describe_job, listed_job, says_no_such_job
from cortex_tickets._cortex.jobs_table import JobsTable
from cortex_tickets.errors import CortexError, FineTuneError
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.records.table_name import TableName
from cortex_tickets.training_set import TrainingSet


def described(client: CortexClient, job_id: str, *, timeout: float | None) -> FineTuneStatus:
    """Return how the job stands now.

    Raises:
        FineTuneError: If Snowflake says that there is no such job, and does not list it either.
        CortexError: If it fails for another reason.
    """
    try:
        return describe_job(client, job_id, timeout=timeout)
    except CortexError as error:
        if not says_no_such_job(error) or listed_job(client, job_id, instead_of=error, timeout=timeout) is not None:
            raise
        raise FineTuneError(
            f"Snowflake does not know the fine-tune job {job_id!r}, or this role may not see it ({error.reason}). "
            "Give the job's id, such as 'ft_…', not the model's name; FineTuneJob.list(session) shows what there is.",
            job_id=job_id,
        ) from error


def asked_name(client: CortexClient, job_id: str, training_set: TrainingSet | None) -> str | None:
    """Return the model's name that the job was asked to make; `None` if no jobs table beside the set tells it."""
    if training_set is None:
        return None
    return JobsTable(client, TableName.parse(training_set.table)).model_name(job_id)


def cancelled(client: CortexClient, job_id: str, *, timeout: float | None) -> FineTuneStatus:
    """Return how the job stands after Snowflake was asked to stop it.

    What a refusal means is told by the job's state, not by the text of the answer: a job that is over needs no
    stopping.

    Raises:
        FineTuneError: If Snowflake does not know the job.
        CortexError: If it will not stop a job that is not over.
    """
    try:
        cancel_job(client, job_id, timeout=timeout)
    except CortexError:
        status = described(client, job_id, timeout=timeout)
        if not status.is_over:
            raise
        return status
    return described(client, job_id, timeout=timeout)
