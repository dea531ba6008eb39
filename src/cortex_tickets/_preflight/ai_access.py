"""Whether the role may call AI functions: the account privilege and the database role, both of which it takes.

Source: https://docs.snowflake.com/en/user-guide/snowflake-cortex/aisql-privileges-and-access, read 2026-11-25.
"""

from __future__ import annotations

from cortex_tickets._cortex.ai_functions import AI_FUNCTIONS_USER, BLANKET_PRIVILEGE, CORTEX_USER
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import Verdict, holds
from cortex_tickets._preflight.needed import Holder
from cortex_tickets.records.preflight_check import CheckState


def account_privilege(findings: Findings, *for_one_function: str) -> Verdict:
    """Return whether the session has USE AI FUNCTIONS, or the privilege for one function."""
    verdict = holds(findings, Holder.ACCOUNT, (BLANKET_PRIVILEGE, *for_one_function))
    granted = findings.grants[Holder.ACCOUNT].value or []
    if verdict.state is CheckState.NO and not any(grant.privilege.startswith("USE AI FUNCTION") for grant in granted):
        # PUBLIC has it unless it was taken away, so a list on which nobody has it may be a list without it.
        return Verdict(
            CheckState.UNKNOWN,
            "SHOW GRANTS ON ACCOUNT names nobody who has it: taken away from all, or not shown to this role",
        )
    return verdict


def database_role(findings: Findings, role: str) -> Verdict:
    """Return whether the session has one of Cortex's database roles, `SNOWFLAKE.NAME`."""
    held = findings.database_roles
    if held.value is not None:
        state = CheckState.YES if role in held.value else CheckState.NO
        word = "has" if state is CheckState.YES else "does not have"
        return Verdict(state, f"SYS_CONTEXT: this session {word} the database role")
    names = (role, role.rsplit(".", maxsplit=1)[-1])
    if findings.tree is not None and any(name in findings.tree.database_roles for name in names):
        return Verdict(CheckState.YES, "SHOW GRANTS TO ROLE lists it for a role that this one inherits")
    return Verdict(CheckState.UNKNOWN, f"SYS_CONTEXT was refused: {held.reason}")


def any_database_role(findings: Findings) -> Verdict:
    """Return whether the session has one of the two database roles with which AI functions may be called."""
    verdicts = {role: database_role(findings, role) for role in (CORTEX_USER, AI_FUNCTIONS_USER)}
    for role, verdict in verdicts.items():
        if verdict.state is CheckState.YES:
            return Verdict(CheckState.YES, f"this session has {role}")
    if all(verdict.state is CheckState.NO for verdict in verdicts.values()):
        return Verdict(CheckState.NO, f"this session has neither {CORTEX_USER} nor {AI_FUNCTIONS_USER}")
    return Verdict(CheckState.UNKNOWN, f"whether this session has {CORTEX_USER} was not told")
