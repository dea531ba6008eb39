"""What the engine does not do, refused in words, so that nothing is silently something else."""

from __future__ import annotations

import re
from collections.abc import Callable

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

_SCHEDULES = "it runs nothing by itself"
_CODE = "it runs no code of its users"
_CLOUD = "it has no cloud storage and no services beside it"
_FILES = "its models read texts and no files"

_OBJECTS = {
    "AI FUNCTION": _CODE,
    "AGGREGATE FUNCTION": _CODE,
    "FUNCTION": _CODE,
    "PROCEDURE": _CODE,
    "NOTEBOOK": _CODE,
    "STREAMLIT": _CODE,
    "TASK": "of the statements on tasks it knows CREATE, EXECUTE, ALTER .. RESUME, ALTER .. SUSPEND and DROP",
    "STREAM": "of the statements on streams it knows CREATE and DROP",
    "PIPE": _SCHEDULES,
    "ALERT": _SCHEDULES,
    "DYNAMIC TABLE": _SCHEDULES,
    "MATERIALIZED VIEW": _SCHEDULES,
    "ICEBERG TABLE": _CLOUD,
    "EXTERNAL TABLE": _CLOUD,
    "HYBRID TABLE": _CLOUD,
    "EXTERNAL VOLUME": _CLOUD,
    "INTEGRATION": _CLOUD,
    "SECRET": _CLOUD,
    "NETWORK": _CLOUD,
    "CORTEX SEARCH SERVICE": _CLOUD,
    "SEMANTIC VIEW": _CLOUD,
    "EXPERIMENT": _CLOUD,
    "DATASET": _CLOUD,
    "MODEL": "its only models are those of its catalog and of its fine-tune jobs",
    "USER": "everybody may log in under any name",
    "MASKING POLICY": "everybody may do everything on it",
    "ROW ACCESS POLICY": "everybody may do everything on it",
    "TAG": "it keeps no tags but the query tag",
}
_WORDS = "|".join(sorted((name.replace(" ", r"\s+") for name in _OBJECTS), key=len, reverse=True))
_DEFINITION = re.compile(
    r"\s*(?:CREATE|ALTER|DROP|DESC(?:RIBE)?|EXECUTE|UNDROP)\s+(?:OR\s+(?:REPLACE|ALTER)\s+)?"
    r"(?:(?:SECURE|TRANSIENT|TEMP|TEMPORARY|API|CATALOG|NOTIFICATION|SECURITY|STORAGE)\s+)*"
    rf"(?P<what>{_WORDS})\b",
    re.IGNORECASE,
)
_OTHERS = (
    (re.compile(r"\s*CALL\b", re.IGNORECASE), "CALL", _CODE),
    (re.compile(r"\s*REVOKE\b", re.IGNORECASE), "REVOKE", "everybody may do everything on it"),
    (re.compile(r"\s*UNDROP\b", re.IGNORECASE), "UNDROP", "it keeps no history of its tables"),
    (
        re.compile(r"\s*SHOW\s+(?P<what>(?!TABLES|VIEWS|COLUMNS|SCHEMAS|DATABASES|OBJECTS|USERS|WAREHOUSES|STAGES|FILE|"
                   r"PRIMARY|UNIQUE|IMPORTED|FUNCTIONS|PROCEDURES|SEQUENCES|PARAMETERS|VARIABLES|CORTEX|TERSE)\w+)",
                   re.IGNORECASE),
        "SHOW",
        "it has no list of the kind",
    ),
)  # fmt: skip


_LEADING = re.compile(r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)


def unsupported(what: str, why: str) -> ProgrammingError:
    """000002: the engine does not do this, in Snowflake's words and with the reason."""
    return ProgrammingError(
        msg=f"Unsupported feature '{what}': the embedded engine does not have it, since {why}.",
        errno=2,
        sqlstate="0A000",
    )


def without_leading_comments(sql: str) -> str:
    """The statement from its first word on."""
    found = _LEADING.match(sql)
    return sql[found.end() :] if found else sql


def refuse_by_text(sql: str) -> None:
    """Refuse what can be told from the first words.

    Raises:
        ProgrammingError: 000002.
    """
    if found := _DEFINITION.match(sql):
        what = " ".join(found["what"].upper().split())
        raise unsupported(what, _OBJECTS[what])
    for pattern, what, why in _OTHERS:
        if found := pattern.match(sql):
            more = found.groupdict().get("what")
            raise unsupported(f"{what} {more.upper()}" if more else what, why)


def refuse_by_tree(statement: exp.Expr) -> None:
    """Refuse what stands inside a statement.

    Raises:
        ProgrammingError: 000002.
    """
    for node in statement.walk():
        refuse = _NODES.get(type(node))
        if refuse is not None:
            refuse(node)


def _table(table: exp.Expr) -> None:
    if table.args.get("when") is not None:
        raise unsupported("AT | BEFORE", "it keeps no history of its tables")
    if table.name.upper() == "PACKAGES" and table.args.get("db") is not None:
        raise unsupported("INFORMATION_SCHEMA.PACKAGES", _CODE)


def _call(call: exp.Expr) -> None:
    name = call.name.upper()
    if name in {"AI_TRANSCRIBE", "AI_PARSE_DOCUMENT", "PARSE_DOCUMENT"}:
        raise unsupported(name, _FILES)
    if name == "AI_MULTI_EMBED":
        raise unsupported(name, "its embeddings are those of texts alone")


def _file(node: exp.Expr) -> None:
    del node
    raise unsupported("TO_FILE", _FILES)


def _recognition(node: exp.Expr) -> None:
    del node
    raise unsupported("MATCH_RECOGNIZE", "DuckDB has none")


def _create(create: exp.Expr) -> None:
    kind = str(create.args.get("kind")).upper()
    if create.args.get("clone") is not None and kind != "TABLE":
        raise unsupported(f"CREATE {kind} .. CLONE", "it clones tables one by one")


def _multitable(node: exp.Expr) -> None:
    del node
    raise unsupported("INSERT ALL", "DuckDB has none")


_NODES: dict[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Table: _table,
    exp.Anonymous: _call,
    exp.Create: _create,
    exp.ToFile: _file,
    exp.MatchRecognize: _recognition,
    exp.MultitableInserts: _multitable,
}
