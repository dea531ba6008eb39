"""USE and ALTER SESSION, read into what they set."""

from __future__ import annotations

from sqlglot import exp


def session_settings(statement: exp.Expr) -> dict[str, str | None] | None:
    """What the statement sets, names in upper case, `None` to unset; `None` when it is no such statement.

    DATABASE and SCHEMA stand for the current names; all else is a session parameter.
    """
    if isinstance(statement, exp.Use):
        return _used(statement)
    if isinstance(statement, exp.Alter) and str(statement.args.get("kind")).upper() == "SESSION":
        return _altered(statement)
    return None


def _used(use: exp.Use) -> dict[str, str | None]:
    kind = use.args.get("kind")
    what = kind.name.upper() if isinstance(kind, exp.Var) else ""
    target = use.this
    name = _folded(target.this) if isinstance(target, exp.Table) else str(target)
    above = target.args.get("db") if isinstance(target, exp.Table) else None
    used: dict[str, str | None] = {}  # USE SECONDARY ROLES: there is one role
    if what in {"ROLE", "WAREHOUSE"}:
        used[what] = name
    elif what == "DATABASE" or (not what and above is None):
        used["DATABASE"] = name
    elif what in {"SCHEMA", ""}:
        used["SCHEMA"] = name
        if above is not None:
            used["DATABASE"] = _folded(above)
    return used


def _altered(alter: exp.Alter) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for action in alter.args.get("actions") or []:
        if not isinstance(action, exp.AlterSession):
            continue
        unset = bool(action.args.get("unset"))
        for item in action.expressions:
            setting = item.this if isinstance(item, exp.SetItem) else item
            if isinstance(setting, exp.EQ):
                found[setting.this.name.upper()] = _text(setting.expression)
            elif unset:
                found[setting.name.upper()] = None
    return found


def _text(value: exp.Expr) -> str:
    return str(value.this) if isinstance(value, exp.Boolean) else value.name


def _folded(name: exp.Expr) -> str:
    quoted = isinstance(name, exp.Identifier) and name.quoted
    return name.name if quoted else name.name.upper()
