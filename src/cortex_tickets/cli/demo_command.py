"""`cortex-tickets demo`: the main job, shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cortex_tickets.cli.demo import run_demo
from cortex_tickets.cli.exit_codes import say_on_interruption
from cortex_tickets.cli.options import AsJson

EXAMPLE = "cortex-tickets demo --output demo-output"


def demo(
    ctx: typer.Context,
    *,
    output: Annotated[Path, typer.Option(help="Folder for the report and the tables; made if it is not there.")] = Path(
        "demo-output"
    ),
    seed: Annotated[int, typer.Option(help="Chooses the split into training, validation and test.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Run the main job on 151 sample tickets, without an account.

    It runs on the embedded engine: nothing is billed.
    """
    say_on_interruption(
        ctx, f"Nothing was kept but the files that stand in {output} already; the same command begins anew."
    )
    run_demo(output, seed=seed, as_json=as_json)
