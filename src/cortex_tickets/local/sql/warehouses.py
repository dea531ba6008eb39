"""CREATE, ALTER and DROP WAREHOUSE: the engine computes in one place, so these change what a session is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, status_result
from cortex_tickets.local.sql.session import EngineSession

_STATEMENT = re.compile(
    r"\s*(?P<verb>CREATE|ALTER|DROP)\s+(?:OR\s+REPLACE\s+)?WAREHOUSE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?"
    r"(?P<name>\"[^\"]+\"|[\w$]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class WarehouseStatement:
    """A statement on a warehouse, ready to run."""

    verb: str
    name: str
    session: EngineSession

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """A session uses the warehouse that it makes."""
        del connect
        if self.verb == "CREATE":
            self.session.apply({"WAREHOUSE": self.name})
            return status_result(0, f"Warehouse {self.name} successfully created.")
        if self.verb == "DROP":
            return status_result(0, f"{self.name} successfully dropped.")
        return status_result(0, "Statement executed successfully.")


def warehouse_statement(sql: str, session: EngineSession) -> WarehouseStatement | None:
    """The statement, when it is one on a warehouse."""
    found = _STATEMENT.match(sql)
    if found is None:
        return None
    name = found["name"]
    folded = name[1:-1] if name.startswith('"') else name.upper()
    return WarehouseStatement(found["verb"].upper(), folded, session)
