"""Shows a price and asks whether to go on."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from cortex_tickets import Estimate, InvalidInputError
from cortex_tickets.cli.opening import is_engine
from cortex_tickets.cli.showing import note

_NO_BILL = "The embedded engine bills nothing: this is what Snowflake would."


def price_lines(estimate: Estimate, *, of: str = "") -> Iterator[str]:
    """Yield what an estimate says, for people; nothing where no text is left to ask.

    Args:
        estimate: What is coming.
        of: What it is the estimate of, in a word or two.
    """
    if not estimate.n_texts:
        return
    prefix = f"{of}: " if of else ""
    cost = (
        f'price unknown: give it in the settings, as prices."{estimate.model}"'
        if estimate.ai_credits is None
        else f"{estimate.ai_credits:.6f} AI credits (${estimate.dollars:.6f}), "
        f"{estimate.ai_credits_at_most:.6f} at most"
    )
    yield (
        f"{prefix}{estimate.n_tickets:,} tickets, {estimate.n_texts:,} distinct texts to ask {estimate.model}: "
        f"{estimate.input_tokens:,} tokens in, about {estimate.output_tokens:,} out; {cost}; "
        f"prices of {estimate.price_date.isoformat()}, warehouse time not included"
    )


def confirm_price(session: Any, prices: Iterable[str], *, is_confirmed: bool) -> None:
    """Show what is coming and return once somebody has agreed to it.

    Args:
        session: Where the work would be done.
        prices: A sentence for each thing that costs; nothing is asked where there is none.
        is_confirmed: Whether `--yes` was given.

    Raises:
        InvalidInputError: If nobody can be asked, or the answer is not yes.
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
    # The question stands on standard error, so that standard output has the result and nothing else.
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InvalidInputError(
            "Nothing was asked of a model: the price has to be confirmed, and there is no terminal to ask on. "
            "Give --yes, and --budget for a hard stop."
        )
    sys.stderr.write("Go on? [y/N]: ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise InvalidInputError("Nothing was asked of a model: the price was not confirmed.")
