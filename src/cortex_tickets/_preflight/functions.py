"""Checks of the AI functions that this package calls."""

from __future__ import annotations

from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS, CORTEX_USER, AiFunction
from cortex_tickets._preflight.ai_access import account_privilege, any_database_role
from cortex_tickets._preflight.asking_for import grant_database_role, grant_on_account
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import Verdict
from cortex_tickets.errors import AccessDeniedError, CortexError
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck


def function_checks(findings: Findings) -> list[PreflightCheck]:
    """Return a check for each AI function."""
    return [_check(findings, function) for function in AI_FUNCTIONS]


def _check(findings: Findings, function: AiFunction) -> PreflightCheck:
    refusal = findings.functions[function.name].refusal
    privilege = account_privilege(findings, function.privilege)
    role = any_database_role(findings)
    verdict = _verdict(refusal, [privilege, role])
    to_ask_for = []
    if privilege.state is not CheckState.YES:
        to_ask_for.append(grant_on_account(findings, function.privilege))
    if role.state is not CheckState.YES:
        to_ask_for.append(grant_database_role(findings, CORTEX_USER))
    if isinstance(refusal, AccessDeniedError) and not to_ask_for:
        to_ask_for.append("ask an administrator whether this region has the function.")
    needs_advice = verdict.state is not CheckState.YES and to_ask_for
    return PreflightCheck(
        group=CheckGroup.FUNCTIONS,
        name=function.name,
        state=verdict.state,
        evidence=verdict.evidence,
        advice=f"For {function.purpose}: {' And '.join(to_ask_for)}" if needs_advice else None,
    )


def _verdict(refusal: CortexError | None, access: list[Verdict]) -> Verdict:
    """Return what follows from a compilation and from the role's privilege and database role."""
    missing = [verdict.evidence for verdict in access if verdict.state is CheckState.NO]
    unknown = [verdict.evidence for verdict in access if verdict.state is CheckState.UNKNOWN]
    if isinstance(refusal, AccessDeniedError):
        return Verdict(CheckState.NO, "; ".join([f"a call of it does not compile: {refusal.reason}", *missing]))
    if missing:
        return Verdict(CheckState.NO, "; ".join(missing))
    if refusal is not None:
        return Verdict(CheckState.UNKNOWN, "; ".join([f"EXPLAIN was refused: {refusal.reason}", *unknown]))
    if unknown:
        return Verdict(CheckState.UNKNOWN, "; ".join(["a call of it compiles", *unknown]))
    return Verdict(CheckState.YES, "a call of it compiles, and the role has the privilege and the database role")
