"""The demonstration: the main job from CSV files to a report, on the embedded engine."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from cortex_tickets import (
    Budget,
    Evaluation,
    FineTunedModel,
    FineTuneJob,
    InvalidInputError,
    Reply,
    ResponseGenerator,
    Split,
    TableRun,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
    evaluate,
    load_gold,
    load_tickets,
    local,
    samples,
)
from cortex_tickets.cli.demo_files import write_files
from cortex_tickets.cli.showing import is_watched, show
from cortex_tickets.cli.wording import in_options

LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
TEACHER, BASE, WRITER = "claude-sonnet-4-6", "llama3.1-8b", "claude-haiku-4-5"
TICKETS, GOLD, LEDGER = "SUPPORT_TICKETS", "TICKET_GOLD", "TICKET_LABELS"


@dataclass(frozen=True, slots=True)
class DemoResult:
    """Everything that the demonstration made."""

    teacher_run: TableRun
    base_run: TableRun
    training_set: TrainingSet
    model: FineTunedModel
    evaluation: Evaluation
    replies: list[Reply]
    label_counts: dict[str, dict[str, int]]
    """By series (the models and gold), tickets by label."""


def run_demo(output: Path, *, seed: int, as_json: bool = False) -> None:
    """Run the main job and leave a report and three tables in `output`.

    Args:
        output: The folder.
        seed: Chooses the split.
        as_json: Whether one JSON object with the figures is printed, and the story told on standard error.

    Raises:
        InvalidInputError: If `output` is no folder and none can be made there; before anything runs.
    """
    _make_folder(output)
    started = time.monotonic()
    told = redirect_stdout(sys.stderr) if as_json else nullcontext()
    session = local.connect()
    try:
        with told:
            result = _main_job(session, seed)
            write_files(session, output, result)
            _summarise(output, result, time.monotonic() - started)
    finally:
        session.close()
    if as_json:
        show(_figures(output, result), "", as_json=True)


def _make_folder(output: Path) -> None:
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(
            f"{output} cannot be used as the output folder ({error.strerror}). Give another with --output."
        ) from None


def _main_job(session: Any, seed: int) -> DemoResult:
    _step("1. Load 151 support tickets of the public quickstart, and the gold label of each")
    _tell(load_tickets(session, samples.support_tickets(), table=TICKETS))
    load_gold(session, samples.gold_labels(), table=GOLD)

    teacher = TicketClassifier(session, labels=LABELS, model=TEACHER)
    base = TicketClassifier(session, labels=LABELS, model=BASE)
    _step(f"2. Label every ticket with a large model ({TEACHER}) and a small one ({BASE})")
    _tell(f"estimate: {teacher.estimate(TICKETS)}")
    _tell(f"estimate: {base.estimate(TICKETS)}")
    run = _labelled(teacher, "large")
    base_run = _labelled(base, "small")

    _step("3. Build a training set of the large model's labels")
    training_set = TrainingSetBuilder(session, seed=seed).build(TICKETS, into="TICKETS_FT", labels=run, gold=GOLD)
    _tell(training_set.report)

    _step(f"4. Fine-tune {BASE} on it")
    job = FineTuneJob.start(session, name="TICKETS_LLAMA", base_model=BASE, training_set=training_set)
    model = job.wait(timeout=600, progress=is_watched())

    _step("5. Measure them side by side on tickets that no model was trained on")
    student = TicketClassifier.from_model(session, model)
    models = {"teacher": teacher, "base": base, "student": student}
    evaluation = evaluate(models, on=training_set, budget=Budget(ai_credits=1))
    _tell(evaluation)

    _step("6. Write a reply to each test ticket, by its contact preference")
    replies = _replies(session, training_set, run)
    return DemoResult(run, base_run, training_set, model, evaluation, replies, _label_counts(session, run, base_run))


def _labelled(classifier: TicketClassifier, size: str) -> TableRun:
    # Small chunks, so that there is something to see.
    run = classifier.classify_table(
        TICKETS, into=LEDGER, budget=Budget(ai_credits=1), chunk_rows=26, progress=is_watched()
    )
    _tell(f"{size} model: {run}")
    return run.require_complete()


def _replies(session: Any, training_set: TrainingSet, run: TableRun) -> list[Reply]:
    held_out = TicketSource(
        query=f"SELECT S.* FROM {TICKETS} S JOIN ({training_set.rows_query(Split.TEST)}) T "
        "ON T.TICKET_ID = S.TICKET_ID AND T.TEXT_HASH = SHA2(S.REQUEST, 256)"
    )
    writer = ResponseGenerator(session, model=WRITER)
    replied = writer.reply_table(held_out, labels=run, into="TICKET_REPLIES", progress=is_watched())
    _tell(replied)
    return writer.replies(held_out, labels=run, into="TICKET_REPLIES")


def _label_counts(session: Any, run: TableRun, base_run: TableRun) -> dict[str, dict[str, int]]:
    relations = {
        "large model": run.rows_query(),
        "small model": base_run.rows_query(),
        "gold": f"SELECT LABEL FROM {GOLD}",
    }
    counts = {}
    for series, query in relations.items():
        rows = session.sql(f"SELECT LABEL, COUNT(*) AS N FROM ({query}) GROUP BY LABEL").collect()
        found = {row["LABEL"]: int(row["N"]) for row in rows}
        counts[series] = {label: found.get(label, 0) for label in LABELS}
    return counts


def _figures(output: Path, result: DemoResult) -> dict[str, Any]:
    return {
        "output": str(output.resolve()),
        "report": str((output / "report.html").resolve()),
        "teacher_run": result.teacher_run,
        "base_run": result.base_run,
        "training_set_id": result.training_set.id,
        "model": result.model,
        "evaluation": result.evaluation,
        "n_replies": len(result.replies),
        "n_by_label": result.label_counts,
    }


def _tell(result: object) -> None:
    typer.echo(in_options(result, has_chunk_rows=False))


def _step(text: str) -> None:
    typer.secho(f"\n{text}", bold=True)


def _summarise(output: Path, result: DemoResult, seconds: float) -> None:
    _step("Done")
    channels = [reply.channel.value for reply in result.replies]
    counts = ", ".join(f"{channels.count(channel)} {channel.replace('_', ' ')}" for channel in sorted(set(channels)))
    typer.echo(f"151 tickets, 130 distinct texts asked once each, {len(result.replies)} replies ({counts}).")
    typer.echo(
        f"151 easy tickets are too few to tell models apart: {result.training_set.n_test} of them are the test, in "
        f"{result.evaluation.n_groups} groups of near-copies."
    )
    typer.echo("Every model here is a stand-in of the embedded engine: this shows the work, not how good a model is.")
    typer.echo(f"{seconds:.0f} s. Open {(output / 'report.html').resolve()}")
