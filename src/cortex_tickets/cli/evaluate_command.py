"""`cortex-tickets evaluate`: models side by side on held-out tickets, and gates that fail a build."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from cortex_tickets import Evaluation, InvalidInputError, Split, TicketSource, TrainingSet
from cortex_tickets import evaluate as measure
from cortex_tickets.cli.asking import confirm_price, price_lines
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.exit_codes import ExitCode
from cortex_tickets.cli.gates import Gate, parse_gates, require_models
from cortex_tickets.cli.model_spec import ModelSpec
from cortex_tickets.cli.model_specs import Classifier, ModelSpecs
from cortex_tickets.cli.opening import budget_of, opened_to_keep, prices_of
from cortex_tickets.cli.options import AiBudget, AsJson, Config, Connection, EnginePath, Timeout, TrainingSetTable, Yes
from cortex_tickets.cli.showing import is_watched, note, require_writable, show
from cortex_tickets.cli.wording import in_options
from cortex_tickets.evaluation import BASELINE_NAME
from cortex_tickets.problems import Problems

EXAMPLE = r"""cortex-tickets evaluate --model teacher=claude-sonnet-4-6 \
  --model student=heads:TICKETS_FT_HEADS \
  --require accuracy:student=0.90 --no-worse-than student:teacher=0.02"""
STORED_TEACHER = "teacher (stored)"
"""How an evaluation calls the labels that the training set holds, where their model is not measured itself."""


def evaluate(
    ctx: typer.Context,
    *,
    training_set: TrainingSetTable = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=MODEL, or the name of one in the settings; once for each. Without it all of the settings."
        ),
    ] = None,
    require: Annotated[
        list[str] | None,
        typer.Option(help="Gate accuracy:MODEL=SHARE: the lower bound of its accuracy must reach that; repeatable."),
    ] = None,
    no_worse_than: Annotated[
        list[str] | None,
        typer.Option(help="Gate MODEL:OTHER=MARGIN: at most so much less accurate, by the lower bound; repeatable."),
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Save the evaluation as .html or .json too.")] = None,
    budget: AiBudget = None,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    baseline: Annotated[bool, typer.Option(help="Whether a linear model stands beside them.")] = True,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Measure although budget or time ran out: no answer is wrong.")
    ] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Measure models side by side on held-out tickets.

    The tickets are the training set's test split. Exits with 1 if a gate is not met.
    """
    checks = Checks(config, connection, path, budget=budget, timeout=timeout)
    settings = checks.settings
    with checks:
        chosen = _chosen(model or [], settings.models, can_be_none=not checks.has_settings)
    with checks:
        gates = parse_gates(
            settings.gates.require if require is None else require,
            settings.gates.no_worse_than if no_worse_than is None else no_worse_than,
        )
    if report is not None:
        with checks:
            require_writable(report, (".html", ".json"))
    checks.names({"--training-set": training_set})
    checks.require_none()
    require_models(gates, [*chosen, STORED_TEACHER, *([BASELINE_NAME] if baseline else [])])
    with opened_to_keep(ctx, settings) as session:
        measured_on = TrainingSet.load(session, training_set or settings.tables.training_set)
        specs = ModelSpecs(
            session,
            labels=measured_on.prompt.labels,
            prices=prices_of(settings),
            certificates=settings.tables.certificates,
        )
        classifiers = {name: specs.classifier(spec) for name, spec in chosen.items()}
        confirm_price(session, _prices(classifiers, measured_on), is_confirmed=yes)
        evaluation = measure(
            classifiers,
            on=measured_on,
            budget=budget_of(settings, budget),
            baseline=baseline,
            allow_incomplete=allow_incomplete,
            timeout=timeout,
            progress=is_watched(),
        )
    if report is not None:
        evaluation.save(report)
    _tell(evaluation, gates, as_json=as_json)


def _chosen(given: Sequence[str], named: Mapping[str, str], *, can_be_none: bool) -> dict[str, ModelSpec]:
    """Return what is measured, by name: the models that were given, or all of the settings."""
    if not given and not named and not can_be_none:
        raise InvalidInputError(
            "There is no model to evaluate: give --model NAME=MODEL, such as --model teacher=claude-sonnet-4-6, or "
            "[models] in cortex_tickets.toml."
        )
    words: dict[str, str] = {}
    problems = Problems()
    for text in given:
        name, equals, spec = text.partition("=")
        name, spec = name.strip(), spec.strip() if equals else named.get(name.strip(), name.strip())
        if not name or not spec:
            problems.add([f"--model {text!r} must be NAME=MODEL, such as teacher=claude-sonnet-4-6."])
            continue
        if name in words:
            problems.add([f"--model names {name!r} twice; give each model a name of its own."])
        words[name] = spec
    chosen: dict[str, ModelSpec] = {}
    for name in words or named:
        with problems:
            chosen[name] = ModelSpec.of(name, {**named, **words})
    problems.require_none()
    return chosen


def _prices(classifiers: Mapping[str, Classifier], measured_on: TrainingSet) -> Iterator[str]:
    tested = TicketSource(query=measured_on.rows_query(Split.TEST), id="TICKET_ID", text="TEXT")
    for name, classifier in classifiers.items():
        yield from price_lines(classifier.estimate(tested, into=measured_on.labels_table), of=name)


def _tell(evaluation: Evaluation, gates: Sequence[Gate], *, as_json: bool) -> None:
    failures = {gate.text: gate.failure(evaluation) for gate in gates}
    is_met = not any(failures.values())
    told: list[dict[str, Any]] = [
        {"gate": text, "is_met": failure is None, "failure": failure} for text, failure in failures.items()
    ]
    lines = [f"gate met: {text}" for text, failure in failures.items() if failure is None]
    lines += [f"gate not met: {text}: {failure}" for text, failure in failures.items() if failure is not None]
    show(
        {"evaluation": evaluation, "gates": told, "is_met": is_met},
        "\n".join([in_options(evaluation, has_chunk_rows=False), *lines]),
        as_json=as_json,
    )
    if not is_met:
        n_failed = sum(failure is not None for failure in failures.values())
        note(f"cortex-tickets: {n_failed} of {len(failures)} gates not met.")
        sys.exit(ExitCode.GATE_FAILED)
