"""`cortex-tickets serve`: the embedded engine for every Snowflake client of this machine."""

from __future__ import annotations

import json
import pprint
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cortex_tickets import InvalidInputError, local
from cortex_tickets.cli.exit_codes import say_on_interruption
from cortex_tickets.cli.opening import settled
from cortex_tickets.cli.options import Config, EnginePath
from cortex_tickets.cli.ports import require_port

ENTRY = "engine"
"""What `--connection` calls the engine in the entry that is printed."""
EXAMPLE = "cortex-tickets serve --path engine-data --port 8085"


def serve(
    ctx: typer.Context,
    *,
    path: EnginePath = None,
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
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the connection parameters as one line of JSON.")
    ] = False,
) -> None:
    """Serve the embedded engine to clients of this machine.

    Any Snowflake client can talk to it, until Ctrl-C or SIGTERM.
    """
    require_port("--port", port)
    profile = local.Faults.from_environment() if faults is None else local.Faults.from_text(faults)
    settings = settled(config, path=path)
    folder = None if settings.path is None else Path(settings.path)
    try:
        engine = local.Engine(folder, as_of=as_of, port=port, faults=profile)
    except OSError as error:
        raise InvalidInputError(f"the engine cannot start: {error.strerror}") from None
    stop = threading.Event()
    came: list[int] = []

    def end(number: int, _: object) -> None:
        came.append(number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with engine:
        parameters = engine.connection_parameters
        typer.echo(json.dumps(parameters) if as_json else _how_to_connect(parameters, engine.faults))
        stop.wait()
    if signal.SIGINT in came:
        say_on_interruption(ctx, "The engine has stopped.")
        raise KeyboardInterrupt


def connection_entry(parameters: Mapping[str, Any], *, name: str = ENTRY) -> str:
    """Return the entry of Snowflake's connections.toml that is the engine, under that name."""
    plain = {name: value for name, value in parameters.items() if not isinstance(value, Mapping)}
    tables = {name: value for name, value in parameters.items() if isinstance(value, Mapping)}
    sections = {name: plain, **{f"{name}.{table}": values for table, values in tables.items()}}
    # Texts, whole numbers and truth values are written alike in TOML and in JSON.
    return "\n\n".join(
        "\n".join([f"[{section}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())])
        for section, values in sections.items()
    )


def _how_to_connect(parameters: Mapping[str, Any], faults: local.Faults) -> str:
    shown = pprint.pformat(parameters, sort_dicts=False)
    bad_day = "" if faults.never_happen else f" and rehearses a bad day ({faults.to_text()})"
    return (
        f"The embedded engine listens on this machine{bad_day}. From any Python of it:\n\n"
        f"import snowflake.connector\n\nconnection = snowflake.connector.connect(**{shown})\n\n"
        f"For `--connection {ENTRY}` of commands, the entry of Snowflake's connections.toml:\n\n"
        f"{connection_entry(parameters)}\n\n"
        "Ctrl-C stops the engine."
    )
