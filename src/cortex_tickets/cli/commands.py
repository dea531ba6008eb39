"""The commands, wired: each stands in a module of its own, with its example."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from cortex_tickets.cli import (
    app_command,
    classify_command,
    demo_command,
    evaluate_command,
    job_commands,
    load_command,
    preflight_command,
    reply_command,
    serve_command,
    train_command,
)
from cortex_tickets.cli.examples import with_example
from cortex_tickets.cli.exit_codes import CommandGroup

_EXIT_CODES = (
    "Exit codes: 0 done, 1 a gate of `evaluate` is not met, 2 refused, 3 not all is done, 70 a fault in this package, "
    "130 Ctrl-C."
)
_EXAMPLE = r"""cortex-tickets demo --output demo-output
cortex-tickets load --sample --path engine-data
cortex-tickets classify --path engine-data \
  --label 'Roaming fees' --label 'Lost phone'"""

app = typer.Typer(
    name="cortex-tickets",
    cls=CommandGroup,
    help="Support tickets to labels, a fine-tuned model, a measured comparison and replies.",
    epilog=with_example(_EXAMPLE, before=_EXIT_CODES),
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


_jobs = typer.Typer(
    name="job",
    help="Fine-tune jobs: start, watch, wait for and cancel them.",
    epilog=with_example(job_commands.GROUP_EXAMPLE, before=_EXIT_CODES),
    no_args_is_help=True,
)

for _group, _name, _command, _example in (
    (app, "demo", demo_command.demo, demo_command.EXAMPLE),
    (app, "load", load_command.load, load_command.EXAMPLE),
    (app, "classify", classify_command.classify, classify_command.EXAMPLE),
    (app, "train", train_command.train, train_command.EXAMPLE),
    (_jobs, "start", job_commands.start, job_commands.START_EXAMPLE),
    (_jobs, "status", job_commands.status, job_commands.STATUS_EXAMPLE),
    (_jobs, "wait", job_commands.wait, job_commands.WAIT_EXAMPLE),
    (_jobs, "cancel", job_commands.cancel, job_commands.CANCEL_EXAMPLE),
    (_jobs, "list", job_commands.list_jobs, job_commands.LIST_EXAMPLE),
    (app, "evaluate", evaluate_command.evaluate, evaluate_command.EXAMPLE),
    (app, "reply", reply_command.reply, reply_command.EXAMPLE),
    (app, "preflight", preflight_command.preflight, preflight_command.EXAMPLE),
    (app, "serve", serve_command.serve, serve_command.EXAMPLE),
    (app, "app", app_command.start_app, app_command.EXAMPLE),
):
    _group.command(_name, epilog=with_example(_example))(_command)
app.add_typer(_jobs, rich_help_panel=None)
