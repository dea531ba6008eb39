"""The check of the price table, which estimates and budgets go by."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck

OLD_AFTER_DAYS = 180
"""From this age on nobody should rely on a price."""


def price_checks(usable_models: Iterable[str], now: datetime) -> list[PreflightCheck]:
    """Return a check of the packaged price table."""
    prices = packaged_prices()
    usable = list(usable_models)
    unpriced = [model for model in usable if prices.price(model) is None]
    age = (now.date() - prices.date).days
    is_old = age > OLD_AFTER_DAYS
    covered = f", of {len(usable)} usable models {len(usable) - len(unpriced)} are in it" if usable else ""
    aged = f", which is {age} days ago" if is_old else ""
    advice = ["What your contract says counts: give it with prices=."] if is_old or unpriced else []
    return [
        PreflightCheck(
            group=CheckGroup.PRICES,
            name="price table",
            state=CheckState.UNKNOWN if is_old else CheckState.YES,
            evidence=f"{len(prices.models)} models, read on {prices.date.isoformat()}{aged}{covered}",
            advice=" ".join(advice) or None,
        )
    ]
