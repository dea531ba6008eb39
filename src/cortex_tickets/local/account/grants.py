"""SHOW GRANTS: the engine controls no access, so the session's role owns what there is, and PUBLIC has Cortex."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.account.roles import CORTEX_USER, PUBLIC, SYSTEM_DATABASE, active_roles
from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.stages.context import Connect

_PART = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_NAME = rf"(?:{_PART}\.){{0,2}}{_PART}"
_SHOW = re.compile(
    r"\s*SHOW\s+GRANTS"
    rf"(?:\s+(?P<verb>ON|TO|OF)\s+(?:(?P<account>ACCOUNT)|(?P<kind>[A-Z]+(?:\s+ROLE)?)\s+(?P<name>{_NAME})))?"
    r"(?:\s+LIMIT\s+(?P<limit>\d+))?\s*;?\s*",
    re.IGNORECASE,
)
_ACCOUNT_PRIVILEGES = ("CREATE DATABASE", "CREATE WAREHOUSE", "EXECUTE TASK", "MANAGE GRANTS")
_OBJECTS = {
    "DATABASE": "SELECT 1 FROM duckdb_databases() WHERE database_name = $1",
    "SCHEMA": "SELECT 1 FROM duckdb_schemas() WHERE database_name = $1 AND schema_name = $2",
    "TABLE": "SELECT 1 FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3",
    "VIEW": "SELECT 1 FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3",
}
"""How each kind of object is looked up; the number of parts of its full name is that of the marks."""


@dataclass(frozen=True, slots=True)
class Grant:
    """One row of SHOW GRANTS."""

    privilege: str
    granted_on: str
    name: str
    grantee: str
    granted_to: str = "ROLE"


@dataclass(frozen=True, slots=True)
class ShowGrants:
    """SHOW GRANTS, ready to run."""

    session: EngineSession
    verb: str
    kind: str
    name: tuple[str, ...]
    limit: int | None

    def run(self, connect: Connect) -> Result:
        """A row per grant.

        Raises:
            ProgrammingError: 002003, for an object or a role that is not there.
        """
        with connect(None) as duck:
            grants = list(self._grants(duck))[: self.limit]
            duck.execute(_rows_sql(grants, with_grantor_type=self.verb == "ON"))
            table = duck.to_arrow_table()
            return Result(table, tuple(duck.column_types), 0)

    def _grants(self, duck: DuckConnection) -> Iterator[Grant]:
        role = self.session.context_values()["role"] or PUBLIC
        if self.verb == "ON" and self.kind == "ACCOUNT":
            yield from _on_account(role)
        elif self.verb == "ON":
            yield Grant("OWNERSHIP", self.kind, ".".join(self._object(duck)), role)
        elif self.kind == "USER":
            yield Grant("USAGE", "ROLE", role, self.session.user, "USER")
        elif self.name[-1] not in active_roles(role):
            raise _not_there("Role", self.name[-1])
        elif self.verb == "OF":
            yield Grant("USAGE", "ROLE", self.name[-1], self.session.user, "USER")
        else:
            yield from self._to_role(duck, self.name[-1], role)

    def _to_role(self, duck: DuckConnection, asked: str, role: str) -> Iterator[Grant]:
        yield from (grant for grant in _on_account(role) if grant.grantee == asked)
        if asked == PUBLIC:
            yield Grant("USAGE", "DATABASE_ROLE", f"{SYSTEM_DATABASE}.{CORTEX_USER}", PUBLIC)
        if asked != role:
            return
        for below in active_roles(role):
            if below not in (role, PUBLIC):
                yield Grant("USAGE", "ROLE", below, role)
        yield Grant("OWNERSHIP", "WAREHOUSE", self.session.context_values()["warehouse"] or "", role)
        schemas = duck.execute("SELECT DISTINCT database_name, schema_name FROM duckdb_schemas() WHERE NOT internal")
        found = sorted((str(row[0]), str(row[1])) for row in schemas.fetchall())
        for database in sorted({database for database, _ in found}):
            yield Grant("OWNERSHIP", "DATABASE", database, role)
        for database, schema in found:
            yield Grant("OWNERSHIP", "SCHEMA", f"{database}.{schema}", role)

    def _object(self, duck: DuckConnection) -> tuple[str, ...]:
        """The full name of the object that is asked about."""
        if self.kind == "WAREHOUSE":
            return self.name[-1:]
        lookup = _OBJECTS.get(self.kind)
        if lookup is None:
            raise NotImplementedError(f"SHOW GRANTS ON {self.kind}")
        n_parts = lookup.count("$")
        missing = n_parts - len(self.name)
        name = ((self.session.database, self.session.schema)[: max(0, missing)] + self.name)[-n_parts:]
        if len(name) < n_parts or None in name or not duck.execute(lookup, list(name)).fetchall():
            raise _not_there(self.kind.capitalize(), ".".join(self.name))
        return tuple(str(part) for part in name)


def show_grants(sql: str, session: EngineSession) -> ShowGrants | None:
    """The statement, when it is one that shows grants; future grants are none that the engine knows.

    Source:
        docs.snowflake.com/en/sql-reference/sql/show-grants, read 2026-11-25.
    """
    found = _SHOW.fullmatch(sql)
    if found is None:
        return None
    verb = (found["verb"] or "TO").upper()
    kind = "ACCOUNT" if found["account"] else " ".join((found["kind"] or "USER").upper().split())
    name = tuple(_stored(part) for part in re.findall(_PART, found["name"] or ""))
    if verb != "ON" and kind not in {"ROLE", "USER"}:
        return None
    return ShowGrants(session, verb, kind, name, None if found["limit"] is None else int(found["limit"]))


def _on_account(role: str) -> Iterator[Grant]:
    yield Grant("USE AI FUNCTIONS", "ACCOUNT", "EMBEDDED", PUBLIC)
    for privilege in _ACCOUNT_PRIVILEGES:
        yield Grant(privilege, "ACCOUNT", "EMBEDDED", role)


def _rows_sql(grants: list[Grant], *, with_grantor_type: bool) -> str:
    columns = ["privilege", "granted_on", "name", "granted_to", "grantee_name"]
    rows: list[Sequence[str]] = [
        (grant.privilege, grant.granted_on, grant.name, grant.granted_to, grant.grantee) for grant in grants
    ]
    # DuckDB takes no VALUES without rows.
    values = ", ".join(f"({', '.join(_quoted(value) for value in row)})" for row in rows or [[""] * len(columns)])
    shown = ", ".join(f'"{name}"' for name in columns)
    grantor_type = """'ROLE' AS "granted_by_role_type", """ if with_grantor_type else ""
    return (
        f"""SELECT TIMESTAMPTZ '1970-01-01 00:00:00+00' AS "created_on", {shown}, 'false' AS "grant_option", """
        f"""{grantor_type}'' AS "granted_by" FROM (VALUES {values}) AS grants({shown})"""
        + ("" if rows else " WHERE FALSE")
    )


def _quoted(text: str) -> str:
    return exp.Literal.string(text).sql(dialect="duckdb")


def _stored(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part.upper()


def _not_there(kind: str, name: str) -> ProgrammingError:
    return ProgrammingError(
        msg=f"SQL compilation error:\n{kind} '{name}' does not exist or not authorized.", errno=2003, sqlstate="02000"
    )
