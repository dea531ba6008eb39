"""CURRENT_USER() and its like, as constants of the session."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

_NAMES: dict[type[exp.Expr], str] = {
    exp.CurrentUser: "user",
    exp.CurrentRole: "role",
    exp.CurrentRegion: "region",
    exp.CurrentAccount: "account",
    exp.CurrentWarehouse: "warehouse",
    exp.CurrentDatabase: "database",
    exp.CurrentSchema: "schema",
    exp.CurrentSession: "session",
}


def session_context(node: exp.Expr, values: Mapping[str, str | None]) -> exp.Expr:
    """One node, with the session's own values for context functions."""
    name = _NAMES.get(type(node))
    if name is None:
        return node
    value = values[name]
    return exp.Null() if value is None else exp.Literal.string(value)
