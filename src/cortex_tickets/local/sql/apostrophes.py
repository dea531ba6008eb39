"""Names with an apostrophe, which fakesnow would write into literals as they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection

# A code point that no text may hold stands for the apostrophe while fakesnow handles the name.
_STAND_IN = "\ufdd0"
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")


def hide_apostrophes(statement: exp.Expr) -> bool:
    """Put the stand-in into every name and comment on a table; says whether there was an apostrophe."""
    found = [
        node
        for node in statement.find_all(exp.Identifier, exp.Literal)
        if "'" in node.name and (isinstance(node, exp.Identifier) or isinstance(node.parent, exp.SchemaCommentProperty))
    ]
    for node in found:
        node.set("this", node.name.replace("'", _STAND_IN))
    return bool(found)


class ApostropheConnection:
    """A connection that puts the apostrophe back: doubled in a literal, as it is in a name."""

    def __init__(self, duck: DuckConnection) -> None:
        self._duck = duck

    def execute(self, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> DuckConnection:
        """Run one text."""
        if isinstance(params, list):
            params = [value.replace(_STAND_IN, "'") if isinstance(value, str) else value for value in params]
        return self._duck.execute(_QUOTED.sub(_restored, sql), params)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._duck, name)


def _restored(quoted: re.Match[str]) -> str:
    text = quoted[0]
    return text.replace(_STAND_IN, "''" if text.startswith("'") else "'")
