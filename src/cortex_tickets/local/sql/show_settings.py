"""SHOW PARAMETERS, VARIABLES and WAREHOUSES: what the session has set."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.sql.session import EngineSession

_SHOW = re.compile(
    r"\s*SHOW\s+(?P<what>PARAMETERS|VARIABLES|WAREHOUSES)(?:\s+LIKE\s+'(?P<like>[^']*)')?"
    r"(?:\s+(?:IN|FOR)\s+(?:SESSION|ACCOUNT))?\s*;?\s*",
    re.IGNORECASE,
)
_DEFAULTS = {
    "AUTOCOMMIT": "true",
    "PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION": "true",
    "QUERY_TAG": "",
    "STATEMENT_TIMEOUT_IN_SECONDS": "172800",
    "TIMEZONE": "Etc/UTC",
}


Rows = tuple[Sequence[str], Sequence[Sequence[str]]]
"""Names of the columns, and the rows."""


@dataclass(frozen=True, slots=True)
class ShowSettings:
    """The statement, ready to run."""

    what: str
    like: str
    session: EngineSession

    def run(self, connect: Callable[[str | None], AbstractContextManager[DuckConnection]]) -> Result:
        """A row for each."""
        del connect
        shape = re.compile(
            re.escape(self.like).replace("%", ".*").replace("_", ".") if self.like else ".*", re.IGNORECASE
        )
        names, rows = _ROWS[self.what](self.session)
        key = names.index("key" if "key" in names else "name")
        return rows_result([(name, "VARCHAR") for name in names], [row for row in rows if shape.fullmatch(row[key])])


def _parameters(session: EngineSession) -> Rows:
    values = _DEFAULTS | session.parameters | {"AUTOCOMMIT": str(session.has_autocommit).lower()}
    rows = [
        (name, value, _DEFAULTS.get(name, ""), "" if value == _DEFAULTS.get(name) else "SESSION", "", "STRING")
        for name, value in sorted(values.items())
    ]
    return ("key", "value", "default", "level", "description", "type"), rows


def _variables(session: EngineSession) -> Rows:
    number = str(session.session_id)
    rows = [(number, name, _plain(text), "text") for name, text in sorted(session.variable_texts.items())]
    return ("session_id", "name", "value", "type"), rows


def _plain(text: str) -> str:
    return text[1:-1].replace("''", "'") if text.startswith("'") else text


def _warehouses(session: EngineSession) -> Rows:
    name = session.context_values()["warehouse"] or ""
    return ("name", "state", "type", "size"), [(name, "STARTED", "STANDARD", "X-Small")]


_ROWS: Mapping[str, Callable[[EngineSession], Rows]] = {
    "PARAMETERS": _parameters,
    "VARIABLES": _variables,
    "WAREHOUSES": _warehouses,
}


def show_settings(sql: str, session: EngineSession) -> ShowSettings | None:
    """The statement, when it is one that shows what the session has set."""
    found = _SHOW.fullmatch(sql)
    return None if found is None else ShowSettings(found["what"].upper(), found["like"] or "", session)
