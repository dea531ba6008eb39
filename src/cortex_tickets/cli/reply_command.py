"""`cortex-tickets reply`: a checked draft for each labelled ticket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cortex_tickets import Playbook, ResponseGenerator, TableRun
from cortex_tickets.cli.asking import confirm_price, price_lines
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.opening import budget_of, opened_to_keep, prices_of, source_of
from cortex_tickets.cli.options import (
    AiBudget,
    AsJson,
    ChunkRows,
    Config,
    Connection,
    EnginePath,
    LabelledBy,
    LabelsTable,
    Table,
    Timeout,
    Yes,
)
from cortex_tickets.cli.showing import is_watched, show_run
from cortex_tickets.model_names import model_names

EXAMPLE = r"""cortex-tickets reply --table SUPPORT_TICKETS --labels TICKET_LABELS \
  --into TICKET_REPLIES --budget 2"""


def reply(
    ctx: typer.Context,
    *,
    table: Table = None,
    labels: LabelsTable = None,
    labelled_by: LabelledBy = None,
    into: Annotated[str | None, typer.Option(help="Ledger that is written; made if it is not there.")] = None,
    model: Annotated[str | None, typer.Option(help="The model that writes.")] = None,
    playbook: Annotated[Path | None, typer.Option(help="A playbook's TOML file; without it the built-in one.")] = None,
    campaign: Annotated[str | None, typer.Option(help="What to promote where the playbook allows an offer.")] = None,
    allow_incomplete: Annotated[
        bool, typer.Option("--allow-incomplete", help="Write although tickets have no label: the generic entry.")
    ] = False,
    budget: AiBudget = None,
    chunk_rows: ChunkRows = 25_000,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Write a checked draft for each labelled ticket.

    By its contact preference an e-mail or a text message. Nothing is sent.
    """
    checks = Checks(config, connection, path, budget=budget, timeout=timeout, chunk_rows=chunk_rows)
    settings = checks.settings
    chosen = settings.replies
    file = playbook or (None if chosen.playbook is None else Path(chosen.playbook))
    ledger = into or settings.tables.replies
    checks.names({"--labels": labels, "--into": into})
    with checks:
        rules = None if file is None else Playbook.from_toml(file)
    with checks:
        writing = model_names(model or chosen.model)
    with checks:
        source = source_of(settings, table)
    checks.require_none()
    with opened_to_keep(ctx, settings) as session:
        run = TableRun.load(session, labels or settings.tables.labels, model=labelled_by, source=source.table)
        writer = ResponseGenerator(
            session,
            model=writing,
            playbook=rules,
            campaign=campaign or chosen.campaign,
            guardrails=chosen.guardrails,
            prices=prices_of(settings),
        )
        coming = writer.estimate(source, labels=run, into=ledger)
        confirm_price(session, price_lines(coming), is_confirmed=yes)
        replied = writer.reply_table(
            source,
            labels=run,
            into=ledger,
            budget=budget_of(settings, budget),
            chunk_rows=chunk_rows,
            timeout=timeout,
            progress=is_watched(),
            allow_incomplete=allow_incomplete,
        )
    show_run(replied, as_json=as_json)
