"""What an administrator has to run, as statements: advice that can be pasted."""

from __future__ import annotations

from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.needed import Holder, NeededPrivilege
from cortex_tickets.records.table_name import TableName


def grant_on_account(findings: Findings, privilege: str) -> str:
    """Return how the session's role gets a privilege on the account."""
    return f"ask an ACCOUNTADMIN to run GRANT {privilege} ON ACCOUNT TO ROLE {_role(findings)};"


def grant_database_role(findings: Findings, role: str) -> str:
    """Return how the session's role gets a database role."""
    return f"ask an ACCOUNTADMIN to run GRANT DATABASE ROLE {role} TO ROLE {_role(findings)};"


def grant_needed(findings: Findings, needed: NeededPrivilege) -> str:
    """Return how the session's role gets a privilege that this package needs, or what is missing for it."""
    target = findings.objects[needed.on]
    if needed.on is Holder.ACCOUNT:
        return grant_on_account(findings, needed.privilege)
    if target is not None:
        on = f"{needed.on.value} {target}"
        role = _role(findings)
        return f"ask the owner of the {needed.on.lower()} to run GRANT {needed.privilege} ON {on} TO ROLE {role};"
    if needed.on is Holder.WAREHOUSE:
        return "choose a warehouse for the session, with USE WAREHOUSE."
    return "choose a schema for the session, or give schema='DATABASE.SCHEMA'."


def _role(findings: Findings) -> str:
    role = findings.where.role
    return "name_of_your_role" if role is None else str(TableName((role,)))
