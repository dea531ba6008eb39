"""`cortex-tickets train`: a training set, and a student of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from cortex_tickets import TableRun, TrainingSet, TrainingSetBuilder
from cortex_tickets.cli.asking import confirm_price
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.exit_codes import say_on_interruption
from cortex_tickets.cli.job_end import job_end_told
from cortex_tickets.cli.opening import budget_of, opened_to_keep, source_of
from cortex_tickets.cli.options import (
    AiBudget,
    AsJson,
    Config,
    Connection,
    EnginePath,
    LabelledBy,
    LabelsTable,
    PlatformBudget,
    Table,
    Timeout,
    TrainingSetTable,
    Yes,
)
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.showing import is_watched, note, show
from cortex_tickets.cli.student_plan import StudentPlan

EXAMPLE = r"""cortex-tickets train --table SUPPORT_TICKETS --labels TICKET_LABELS \
  --gold TICKET_GOLD --into TICKETS_FT --student auto"""
_BUILDS_ANEW = "Nothing of a training set counts before it is whole; the same command builds it."
_IS_BUILT = "The training set stands; the same command finds it again."
_GOES_ON = (
    "A job that was started goes on (`cortex-tickets job list`); the same command finds it, or trains what is missing."
)


def train(
    ctx: typer.Context,
    *,
    table: Table = None,
    labels: LabelsTable = None,
    labelled_by: LabelledBy = None,
    gold: Annotated[
        str | None, typer.Option(help="Table of labels that people gave; without it nothing is measured against gold.")
    ] = None,
    into: Annotated[
        str | None, typer.Option(help="Table of the training set, which is built; it may hold others.")
    ] = None,
    training_set: TrainingSetTable = None,
    student: Annotated[
        Literal["auto", "fine-tune", "embedding"] | None,
        typer.Option(help="Kind of student; `auto` takes a fine-tuned model where the account can have one."),
    ] = None,
    base_model: Annotated[str | None, typer.Option(help="The model to tune.")] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the tuned model; by default the set's with _STUDENT.")
    ] = None,
    heads: Annotated[str | None, typer.Option(help="Table of heads; by default the set's with _HEADS.")] = None,
    seed: Annotated[int | None, typer.Option(help="Chooses the split into training, validation and test.")] = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Build although tickets have no label; these are left out.")
    ] = False,
    budget: AiBudget = None,
    platform_budget: PlatformBudget = None,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Build a training set, and train a student on it.

    The set is made of the labels in a ledger; the student is a fine-tuned model or an embedding student.

    With --training-set nothing is built: the newest set of that table is trained on.
    """
    checks = Checks(config, connection, path, budget=budget, platform_budget=platform_budget, timeout=timeout)
    given = checks.settings
    if training_set is not None and into is not None:
        checks.add(["--training-set names one that is there, --into one that is to be built: leave one of them out."])
    checks.names({"--labels": labels, "--gold": gold, "--into": into})
    checks.names({"--training-set": training_set, "--heads": heads})
    checks.names({"--name": name}, role="model")
    with checks:
        source = source_of(given, table)
    checks.require_none()
    plan = StudentPlan.of(given, kind=student, base_model=base_model, name=name, heads=heads)
    with opened_to_keep(ctx, given) as session:
        if training_set is None:
            run = TableRun.load(session, labels or given.tables.labels, model=labelled_by, source=source.table)
            say_on_interruption(ctx, _BUILDS_ANEW)
            made = _builder(session, given, seed).build(
                source,
                into=into or given.tables.training_set,
                labels=run,
                gold=gold or given.tables.gold,
                allow_incomplete=allow_incomplete,
                progress=is_watched(),
            )
        else:
            made = TrainingSet.load(session, training_set)
        say_on_interruption(ctx, _IS_BUILT)
        note(f"training set {made.id[:12]} in {made.table}: {made.n_training} to train on, {made.n_test} to test")
        confirm_price(session, plan.price_lines(session, made), is_confirmed=yes)
        with job_end_told(ctx, session, _GOES_ON):
            trained = plan.train(
                session, made, budget=budget_of(given, budget, platform_budget), timeout=timeout, progress=is_watched()
            )
    show(
        {"training_set": made, "student": trained},
        f"{made.report}\n{trained}",
        as_json=as_json,
    )


def _builder(session: Any, settings: Settings, seed: int | None) -> TrainingSetBuilder:
    return TrainingSetBuilder(
        session,
        seed=settings.training.seed if seed is None else seed,
        max_per_label=settings.training.max_per_label,
    )
