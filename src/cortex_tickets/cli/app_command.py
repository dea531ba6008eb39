"""`cortex-tickets app`: starts the Streamlit app on this machine."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

import cortex_tickets
from cortex_tickets import CortexTicketsError, LabelSet, MissingExtraError

EXAMPLE = "cortex-tickets app --path engine-data"
_REFUSED = 2


def start_app(
    *,
    connection: Annotated[
        str | None,
        typer.Option(
            help="Connection of Snowflake's connections.toml; without it the embedded engine answers, with the sample "
            "tickets."
        ),
    ] = None,
    tickets: Annotated[str, typer.Option(help="Table of the tickets.")] = "SUPPORT_TICKETS",
    labels: Annotated[
        Path | None, typer.Option(help="TOML file of the labels; without it, the five of the sample tickets.")
    ] = None,
    path: Annotated[
        Path | None, typer.Option(help="Folder that keeps the embedded engine's tables; without it nothing is kept.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where the app listens.")] = 8501,
    address: Annotated[str, typer.Option(help="Who can reach it: by default this machine alone.")] = "127.0.0.1",
    engine_port: Annotated[
        int, typer.Option(help="Where the embedded engine listens, for a notebook beside the app; 0 takes a free port.")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open the app in a browser.")] = True,
) -> None:
    """Start the app: label, correct, fine-tune, compare and reply in a browser, until Ctrl-C."""
    try:
        if any(find_spec(name) is None for name in ("streamlit", "altair")):
            raise MissingExtraError("app")
        if labels is not None:
            LabelSet.from_toml(labels)
    except CortexTicketsError as error:
        typer.echo(f"cortex-tickets: {error}", err=True)
        raise typer.Exit(_REFUSED) from None
    given = {
        "CONNECTION": connection,
        "TICKETS": tickets,
        "LABELS": labels and labels.resolve(),
        "PATH": path and path.resolve(),
        "ENGINE_PORT": engine_port,
    }
    os.environ.update({f"CORTEX_TICKETS_APP_{name}": str(value) for name, value in given.items() if value is not None})
    from streamlit.web import cli as streamlit  # noqa: PLC0415  needs the extra

    script = Path(cortex_tickets.__file__).parent / "app" / "streamlit_app.py"
    is_headless = str(not browser).lower()
    options = [f"--server.port={port}", f"--server.address={address}", f"--server.headless={is_headless}"]
    sys.exit(streamlit.main(args=["run", str(script), *options], standalone_mode=False))
