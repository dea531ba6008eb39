"""Checks of the price table, which estimates and budgets go by, and of what Snowflake tells of the real cost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._preflight.asking_for import grant_database_role
from cortex_tickets._preflight.findings import Findings
from cortex_tickets.errors import AccessDeniedError, ObjectNotFoundError
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck

USAGE_VIEWER = "SNOWFLAKE.USAGE_VIEWER"
_NOT_TO_BE_READ = (AccessDeniedError, ObjectNotFoundError)
OLD_AFTER_DAYS = 180
"""From this age on nobody should rely on a price."""


def price_checks(findings: Findings, usable_models: Iterable[str], now: datetime) -> list[PreflightCheck]:
    """Return checks of the packaged price table and of the usage view."""
    return [_table(usable_models, now), _usage(findings)]


def _table(usable_models: Iterable[str], now: datetime) -> PreflightCheck:
    prices = packaged_prices()
    usable = list(usable_models)
    unpriced = [model for model in usable if prices.price(model) is None]
    age = (now.date() - prices.date).days
    is_old = age > OLD_AFTER_DAYS
    covered = f", of {len(usable)} usable models {len(usable) - len(unpriced)} are in it" if usable else ""
    aged = f", which is {age} days ago" if is_old else ""
    advice = ["What your contract says counts: give it with prices=."] if is_old or unpriced else []
    return PreflightCheck(
        group=CheckGroup.PRICES,
        name="price table",
        state=CheckState.UNKNOWN if is_old else CheckState.YES,
        evidence=f"{len(prices.models)} models, read on {prices.date.isoformat()}{aged}{covered}",
        advice=" ".join(advice) or None,
    )


def _usage(findings: Findings) -> PreflightCheck:
    refusal = findings.usage.refusal
    if refusal is None:
        state, evidence = CheckState.YES, "a query of CORTEX_AI_FUNCTIONS_USAGE_HISTORY compiles"
    else:
        state = CheckState.NO if isinstance(refusal, _NOT_TO_BE_READ) else CheckState.UNKNOWN
        evidence = f"a query of CORTEX_AI_FUNCTIONS_USAGE_HISTORY was refused: {refusal.reason}"
    return PreflightCheck(
        group=CheckGroup.PRICES,
        name="usage view",
        state=state,
        evidence=evidence,
        advice=None
        if state is CheckState.YES
        else f"For the actual cost of a run: {grant_database_role(findings, USAGE_VIEWER)}",
    )
