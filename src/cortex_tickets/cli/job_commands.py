"""`cortex-tickets job`: fine-tune jobs, started, watched, waited for and cancelled."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cortex_tickets import FineTuneJob, FineTuneStatus, TrainingSet
from cortex_tickets.cli.asking import confirm_price
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.job_end import job_end_told
from cortex_tickets.cli.opening import budget_of, opened_to_keep, settled
from cortex_tickets.cli.options import (
    AsJson,
    Config,
    Connection,
    EnginePath,
    PlatformBudget,
    Timeout,
    TrainingSetTable,
    Yes,
)
from cortex_tickets.cli.showing import is_watched, show
from cortex_tickets.cli.student_plan import StudentPlan, TrainedModel
from cortex_tickets.records.table_name import TableName

GROUP_EXAMPLE = """cortex-tickets job start --training-set TICKETS_FT --name TICKETS_LLAMA
cortex-tickets job list
cortex-tickets job wait ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299"""
START_EXAMPLE = r"""cortex-tickets job start --training-set TICKETS_FT \
  --base-model llama3.1-8b --name TICKETS_LLAMA"""
STATUS_EXAMPLE = "cortex-tickets job status ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299"
WAIT_EXAMPLE = r"""cortex-tickets job wait ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299 \
  --timeout 3600"""
CANCEL_EXAMPLE = "cortex-tickets job cancel ft_6556e15c-8f12-4d94-8cb0-87e6f2fd2299"
LIST_EXAMPLE = "cortex-tickets job list --json"
_ENDS_WITH_IT = (
    "The embedded engine ends with this command, and a job with it: give --wait. `cortex-tickets serve` is an engine "
    "that goes on, and prints the entry of connections.toml that --connection wants."
)

JobId = Annotated[str, typer.Argument(help="The job's id, as `job start` and `job list` show it.")]


def start(
    ctx: typer.Context,
    *,
    training_set: TrainingSetTable = None,
    base_model: Annotated[str | None, typer.Option(help="The model to tune.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the tuned model; by default the set's with _STUDENT.")
    ] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is over.")] = False,
    platform_budget: PlatformBudget = None,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Start a fine-tune job, or find the same one.

    One that lives or has succeeded is found: asking twice pays once.
    """
    checks = Checks(config, connection, path, platform_budget=platform_budget, timeout=timeout)
    settings = checks.settings
    checks.names({"--training-set": training_set})
    checks.names({"--name": name}, role="model")
    if checks.has_settings and settings.connection is None and not wait:
        checks.add([_ENDS_WITH_IT])
    checks.require_none()
    plan = StudentPlan.of(settings, kind="fine-tune", base_model=base_model, name=name, heads=None)
    with opened_to_keep(ctx, settings) as session:
        trained_on = TrainingSet.load(session, training_set or settings.tables.training_set)
        confirm_price(session, plan.price_lines(session, trained_on), is_confirmed=yes)
        job = FineTuneJob.start(
            session,
            name=plan.name_for(trained_on),
            base_model=plan.base_model,
            training_set=trained_on,
            max_epochs=plan.max_epochs,
            budget=budget_of(settings, None, platform_budget),
            platform_credits_per_million_tokens=plan.platform_price,
        )
        if wait:
            _wait(ctx, session, job, timeout, as_json=as_json, asked=plan.name)
            return
    show({"job": job.status, "is_reused": job.reused}, _started(job, plan.name), as_json=as_json)


def status(
    ctx: typer.Context,
    job_id: JobId,
    *,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Show how a job stands. Two free statements."""
    with opened_to_keep(ctx, settled(config, connection, path)) as session:
        found = FineTuneJob.attach(session, job_id).status
    show({"job": found}, _lines(found), as_json=as_json)


def wait(
    ctx: typer.Context,
    job_id: JobId,
    *,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Wait for a job's end, and show its model.

    Leaving the wait does not stop the job.
    """
    checks = Checks(config, connection, path, timeout=timeout)
    checks.require_none()
    with opened_to_keep(ctx, checks.settings) as session:
        _wait(ctx, session, FineTuneJob.attach(session, job_id), timeout, as_json=as_json)


def cancel(
    ctx: typer.Context,
    job_id: JobId,
    *,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Stop a job. One that is over stays as it is; what was trained so far may be billed."""
    with opened_to_keep(ctx, settled(config, connection, path)) as session:
        found = FineTuneJob.attach(session, job_id).cancel()
    show({"job": found}, _lines(found), as_json=as_json)


def list_jobs(
    ctx: typer.Context,
    *,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the jobs, the newest first.

    They are those that Snowflake knows; it clears its list at times.
    """
    with opened_to_keep(ctx, settled(config, connection, path)) as session:
        found = FineTuneJob.list(session)
    lines = [
        f"{job.job_id}  {job.status or job.state.value:<12}  {job.base_model or '':<16}  "
        f"{'' if job.created_at is None else job.created_at.strftime('%Y-%m-%d %H:%M')}".rstrip()
        for job in found
    ]
    show({"jobs": found}, "\n".join(lines) or "There are no jobs.", as_json=as_json)


def _wait(
    ctx: typer.Context,
    session: Any,
    job: FineTuneJob,
    timeout: float | None,
    *,
    as_json: bool,
    asked: str | None = None,
) -> None:
    goes_on = f"The job goes on. Wait for it again with: cortex-tickets job wait {job.id}"
    with job_end_told(ctx, session, goes_on):
        model = job.wait(timeout=timeout, progress=is_watched())
    made = TrainedModel.of_job(model, reason=f"Job {job.id} is done.")
    show(
        {"job": job.status, "is_reused": job.reused, "student": made},
        f"{_started(job, asked)}\n{made}",
        as_json=as_json,
    )


def _started(job: FineTuneJob, asked: str | None) -> str:
    """Return how a job stands, and whether the name that was asked for was used: a job that is found has its own."""
    told = _lines(job.status, is_reused=job.reused)
    if asked is None or not job.reused or job.name is None or _is_name_of(asked, job.name):
        return told
    return f"{told}\n{asked} was not used as a name: the job that was found has the model {job.name}."


def _is_name_of(asked: str, model: str) -> bool:
    """Whether the name, with or without database and schema, is that of the model, which may have a suffix."""
    *places, name = TableName.parse(asked, role="model").parts
    *there, found = TableName.parse(model, role="model").parts
    return found.startswith(name) and there[len(there) - len(places) :] == places


def _lines(found: FineTuneStatus, *, is_reused: bool = False) -> str:
    facts = {
        "model": found.model,
        "base model": found.base_model,
        "training loss": found.training_loss,
        "validation loss": found.validation_loss,
        "trained tokens": found.trained_tokens,
        "error": found.error_text or None,
    }
    reused = " (found, not started again)" if is_reused else ""
    return "\n".join([f"{found}{reused}", *(f"{name}: {value}" for name, value in facts.items() if value is not None)])
