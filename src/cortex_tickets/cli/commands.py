"""The commands and their options."""

from __future__ import annotations

import json
import pprint
import signal
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from cortex_tickets import connect, local
from cortex_tickets import preflight as look_at
from cortex_tickets.cli.demo import run_demo
from cortex_tickets.errors import CortexTicketsError

app = typer.Typer(
    name="cortex-tickets",
    help="Support tickets to labels, a fine-tuned model, a measured comparison and replies.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

INPUT_OR_SERVICE_ERROR = 2
"""Exit code where the input was refused or the service failed; the message is on standard error."""


@app.callback()
def _root() -> None:
    """Hold the commands together."""


@app.command(
    epilog="Example: cortex-tickets demo --output demo-output",
)
def demo(
    output: Annotated[Path, typer.Option(help="Folder for the report and the tables; made if it is not there.")] = Path(
        "demo-output"
    ),
    seed: Annotated[int, typer.Option(help="Chooses the split into training, validation and test.")] = 7,
) -> None:
    """Run the main job on 151 real tickets, on the embedded engine: no account is needed, nothing is billed."""
    try:
        run_demo(output, seed=seed)
    except CortexTicketsError as error:
        typer.echo(f"cortex-tickets: {error}", err=True)
        sys.exit(INPUT_OR_SERVICE_ERROR)


@app.command(
    epilog="Example: cortex-tickets preflight --connection my_connection --schema SUPPORT.PUBLIC",
)
def preflight(
    connection: Annotated[
        str | None,
        typer.Option(help="Connection of Snowflake's connections.toml; without it the embedded engine answers."),
    ] = None,
    schema: Annotated[
        str | None, typer.Option(help="Where tables are to be made; without it the session's own schema.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the record as JSON.")] = False,
) -> None:
    """Show what an account, a role and a region can do today, from free statements: nothing is billed or written."""
    try:
        with local.connect() if connection is None else connect(connection) as session:
            found = look_at(session, schema=schema)
    except CortexTicketsError as error:
        typer.echo(f"cortex-tickets: {error}", err=True)
        sys.exit(INPUT_OR_SERVICE_ERROR)
    typer.echo(found.model_dump_json(indent=2) if as_json else found)


@app.command(
    epilog="Example: cortex-tickets serve --path engine-data --port 8085",
)
def serve(
    path: Annotated[
        Path | None, typer.Option(help="Folder that keeps tables, jobs and models; without it nothing is kept.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where to listen on this machine; 0 takes a free port.")] = 0,
    faults: Annotated[
        str | None,
        typer.Option(
            help="What goes wrong, such as 'seed=7; throttled=0.1'; without it, what CORTEX_TICKETS_FAULTS says."
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(help="Day whose model catalog answers, YYYY-MM-DD; without it, today's.")
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the connection parameters as one line of JSON.")
    ] = False,
) -> None:
    """Serve the embedded engine to Snowflake clients of this machine until Ctrl-C or SIGTERM."""
    try:
        profile = local.Faults.from_environment() if faults is None else local.Faults.from_text(faults)
        engine = local.Engine(path, as_of=as_of, port=port, faults=profile)
    except CortexTicketsError as error:
        typer.echo(f"cortex-tickets: {error}", err=True)
        sys.exit(INPUT_OR_SERVICE_ERROR)
    except OSError as error:
        typer.echo(f"cortex-tickets: the engine cannot start: {error.strerror}", err=True)
        sys.exit(INPUT_OR_SERVICE_ERROR)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with engine:
        parameters = engine.connection_parameters
        typer.echo(json.dumps(parameters) if as_json else _how_to_connect(parameters, engine.faults))
        stop.wait()


def _how_to_connect(parameters: dict[str, object], faults: local.Faults) -> str:
    shown = pprint.pformat(parameters, sort_dicts=False)
    bad_day = "" if faults.never_happen else f" and rehearses a bad day ({faults.to_text()})"
    return (
        f"The embedded engine listens on this machine{bad_day}. From any Python of it:\n\n"
        f"import snowflake.connector\n\nconnection = snowflake.connector.connect(**{shown})\n\n"
        "Ctrl-C stops the engine."
    )
