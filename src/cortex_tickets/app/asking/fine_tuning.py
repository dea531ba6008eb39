"""Builds the training set, tells what a fine-tune job would cost, starts it, and finds it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cortex_tickets import (
    Budget,
    BuildProgress,
    FineTunedModel,
    FineTuneEstimate,
    FineTuneJob,
    FineTuneStatus,
    InvalidInputError,
    TrainingSet,
    TrainingSetBuilder,
)
from cortex_tickets.app.asking.gold import usable_gold
from cortex_tickets.app.asking.labelling import stored_run
from cortex_tickets.app.background import BuildTask, StoppedByReader
from cortex_tickets.app.desk import Desk, beside, quoted

_JOBS = "CORTEX_TICKETS_JOBS"
_MARGIN = 1.001
_STOPPED = "Stopped. Nothing was written: there is what there was before."


@dataclass(frozen=True, slots=True)
class KnownJob:
    """A fine-tune job of this schema, as the jobs table has it."""

    job_id: str
    model_name: str
    base_model: str
    started_at: datetime


def build_task(desk: Desk, model: str) -> BuildTask:
    """Return the work that builds the training set out of a model's stored labels. It asks no model."""

    def build(listener: Callable[[BuildProgress], None]) -> str:
        run = stored_run(desk, model)
        if run is None:
            raise InvalidInputError(f"No ticket has a label of {model} yet. Label the tickets on the page Overview.")
        choices = desk.settings.choices
        with desk.own_session() as session:
            builder = TrainingSetBuilder(session, seed=choices.seed, max_per_label=choices.max_per_label)
            try:
                made = builder.build(
                    desk.tickets,
                    into=desk.settings.training_set,
                    labels=run,
                    gold=usable_gold(desk),
                    progress=listener,
                )
            except StoppedByReader:
                raise StoppedByReader(_STOPPED) from None
        return (
            f"{made.n_training} tickets to train on, {made.n_validation} to validate, {made.n_test} to test, in "
            f"{made.report.n_groups} groups."
        )

    return build


def training_set(desk: Desk) -> TrainingSet | None:
    """Return the newest training set; `None` before the first."""
    if not desk.has(beside(desk.settings.training_set, "_MANIFEST")):
        return None
    return _loaded(desk, desk.settings.training_set)


def set_of_id(desk: Desk, table: str, training_set_id: str) -> TrainingSet | None:
    """Return a training set that was made before; `None` where it is not there any more."""
    return _loaded(desk, table, training_set_id)


def _loaded(desk: Desk, table: str, training_set_id: str | None = None) -> TrainingSet | None:
    try:
        return TrainingSet.load(desk.session, table, training_set_id)
    except InvalidInputError:
        return None  # a first build that was stopped leaves a table without a set


def split_rows(made: TrainingSet) -> list[dict[str, Any]]:
    """Return the training set's rows by label and split, for a chart."""
    return [
        {"label": row.label, "split": split, "tickets": count}
        for row in made.report.labels
        for split, count in (("training", row.n_training), ("validation", row.n_validation), ("test", row.n_test))
    ]


def estimate_job(
    desk: Desk, made: TrainingSet, *, base_model: str, epochs: int, price: float | None
) -> FineTuneEstimate:
    """Return what training would cost. One statement, free but for the warehouse."""
    return FineTuneJob.estimate(
        desk.session,
        base_model=base_model,
        training_set=made,
        max_epochs=epochs,
        platform_credits_per_million_tokens=price,
    )


def start_job(
    desk: Desk, made: TrainingSet, estimate: FineTuneEstimate, *, epochs: int, price: float | None
) -> FineTuneJob:
    """Start the job that was estimated, or find its twin; it may cost no more than the estimate's most.

    Raises:
        InvalidInputError: If the settings have a limit that it could cross, or that nobody can hold it to.
    """
    most, allowed = estimate.platform_credits_at_most, desk.settings.choices.platform_credits
    if allowed is not None and most is None:
        raise InvalidInputError(
            f"The settings allow {allowed:g} platform credits, and what this job costs is not known. Give the price "
            "above, and estimate again."
        )
    limits = [limit for limit in (most * _MARGIN if most else None, allowed) if limit is not None]
    return FineTuneJob.start(
        desk.session,
        name=desk.settings.model,
        base_model=estimate.base_model,
        training_set=made,
        max_epochs=epochs,
        budget=Budget(platform_credits=min(limits)) if limits else None,
        platform_credits_per_million_tokens=price,
    )


def find_job(desk: Desk, job_id: str) -> FineTuneJob:
    """Return a job that was started before, here or elsewhere. Nothing is billed."""
    return FineTuneJob.attach(desk.session, job_id)


def known_jobs(desk: Desk) -> Sequence[KnownJob]:
    """Return the jobs that were started from this schema, the newest first."""
    if not desk.has(_JOBS):
        return []
    rows = desk.rows(
        f"SELECT JOB_ID, MODEL_NAME, BASE_MODEL, INTENT_AT FROM {quoted(_JOBS)} WHERE JOB_ID IS NOT NULL "
        "ORDER BY INTENT_AT DESC LIMIT 20"
    )
    return [
        KnownJob(str(row["JOB_ID"]), str(row["MODEL_NAME"]), str(row["BASE_MODEL"]), row["INTENT_AT"]) for row in rows
    ]


def tuned_model(desk: Desk, made: TrainingSet) -> FineTunedModel | None:
    """Return the newest model that was trained on this set; `None` if there is none yet. Nothing is billed."""
    for known in known_jobs(desk):
        status = find_job(desk, known.job_id).status
        if has_succeeded(status) and was_trained_on(status, made):
            return FineTunedModel.of_job(status, made)
    return None


def was_trained_on(status: FineTuneStatus, made: TrainingSet) -> bool:
    """Return whether a job is one of this training set."""
    return made.id in (status.training_query or "")


def has_succeeded(status: FineTuneStatus) -> bool:
    """Return whether the job has made its model."""
    return status.is_over and status.state.value == "SUCCESS"
