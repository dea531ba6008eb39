"""Who holds which privilege, and which roles this session has: free statements that need no warehouse.

SHOW GRANTS lists what was granted to each role and not what a role inherits, so each grantee is asked about in turn:
whether the session has it, which the server knows.

Source: https://docs.snowflake.com/en/sql-reference/sql/show-grants,
https://docs.snowflake.com/en/sql-reference/functions/is_role_in_session and
https://docs.snowflake.com/en/sql-reference/functions/is_database_role_activated, read 2026-11-25.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cortex_tickets._cortex.account import lower_keys
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import CortexError
from cortex_tickets.records.table_name import TableName

PUBLIC = "PUBLIC"
"""The role that every session has."""
OWNERSHIP = "OWNERSHIP"
"""The privilege that brings all others on its object."""
MAX_ROLES_READ = 20
"""Roles whose grants are read one by one in a walk down from a role."""
_ROLES_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Grant:
    """One privilege that somebody holds on the object that was asked about."""

    privilege: str
    grantee: str
    """Name of who holds it, as Snowflake stores it."""
    grantee_kind: str
    """ROLE, DATABASE_ROLE, USER and the like."""


@dataclass(frozen=True, slots=True)
class RoleTree:
    """What a role inherits, as far as it was read."""

    roles: frozenset[str]
    """Account roles: the role itself, PUBLIC, and those below."""
    database_roles: frozenset[str]
    """Database roles, as the listing names them: with their database or without."""
    is_whole: bool
    """Whether every role below was read."""


def account_grants(client: CortexClient) -> list[Grant]:
    """Return the privileges on the account that roles hold.

    Raises:
        CortexError: If the statement fails.
    """
    return _grants(client, "SHOW GRANTS ON ACCOUNT")


def object_grants(client: CortexClient, kind: str, name: TableName) -> list[Grant]:
    """Return the privileges on a database, schema or warehouse (`kind`) that roles hold.

    Raises:
        ObjectNotFoundError: If there is no such object, or this role may not see it.
        CortexError: If the statement fails otherwise.
    """
    return _grants(client, f"SHOW GRANTS ON {kind} {name.sql}")


def roles_in_session(client: CortexClient, roles: Iterable[str]) -> frozenset[str]:
    """Return those of the account roles whose privileges this session has, by inheritance or as a secondary role.

    Raises:
        CortexError: If the statement fails.
    """
    calls = {role: f"IS_ROLE_IN_SESSION({literal(role)})" for role in sorted(set(roles))}
    return _true_ones(client, calls)


def database_roles_in_session(client: CortexClient, roles: Iterable[str]) -> frozenset[str]:
    """Return those of the database roles, `DATABASE.ROLE`, whose privileges this session has.

    IS_DATABASE_ROLE_IN_SESSION takes no database, and the session's own may not be changed for it.

    Raises:
        CortexError: If the statement fails.
    """
    function = "'SNOWFLAKE$SESSION', 'IS_DATABASE_ROLE_ACTIVATED'"
    calls = {role: f"SYS_CONTEXT({function}, {literal(role)})" for role in sorted(set(roles))}
    return _true_ones(client, calls)


def has_secondary_roles(client: CortexClient) -> bool:
    """Whether secondary roles are active beside the session's own: no CREATE statement can use theirs.

    Raises:
        CortexError: If the statement fails.
    """
    answer = client.value(Statement("SELECT CURRENT_SECONDARY_ROLES() AS SECONDARY_ROLES"))
    try:
        told = json.loads(str(answer or "{}"))
    except ValueError:
        return True
    return bool(told.get("roles")) if isinstance(told, dict) else True


def role_tree(client: CortexClient, role: str) -> RoleTree:
    """Return what a role inherits, read role by role; a role whose grants are not shown leaves it incomplete.

    At most `MAX_ROLES_READ` statements.
    """
    found, database_roles = {role, PUBLIC}, set[str]()
    waiting = deque(sorted(found))
    n_read, is_whole = 0, True
    while waiting and n_read < MAX_ROLES_READ:
        n_read += 1
        name = TableName((waiting.popleft(),))
        try:
            rows = [lower_keys(row) for row in client.rows(Statement(f"SHOW GRANTS TO ROLE {name.sql}"))]
        except CortexError:
            is_whole = False
            continue
        inherited = {str(row.get("name")) for row in rows if row.get("granted_on") == "ROLE"} - found
        database_roles |= {str(row.get("name")) for row in rows if row.get("granted_on") == "DATABASE_ROLE"}
        found |= inherited
        waiting += sorted(inherited)
    return RoleTree(frozenset(found), frozenset(database_roles), is_whole and not waiting)


def _grants(client: CortexClient, text: str) -> list[Grant]:
    rows = (lower_keys(row) for row in client.rows(Statement(text)))
    return [Grant(str(row.get("privilege")), str(row.get("grantee_name")), str(row.get("granted_to"))) for row in rows]


def _true_ones(client: CortexClient, calls: dict[str, str]) -> frozenset[str]:
    found: set[str] = set()
    roles = list(calls)
    for start in range(0, len(roles), _ROLES_AT_ONCE):
        some = roles[start : start + _ROLES_AT_ONCE]
        columns = ", ".join(f"{calls[role]} AS ROLE_{place}" for place, role in enumerate(some))
        row = next(iter(client.rows(Statement(f"SELECT {columns}"))), {})
        found |= {role for place, role in enumerate(some) if _is_true(row.get(f"ROLE_{place}"))}
    return frozenset(found)


def _is_true(value: Any) -> bool:
    """Read a boolean, or the text that SYS_CONTEXT gives instead."""
    return value is True or str(value).upper() == "TRUE"
