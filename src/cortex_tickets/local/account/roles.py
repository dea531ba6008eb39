"""The functions that tell which roles a session has, as constants of the session.

The engine controls no access: a session's role is whatever it calls itself. ACCOUNTADMIN, its role by default, has
the system's roles below it, as on Snowflake.

Source:
    docs.snowflake.com/en/sql-reference/functions/is_role_in_session, is_database_role_in_session,
    is_database_role_activated, is_role_activated, current_available_roles and current_secondary_roles,
    read 2026-11-25.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlglot import exp

PUBLIC = "PUBLIC"
CORTEX_USER = "CORTEX_USER"
"""The one database role that Snowflake grants to PUBLIC for Cortex."""
SYSTEM_DATABASE = "SNOWFLAKE"
_BELOW_ADMIN = ("SECURITYADMIN", "SYSADMIN", "USERADMIN")
_NAMESPACES = ("SNOWFLAKE$SESSION", "SNOWFLAKE$CURRENT")
_PROPERTIES = ("ROLE", "WAREHOUSE", "DATABASE", "SCHEMA")
_NO_SECONDARY_ROLES = json.dumps({"roles": "", "value": ""}, separators=(",", ":"))


def active_roles(role: str | None) -> tuple[str, ...]:
    """The account roles whose privileges a session of this role has, its own first."""
    own = () if role is None else (role,)
    below = _BELOW_ADMIN if role == "ACCOUNTADMIN" else ()
    return tuple(dict.fromkeys((*own, *below, PUBLIC)))


def role_functions(node: exp.Expr, values: Mapping[str, str | None]) -> exp.Expr:
    """One node, with what the session's roles make of it; any other as it is.

    Args:
        node: A node of a parsed statement.
        values: What the context functions give in this session.
    """
    if isinstance(node, exp.CurrentAvailableRoles):
        return exp.Literal.string(json.dumps(active_roles(values["role"])))
    if isinstance(node, exp.CurrentSecondaryRoles):
        return exp.Literal.string(_NO_SECONDARY_ROLES)
    return _called(node, values) if isinstance(node, exp.Anonymous) else node


def _called(call: exp.Anonymous, values: Mapping[str, str | None]) -> exp.Expr:
    """A call that sqlglot does not know."""
    name, arguments = call.name.upper(), call.expressions
    if name == "IS_ROLE_IN_SESSION" and len(arguments) == 1:
        return _is_one_of(arguments[0], active_roles(values["role"]))
    if name == "IS_DATABASE_ROLE_IN_SESSION" and len(arguments) == 1:
        return _is_one_of(arguments[0], _database_roles(values["database"], is_qualified=False))
    if name == "SYS_CONTEXT" and arguments and arguments[0].name.upper() in _NAMESPACES:
        return _session_context(call, arguments[1:], values)
    return call


def _session_context(call: exp.Expr, arguments: Sequence[exp.Expr], values: Mapping[str, str | None]) -> exp.Expr:
    """SYS_CONTEXT of the session; what it is asked for and not known here is left for DuckDB to refuse."""
    asked = arguments[0].name.upper() if arguments else ""
    if asked in _PROPERTIES and len(arguments) == 1:
        value = values[asked.lower()]
        return exp.Null() if value is None else exp.Literal.string(value)
    if asked == "IS_ROLE_ACTIVATED" and len(arguments) > 1:
        held = [_is_one_of(role, active_roles(values["role"])) for role in arguments[1:]]
        return _as_word(exp.or_(*held))
    if asked == "IS_DATABASE_ROLE_ACTIVATED" and len(arguments) == 2:  # noqa: PLR2004 - the function and the role
        roles = _database_roles(values["database"], is_qualified=True)
        return _as_word(_is_one_of(exp.Upper(this=arguments[1].copy()), roles))
    return call


def _database_roles(database: str | None, *, is_qualified: bool) -> tuple[str, ...]:
    """The names by which the session's only database role is known where `database` is in use."""
    relative = (CORTEX_USER,) if database == SYSTEM_DATABASE else ()
    return (f"{SYSTEM_DATABASE}.{CORTEX_USER}", *relative) if is_qualified else relative


def _is_one_of(value: exp.Expr, names: Sequence[str]) -> exp.Expr:
    if not names:
        return exp.false()
    return exp.Paren(this=exp.In(this=value.copy(), expressions=[exp.Literal.string(name) for name in names]))


def _as_word(condition: exp.Expr) -> exp.Expr:
    """SYS_CONTEXT gives the texts TRUE and FALSE, not booleans."""
    return exp.If(this=condition, true=exp.Literal.string("TRUE"), false=exp.Literal.string("FALSE"))
