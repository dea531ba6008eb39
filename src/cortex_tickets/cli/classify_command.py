"""`cortex-tickets classify`: a label for each ticket of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cortex_tickets import LabelSet
from cortex_tickets.cli.asking import confirm_price, price_lines
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.label_choice import chosen_labels
from cortex_tickets.cli.model_spec import ModelSpec
from cortex_tickets.cli.model_specs import ModelSpecs, no_labels
from cortex_tickets.cli.opening import budget_of, opened_to_keep, prices_of, source_of
from cortex_tickets.cli.options import (
    AiBudget,
    AsJson,
    ChunkRows,
    Config,
    Connection,
    EnginePath,
    Table,
    Timeout,
    Yes,
)
from cortex_tickets.cli.showing import is_watched, show_run

EXAMPLE = r"""cortex-tickets classify --table SUPPORT_TICKETS --into TICKET_LABELS \
  --model claude-sonnet-4-6 --budget 2 \
  --label 'Roaming fees' --label 'Lost phone'"""
TEACHER = "teacher"
"""The classifier of the settings that labels where none is named."""
_MODEL = "claude-sonnet-4-6"


def classify(
    ctx: typer.Context,
    *,
    table: Table = None,
    into: Annotated[str | None, typer.Option(help="Ledger that is written; made if it is not there.")] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="A model, or the name of one in the settings; without it `teacher` of these, else claude-sonnet-4-6."
        ),
    ] = None,
    label: Annotated[
        list[str] | None, typer.Option(help="A label; once for each. Without it those of the settings.")
    ] = None,
    label_set: Annotated[
        Path | None, typer.Option(help="TOML file with [[labels]], instead of those of the settings.")
    ] = None,
    budget: AiBudget = None,
    chunk_rows: ChunkRows = 25_000,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Label the tickets of a table.

    Those that have no answer yet: a run that was stopped goes on where it stood. Equal texts are asked once.
    """
    checks = Checks(config, connection, path, budget=budget, timeout=timeout, chunk_rows=chunk_rows)
    settings = checks.settings
    ledger = into or settings.tables.labels
    labels: LabelSet | None = None
    with checks:
        labels = chosen_labels(settings, label or [], label_set)
    checks.names({"--into": into})
    with checks:
        source = source_of(settings, table)
    with checks:
        spec = ModelSpec.of(model or (TEACHER if TEACHER in settings.models else _MODEL), settings.models)
        if spec.needs_labels and not (label or label_set or settings.labels) and checks.has_settings:
            checks.add([no_labels(spec)])
    checks.require_none()
    with opened_to_keep(ctx, settings) as session:
        specs = ModelSpecs(
            session, labels=labels, prices=prices_of(settings), certificates=settings.tables.certificates
        )
        classifier = specs.classifier(spec)
        coming = classifier.estimate(source, into=ledger)
        confirm_price(session, price_lines(coming), is_confirmed=yes)
        run = classifier.classify_table(
            source,
            into=ledger,
            budget=budget_of(settings, budget),
            chunk_rows=chunk_rows,
            timeout=timeout,
            progress=is_watched(),
        )
    show_run(run, as_json=as_json)
