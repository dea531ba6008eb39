"""Says what becomes of a fine-tune job that a command leaves before its end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer

from cortex_tickets import FineTuneTimeoutError
from cortex_tickets.cli.exit_codes import say_on_interruption
from cortex_tickets.cli.opening import is_engine

_ENDS = "The embedded engine ends with this command, and the job with it: the same command starts it anew."


@contextmanager
def job_end_told(ctx: typer.Context, session: Any, goes_on: str) -> Iterator[None]:
    """Say in the block what becomes of the job if Ctrl-C or a time limit ends the waiting.

    Args:
        ctx: The command.
        session: Where the job runs: on an account it goes on, and on the engine of this process it cannot.
        goes_on: What is said on Ctrl-C where it goes on.

    Raises:
        FineTuneTimeoutError: If the time is over, with what is true of the job there.
    """
    say_on_interruption(ctx, _ENDS if is_engine(session) else goes_on)
    try:
        yield
    except FineTuneTimeoutError as error:
        if not is_engine(session):
            raise
        told, _, _ = str(error).partition(" The job goes on: ")
        raise FineTuneTimeoutError(
            f"{told} {_ENDS} Give a longer --timeout, or none.", job_id=error.job_id, status=error.status
        ) from error
