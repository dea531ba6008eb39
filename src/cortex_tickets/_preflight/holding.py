"""Whether this session holds a privilege, from who was granted it and which roles the session has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from cortex_tickets._cortex.grants import OWNERSHIP, PUBLIC, Grant
from cortex_tickets._preflight.findings import Findings
from cortex_tickets._preflight.needed import Holder
from cortex_tickets.errors import InvalidInputError, ObjectNotFoundError
from cortex_tickets.records.preflight_check import CheckState
from cortex_tickets.records.table_name import TableName

_ACCOUNT_ROLES = ("ROLE", "ACCOUNT_ROLE", "ACCOUNT ROLE")
_DATABASE_ROLES = ("DATABASE_ROLE", "DATABASE ROLE")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from the findings, and why."""

    state: CheckState
    evidence: str


def is_account_role(grant: Grant) -> bool:
    """Whether an account role is the grantee."""
    return grant.grantee_kind in _ACCOUNT_ROLES


def database_role(grant: Grant, database: TableName | None) -> str | None:
    """Return a grantee that is a database role as `DATABASE.ROLE`; `None` for any other.

    Snowflake names it with its database or, since the change bundle 2026_06, without.
    """
    if grant.grantee_kind not in _DATABASE_ROLES:
        return None
    try:
        parts = TableName.parse(grant.grantee).parts
    except InvalidInputError:
        parts = (grant.grantee,)
    if len(parts) > 1 or database is None:
        return str(TableName(parts))
    # A bare name is the name as it is stored, which parsing would have folded.
    return str(TableName((database.parts[0], grant.grantee)))


def is_not_there(findings: Findings, on: Holder) -> bool:
    """Whether what the privileges are held on is not there, or this role may not see it."""
    return isinstance(findings.grants[on].refusal, ObjectNotFoundError)


def holds(findings: Findings, on: Holder, privileges: Collection[str], *, of_own_role: bool = False) -> Verdict:
    """Return whether the session has one of the privileges, or the ownership of the object.

    Args:
        findings: What was told.
        on: What the privilege is held on.
        privileges: Any of these will do.
        of_own_role: Whether the session's own role must have it, not a secondary one.
    """
    grants, target = findings.grants[on], findings.objects[on]
    if on is not Holder.ACCOUNT and target is None:
        return _without_target(findings, on)
    if is_not_there(findings, on):
        return Verdict(CheckState.NO, f"{on.lower()} {target} is not there, or this role may not see it")
    if not grants.value:
        told = f"was refused: {grants.reason}" if grants.value is None else "lists nothing for this role"
        return Verdict(CheckState.UNKNOWN, f"SHOW GRANTS ON {on.value} {told}")
    sufficient = {*privileges} if on is Holder.ACCOUNT else {*privileges, OWNERSHIP}
    granted = [grant for grant in grants.value if grant.privilege in sufficient]
    told_of = {grant: _has(findings, grant, of_own_role=of_own_role) for grant in granted}
    return _verdict(findings, f"SHOW GRANTS ON {on.value}", told_of, of_own_role=of_own_role)


def _verdict(findings: Findings, listing: str, told_of: Mapping[Grant, bool | None], *, of_own_role: bool) -> Verdict:
    holder = next((grant for grant, is_held in told_of.items() if is_held), None)
    if holder is not None:
        return Verdict(CheckState.YES, f"{listing}: {_who(holder)} has {holder.privilege}")
    open_ones = [grant for grant, is_held in told_of.items() if is_held is None]
    if open_ones:
        return Verdict(CheckState.UNKNOWN, _open_reason(findings, listing, open_ones))
    roles = "this role" if of_own_role else "a role of this session"
    return Verdict(CheckState.NO, f"{listing} does not give it to {roles}")


def _without_target(findings: Findings, on: Holder) -> Verdict:
    if findings.place.value is None:
        return Verdict(CheckState.UNKNOWN, f"the session does not tell its {on.lower()}: {findings.place.reason}")
    state = CheckState.NO if on is Holder.WAREHOUSE else CheckState.UNKNOWN
    return Verdict(state, f"this session has no {on.lower()}")


def _has(findings: Findings, grant: Grant, *, of_own_role: bool) -> bool | None:
    """Whether the session has what was granted; `None` where that was not told."""
    if is_account_role(grant):
        if grant.grantee in (PUBLIC, findings.where.role):
            return True
        held = _is_among(grant.grantee, findings.roles.value)
        inherited = findings.tree.roles if findings.tree else frozenset()
        names: Iterable[str] = (grant.grantee,)
    elif (name := database_role(grant, findings.objects[Holder.DATABASE])) is not None:
        held = _is_among(name, findings.database_roles.value)
        inherited = findings.tree.database_roles if findings.tree else frozenset()
        names = (name, grant.grantee)
    else:
        # A privilege that a user holds counts with all secondary roles only, which is not for us to find out.
        return None if grant.grantee_kind == "USER" else False
    if not held or not of_own_role or findings.has_secondary_roles.value is False:
        return held
    if any(name in inherited for name in names):
        return True
    return False if findings.tree and findings.tree.is_whole else None


def _is_among(name: str, held: frozenset[str] | None) -> bool | None:
    return None if held is None else name in held


def _open_reason(findings: Findings, listing: str, grants: list[Grant]) -> str:
    who = ", ".join(sorted({_who(grant) for grant in grants})[:_SHOWN])
    refusals = [answer.reason for answer in (findings.roles, findings.database_roles) if answer.refusal is not None]
    if all(grant.grantee_kind == "USER" for grant in grants):
        why = "privileges of users were not looked into"
    elif refusals:
        why = f"whether this session has that role was not told: {refusals[0]}"
    else:
        why = "a secondary role does not count here, and not all was told of what this role inherits"
    return f"{listing}: {who} has it; {why}"


_SHOWN = 3


def _who(grant: Grant) -> str:
    kind = "role" if is_account_role(grant) else grant.grantee_kind.lower().replace("_", " ")
    # A user's name is nobody's business but the account's.
    return "a user" if kind == "user" else f"{kind} {grant.grantee}"
