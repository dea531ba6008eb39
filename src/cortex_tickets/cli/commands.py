"""The commands and their options."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

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
    """Keep `demo` a command of its own while it is the only one."""


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
