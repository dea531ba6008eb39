"""Statements on rights, roles and the account: what they ask for is so already, since everybody may do everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, status_result

_REFRESH = re.compile(r"\s*CALL\s+SNOWFLAKE\s*\.\s*MODELS\s*\.\s*CORTEX_BASE_MODELS_REFRESH\s*\(\s*\)", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:GRANT\b|ALTER\s+ACCOUNT\s+(?:UN)?SET\b|USE\s+SECONDARY\s+ROLES\b"
    r"|(?P<verb>CREATE|DROP)\s+(?:OR\s+REPLACE\s+)?(?:DATABASE\s+)?ROLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    r"(?P<name>\"[^\"]+\"|[\w$.]+))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class AdministrationStatement:
    """A statement that changes nothing, ready to run."""

    status: str

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """What Snowflake says of it."""
        del connect
        return status_result(0, self.status)


def administration_statement(sql: str) -> AdministrationStatement | None:
    """The statement, when it is one on rights, roles or the account."""
    if _REFRESH.match(sql):
        return AdministrationStatement("The models are those of the engine's catalog.")
    found = _STATEMENT.match(sql)
    if found is None:
        return None
    if found["verb"] is None:
        return AdministrationStatement("Statement executed successfully.")
    name = found["name"][1:-1] if found["name"].startswith('"') else found["name"].upper()
    is_made = found["verb"].upper() == "CREATE"
    return AdministrationStatement(f"Role {name} successfully created." if is_made else f"{name} successfully dropped.")
