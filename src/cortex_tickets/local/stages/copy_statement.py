"""COPY INTO a table, read from its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets.local.stages.words import Option, Words, is_on, text_option, unexpected

_COPY = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*COPY\s+INTO\b", re.IGNORECASE | re.DOTALL)
_OPTIONS = frozenset(
    {"FILES", "PATTERN", "FILE_FORMAT", "ON_ERROR", "SIZE_LIMIT", "PURGE", "RETURN_FAILED_ONLY",
     "MATCH_BY_COLUMN_NAME", "ENFORCE_LENGTH", "TRUNCATECOLUMNS", "FORCE", "LOAD_UNCERTAIN_FILES", "STATEMENT_PARAMS"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CopyStatement:
    """COPY INTO a table.

    Attributes:
        table: The table's name as it stands.
        columns: Columns that are filled; empty for all.
        stage: The stage and path.
        query: Text of the SELECT over the stage; empty where files are loaded as they are.
        options: The options.
    """

    table: str
    columns: Sequence[str]
    stage: str
    query: str
    options: Mapping[str, Option]

    @property
    def on_error(self) -> str:
        """ABORT_STATEMENT, CONTINUE or SKIP_FILE."""
        return text_option(self.options, "ON_ERROR", "ABORT_STATEMENT").upper()

    def is_on(self, option: str) -> bool:
        """Whether an option is TRUE."""
        return is_on(self.options, option)

    @property
    def truncates(self) -> bool:
        """Whether longer texts are cut."""
        return self.is_on("TRUNCATECOLUMNS") or not is_on(self.options, "ENFORCE_LENGTH", default=True)

    @property
    def matches_names(self) -> str:
        """NONE, CASE_SENSITIVE or CASE_INSENSITIVE."""
        return text_option(self.options, "MATCH_BY_COLUMN_NAME", "NONE").upper()


def copied(sql: str) -> str | None:
    """What stands behind COPY INTO; `None` for any other statement."""
    found = _COPY.match(sql)
    return None if found is None else sql[found.end() :]


def is_location(text: str) -> bool:
    """Whether what stands behind COPY INTO is a stage or a URL, and no table."""
    return text.lstrip().startswith(("@", "'"))


def parse_copy(text: str, values: Sequence[object]) -> CopyStatement:
    """Read what stands behind COPY INTO, where that is a table.

    Raises:
        ProgrammingError: 001003, when it cannot be read.
        NotImplementedError: For options that the engine does not know.
    """
    words = Words(text, values)
    table = words.name()
    columns = words.names() if words.peek() == "(" else []
    query, stage = "", _stage_of_table(table)
    if words.accept("FROM"):
        query = words.inside_parentheses(text) if words.peek() == "(" else ""
        stage = _stage_of(query) if query else words.name()
    if not stage.startswith("@"):
        raise NotImplementedError("COPY INTO from a location that is no stage")
    options = words.options()
    for option in options:
        if option not in _OPTIONS:
            raise NotImplementedError(f"copy option {option}")
    statement = CopyStatement(table, columns, stage, query, options)
    if statement.on_error not in {"ABORT_STATEMENT", "CONTINUE", "SKIP_FILE"}:
        raise NotImplementedError(f"ON_ERROR = {statement.on_error}")
    return statement


def _stage_of_table(table: str) -> str:
    """The table's own stage, which is meant where no other is named."""
    above, dot, name = table.rpartition(".") if not table.endswith('"') else _split_quoted(table)
    return f"@{above}{dot}%{name}"


def _split_quoted(table: str) -> tuple[str, str, str]:
    """What stands before a last name in quotes, the dot, and the name."""
    start = table.rfind('"', 0, len(table) - 1)
    return table[:start].removesuffix("."), "." if table[:start].endswith(".") else "", table[start:]


def _stage_of(query: str) -> str:
    words = Words(query)
    while words.place is not None:
        if words.accept("FROM"):
            return words.name()
        words.take()
    raise unexpected("<EOF>")
