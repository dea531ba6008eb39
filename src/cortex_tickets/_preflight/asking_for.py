"""What an administrator has to run, as statements: advice that can be pasted."""

from __future__ import annotations

from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.holding import is_not_there
from cortex_tickets._preflight.needed import Holder, NeededPrivilege
from cortex_tickets.records.table_name import TableName

_USAGE = "USAGE"


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
        ask = f"ask the owner of the {needed.on.lower()} to run {_grant(findings, needed.privilege, needed.on)}"
        if not is_not_there(findings, needed.on):
            return ask
        first = _reach(findings, needed.on)
        return first if needed.privilege == _USAGE else f"{first} Then {ask}"
    if needed.on is Holder.WAREHOUSE:
        return "choose a warehouse for the session, with USE WAREHOUSE."
    return "choose a schema for the session, or give schema='DATABASE.SCHEMA'."


def _reach(findings: Findings, on: Holder) -> str:
    """Return how the session's role comes to see an object that is not there for it."""
    around = [Holder.DATABASE] if on is Holder.SCHEMA else []
    missing = [outer for outer in around if is_not_there(findings, outer)]
    make = " ".join(f"CREATE {each.value} {findings.objects[each]};" for each in (*missing, on))
    see = " ".join(_grant(findings, _USAGE, each) for each in (*around, on))
    kind = on.lower()
    return (
        f"check the {kind}'s name; if there is no such {kind}, make it: {make} If there is, ask its owner to run {see}"
    )


def _grant(findings: Findings, privilege: str, on: Holder) -> str:
    return f"GRANT {privilege} ON {on.value} {findings.objects[on]} TO ROLE {_role(findings)};"


def _role(findings: Findings) -> str:
    role = findings.where.role
    return "name_of_your_role" if role is None else str(TableName((role,)))
