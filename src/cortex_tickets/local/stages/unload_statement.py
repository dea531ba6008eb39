"""COPY INTO a stage, read from its words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.stages.words import Option, Words, is_on, text_option

_OPTIONS = frozenset(
    {"FILE_FORMAT", "OVERWRITE", "SINGLE", "MAX_FILE_SIZE", "INCLUDE_QUERY_ID", "DETAILED_OUTPUT", "HEADER",
     "VALIDATION_MODE", "STATEMENT_PARAMS"}
)  # fmt: skip
_CLOUD = frozenset({"STORAGE_INTEGRATION", "CREDENTIALS", "ENCRYPTION"})


@dataclass(frozen=True, slots=True)
class UnloadStatement:
    """COPY INTO a stage.

    Attributes:
        stage: The stage and path.
        query: Text of the SELECT whose rows are written.
        options: The options.
    """

    stage: str
    query: str
    options: Mapping[str, Option]

    def is_on(self, option: str) -> bool:
        """Whether an option is TRUE."""
        return is_on(self.options, option)

    @property
    def only_shows(self) -> bool:
        """Whether the rows come back and no file is written."""
        return text_option(self.options, "VALIDATION_MODE").upper() == "RETURN_ROWS"


def parse_unload(text: str, values: Sequence[object]) -> UnloadStatement:
    """Read what stands behind COPY INTO, where that is a location.

    Raises:
        ProgrammingError: 001003, when it cannot be read; 000002, for what the engine cannot do.
    """
    words = Words(text, values)
    stage = words.name()
    if not stage.startswith("@"):
        raise unsupported("COPY INTO a URL", "it has no cloud storage: give a stage over file:///a/folder/")
    words.expect("FROM")
    query = words.inside_parentheses(text) if words.peek() == "(" else f"SELECT * FROM {words.name()}"
    if words.accept("PARTITION", "BY"):
        raise unsupported("PARTITION BY in COPY INTO a stage", "it writes one file")
    options = words.options()
    for option in options:
        if option in _CLOUD:
            raise unsupported(f"{option} in COPY INTO a stage", "it has no cloud storage")
        if option not in _OPTIONS:
            raise NotImplementedError(f"copy option {option}")
    if is_on(options, "INCLUDE_QUERY_ID"):
        raise unsupported("INCLUDE_QUERY_ID in COPY INTO a stage", "it writes one file")
    return UnloadStatement(stage, query, options)
