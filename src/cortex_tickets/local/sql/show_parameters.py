"""SHOW PARAMETERS: what the session has set, and the query tag in any case."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.sql.session import EngineSession

_SHOW = re.compile(
    r"\s*SHOW\s+PARAMETERS(?:\s+LIKE\s+'(?P<like>[^']*)')?(?:\s+(?:IN|FOR)\s+SESSION)?\s*;?\s*", re.IGNORECASE
)
_DEFAULTS = {"AUTOCOMMIT": "true", "QUERY_TAG": "", "STATEMENT_TIMEOUT_IN_SECONDS": "172800", "TIMEZONE": "Etc/UTC"}


@dataclass(frozen=True, slots=True)
class ShowParameters:
    """SHOW PARAMETERS, ready to run."""

    like: str
    session: EngineSession

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """A row per parameter."""
        del connect
        shape = re.compile(
            re.escape(self.like).replace("%", ".*").replace("_", ".") if self.like else ".*", re.IGNORECASE
        )
        values = _DEFAULTS | self.session.parameters
        rows = [
            (name, value, _DEFAULTS.get(name, ""), "" if value == _DEFAULTS.get(name) else "SESSION", "", "STRING")
            for name, value in sorted(values.items())
            if shape.fullmatch(name)
        ]
        names = ("key", "value", "default", "level", "description", "type")
        return rows_result([(name, "VARCHAR") for name in names], rows)


def show_parameters(sql: str, session: EngineSession) -> ShowParameters | None:
    """The statement, when it is one that shows parameters."""
    found = _SHOW.fullmatch(sql)
    return None if found is None else ShowParameters(found["like"] or "", session)
