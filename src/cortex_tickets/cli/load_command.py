"""`cortex-tickets load`: CSV files into tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from cortex_tickets import InvalidInputError, load_gold, load_tickets, samples
from cortex_tickets.cli.checks import Checks
from cortex_tickets.cli.opening import opened_to_keep
from cortex_tickets.cli.options import AsJson, Config, Connection, EnginePath, Timeout
from cortex_tickets.cli.settings import TableSettings
from cortex_tickets.cli.showing import show
from cortex_tickets.csv_file import delimiter_problems

EXAMPLE = r"""cortex-tickets load tickets.csv --table SUPPORT_TICKETS \
  --column id=CASE_NO --column text=BODY"""
_GOLD = "TICKET_GOLD"
_ROLES = (
    "Roles of tickets: id, text, customer_name, customer_email, service_type, contact_preference, created_at; of gold: "
    "ticket_id, text_hash, text, label, source (random_sample or correction), annotator, labelled_at."
)


def load(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(help="CSV file with a header, in UTF-8.")] = None,
    *,
    table: Annotated[str | None, typer.Option(help="Table that is written.")] = None,
    gold: Annotated[
        bool, typer.Option("--gold", help="The file holds labels that people gave; the table is that of gold.")
    ] = False,
    sample: Annotated[
        bool, typer.Option("--sample", help="Load the 151 tickets that come with the package, and their gold.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help=f"ROLE=COLUMN: what the file calls a column, such as id=CASE_NO; repeatable. {_ROLES}"),
    ] = None,
    delimiter: Annotated[str, typer.Option(help="What stands between cells.")] = ",",
    replace: Annotated[bool, typer.Option("--replace", help="Put the rows in the place of what is there.")] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Load the good rows, and keep the others in a file.")
    ] = False,
    rejected: Annotated[
        Path | None, typer.Option(help="That file; without it, the name of the CSV file with `.rejected.csv` added.")
    ] = None,
    timeout: Timeout = None,
    connection: Connection = None,
    path: EnginePath = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Load a CSV file of tickets, or of gold, into a table.

    The file is checked wholly first, then all of it is loaded or nothing.
    """
    checks = Checks(config, connection, path, timeout=timeout)
    settings = checks.settings
    checks.names({"--table": table})
    checks.add(_file_problems(file, table, delimiter, gold=gold, sample=sample))
    with checks:
        columns = _columns(column or [])
    checks.require_none()
    if file is None:  # the samples: without them it was refused
        reports = []
        with opened_to_keep(ctx, settings, reads=False) as session:
            reports = [
                load_tickets(session, samples.support_tickets(), table=settings.tables.tickets, replace=replace),
                load_gold(session, samples.gold_labels(), table=_gold_table(settings.tables), replace=replace),
            ]
        show({"loaded": reports}, "\n".join(map(str, reports)), as_json=as_json)
        return
    into = table or (_gold_table(settings.tables) if gold else settings.tables.tickets)
    with opened_to_keep(ctx, settings, reads=False) as session:
        report = (load_gold if gold else load_tickets)(
            session,
            file,
            table=into,
            columns=columns,
            delimiter=delimiter,
            replace=replace,
            skip_bad_rows=skip_bad_rows,
            rejected=rejected,
            timeout=timeout,
        )
    show({"loaded": [report]}, report, as_json=as_json)


def _gold_table(tables: TableSettings) -> str:
    return tables.gold or _GOLD


def _file_problems(file: Path | None, table: str | None, delimiter: str, *, gold: bool, sample: bool) -> Iterator[str]:
    if sample and (file is not None or table is not None or gold):
        yield "--sample loads files of its own into the tables of the settings: leave FILE, --table and --gold out."
    if not sample and file is None:
        yield "load needs a CSV file, or --sample for the tickets that come with the package."
    yield from delimiter_problems(delimiter)


def _columns(given: Sequence[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, (role, _, name) in zip(given, pairs, strict=True) if not role.strip() or not name.strip()]
    if wrong:
        raise InvalidInputError(f"--column {text!r} must be ROLE=COLUMN, such as id=CASE_NO." for text in wrong)
    return {role.strip(): name.strip() for role, _, name in pairs}
