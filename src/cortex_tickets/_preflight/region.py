"""Checks of where models are asked.

Source: https://docs.snowflake.com/en/user-guide/snowflake-cortex/cross-region-inference, read 2026-11-25.
"""

from __future__ import annotations

from cortex_tickets._cortex.account import CROSS_REGION, NO_CROSS_REGION
from cortex_tickets._preflight.findings import Findings
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck


def region_checks(findings: Findings) -> list[PreflightCheck]:
    """Return a check of the account's cross-region setting."""
    setting, answer = findings.cross_region.value, findings.cross_region
    advice = None
    if setting is not None:
        state = CheckState.NO if setting == NO_CROSS_REGION else CheckState.YES
        evidence = f"{CROSS_REGION} = {setting}"
        if state is CheckState.NO:
            advice = (
                f"Most large models need it. Ask an ACCOUNTADMIN: ALTER ACCOUNT SET {CROSS_REGION} = 'ANY_REGION'; or "
                "a part of the world such as AWS_EU. Texts are then processed there."
            )
    else:
        state = CheckState.UNKNOWN
        told = "lists no such parameter" if answer.refusal is None else f"was refused: {answer.reason}"
        evidence = f"SHOW PARAMETERS IN ACCOUNT {told}"
        advice = f"Ask an administrator for the value of {CROSS_REGION}."
    return [
        PreflightCheck(
            group=CheckGroup.REGION,
            name="cross-region inference",
            state=state,
            evidence=evidence,
            advice=advice,
        )
    ]
