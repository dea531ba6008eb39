"""Checks of what the role may do."""

from __future__ import annotations

from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS_USER, BLANKET_PRIVILEGE, CORTEX_USER
from cortex_tickets._preflight.ai_access import account_privilege, database_role
from cortex_tickets._preflight.asking_for import grant_database_role, grant_needed, grant_on_account
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import Verdict, holds
from cortex_tickets._preflight.needed import NEEDED, NeededPrivilege
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck


def privilege_checks(findings: Findings) -> list[PreflightCheck]:
    """Return a check for each privilege and database role that this package needs."""
    return [_blanket(findings), *_database_roles(findings), *(_needed(findings, needed) for needed in NEEDED)]


def _blanket(findings: Findings) -> PreflightCheck:
    return _check(
        BLANKET_PRIVILEGE,
        account_privilege(findings),
        f"For AI functions: {grant_on_account(findings, BLANKET_PRIVILEGE)} A privilege for each will do as well.",
    )


def _database_roles(findings: Findings) -> list[PreflightCheck]:
    wide, narrow = database_role(findings, CORTEX_USER), database_role(findings, AI_FUNCTIONS_USER)
    if narrow.state is CheckState.NO and wide.state is CheckState.YES:
        narrow = Verdict(narrow.state, f"{narrow.evidence}, and {CORTEX_USER} makes it needless")
    has_one = CheckState.YES in (wide.state, narrow.state)
    purpose = "fine-tuning" if has_one else "AI functions and fine-tuning"
    instead = f"For AI functions without fine-tuning: {grant_database_role(findings, AI_FUNCTIONS_USER)}"
    return [
        _check(CORTEX_USER, wide, f"For {purpose}: {grant_database_role(findings, CORTEX_USER)}"),
        _check(AI_FUNCTIONS_USER, narrow, None if has_one else instead),
    ]


def _needed(findings: Findings, needed: NeededPrivilege) -> PreflightCheck:
    verdict = holds(findings, needed.on, (needed.privilege,), of_own_role=needed.of_own_role)
    return _check(needed.name, verdict, f"For {needed.purpose}: {grant_needed(findings, needed)}")


def _check(name: str, verdict: Verdict, advice: str | None) -> PreflightCheck:
    return PreflightCheck(
        group=CheckGroup.PRIVILEGES,
        name=name,
        state=verdict.state,
        evidence=verdict.evidence,
        advice=None if verdict.state is CheckState.YES else advice,
    )
