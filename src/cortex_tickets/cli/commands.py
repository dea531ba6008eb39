"""The commands, wired: each stands in a module of its own, with its example."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from cortex_tickets.cli import demo_command, evaluate_command, preflight_command, serve_command
from cortex_tickets.cli.exit_codes import CommandGroup

app = typer.Typer(
    name="cortex-tickets",
    cls=CommandGroup,
    help="Support tickets to labels, a fine-tuned model, a measured comparison and replies.",
    epilog="Exit codes: 0 done, 1 a gate of `evaluate` is not met, 2 refused, 3 not all is done, 70 a fault in this "
    "package, 130 Ctrl-C.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(is_asked: bool) -> None:  # noqa: FBT001  typer's callback is given the value alone
    if is_asked:
        typer.echo(f"cortex-tickets {version('cortex-tickets')}")
        raise typer.Exit


@app.callback()
def _root(
    *,
    show_version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Hold the commands together."""
    del show_version


for name, command, example in (
    ("demo", demo_command.demo, demo_command.EXAMPLE),
    ("evaluate", evaluate_command.evaluate, evaluate_command.EXAMPLE),
    ("preflight", preflight_command.preflight, preflight_command.EXAMPLE),
    ("serve", serve_command.serve, serve_command.EXAMPLE),
):
    app.command(name, epilog=f"Example: {example}")(command)
