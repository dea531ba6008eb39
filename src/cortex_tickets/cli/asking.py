"""Shows a price and asks whether to go on."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import typer

from cortex_tickets import InvalidInputError
from cortex_tickets.cli.opening import is_engine
from cortex_tickets.cli.showing import note

_NO_BILL = "The embedded engine bills nothing: this is what Snowflake would."


def confirm_price(session: Any, prices: Iterable[str], *, is_confirmed: bool) -> None:
    """Show what is coming and return once somebody has agreed to it.

    Args:
        session: Where the work would be done.
        prices: A sentence for each thing that costs; nothing is asked where there is none.
        is_confirmed: Whether `--yes` was given.

    Raises:
        InvalidInputError: If nobody can be asked, or the answer is no.
        KeyboardInterrupt: If the question was interrupted.
    """
    shown = list(prices)
    if not shown:
        return
    for price in shown:
        note(f"estimate: {price}")
    if is_engine(session):
        note(_NO_BILL)
    if is_confirmed:
        return
    if not sys.stdin.isatty():
        raise InvalidInputError(
            "Nothing was asked of a model: the price has to be confirmed, and there is no terminal to ask on. "
            "Give --yes, and --budget for a hard stop."
        )
    try:
        agreed = typer.confirm("Go on?", err=True)
    except typer.Abort:
        raise KeyboardInterrupt from None
    if not agreed:
        raise InvalidInputError("Nothing was asked of a model: the price was not confirmed.")
