"""How the text of a staged file is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cortex_tickets.local.stages.words import Option, is_on, text_option

_TYPES = frozenset({"CSV", "JSON", "PARQUET"})
# Taken and without effect here: files are read as UTF-8, compression is seen from the file itself.
_WITHOUT_EFFECT = frozenset(
    {"COMPRESSION", "ENCODING", "BINARY_AS_TEXT", "USE_LOGICAL_TYPE", "USE_VECTORIZED_SCANNER", "COMMENT",
     "SKIP_BYTE_ORDER_MARK", "BINARY_FORMAT", "REPLACE_INVALID_CHARACTERS", "FILE_EXTENSION", "SNAPPY_COMPRESSION",
     "ALLOW_DUPLICATE", "STRIP_NULL_VALUES", "IGNORE_UTF8_ERRORS", "ENABLE_OCTAL", "MULTI_LINE", "VALIDATE_UTF8"}
)  # fmt: skip
_AUTOMATIC = frozenset({"DATE_FORMAT", "TIME_FORMAT", "TIMESTAMP_FORMAT"})
_READ = frozenset(
    {"TYPE", "FIELD_DELIMITER", "RECORD_DELIMITER", "SKIP_HEADER", "PARSE_HEADER", "FIELD_OPTIONALLY_ENCLOSED_BY",
     "ESCAPE", "ESCAPE_UNENCLOSED_FIELD", "NULL_IF", "EMPTY_FIELD_AS_NULL", "TRIM_SPACE", "SKIP_BLANK_LINES",
     "ERROR_ON_COLUMN_COUNT_MISMATCH", "STRIP_OUTER_ARRAY"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileFormat:
    """A file format; the defaults are Snowflake's.

    Source: https://docs.snowflake.com/en/sql-reference/sql/create-file-format, read 2026-11-22.

    Attributes:
        kind: CSV, JSON or PARQUET.
        delimiter: Between fields.
        skipped_lines: Lines before the first row.
        has_header: Whether the first line names the columns.
        enclosing: The quote around fields that have one; empty where there is none.
        escape: Before a character that stands for itself in an enclosed field; empty where there is none.
        escape_unenclosed: The same in a field without quotes.
        nulls: Texts that are NULL.
        empty_is_null: Whether nothing between two delimiters is NULL.
        trims: Whether space around fields goes.
        skips_blank_lines: Whether lines without a character are no rows.
        counts_columns: Whether a row with more or fewer fields than columns is an error.
        strips_array: Whether the elements of an outer array are the rows.
    """

    kind: str = "CSV"
    delimiter: str = ","
    skipped_lines: int = 0
    has_header: bool = False
    enclosing: str = ""
    escape: str = ""
    escape_unenclosed: str = "\\"
    nulls: tuple[str, ...] = ("\\N",)
    empty_is_null: bool = True
    trims: bool = False
    skips_blank_lines: bool = False
    counts_columns: bool = True
    strips_array: bool = False


def file_format(options: Mapping[str, Option]) -> FileFormat:
    """The format that options describe.

    Raises:
        NotImplementedError: For an option that would change what is read and that the engine does not know.
    """
    kind = text_option(options, "TYPE", "CSV").upper()
    if kind not in _TYPES:
        raise NotImplementedError(f"file format {kind}")
    for key in options:
        if key in _AUTOMATIC and text_option(options, key, "AUTO").upper() == "AUTO":
            continue
        if key not in _READ | _WITHOUT_EFFECT:
            raise NotImplementedError(f"file format option {key}")
    nulls = options.get("NULL_IF", ["\\N"])
    return FileFormat(
        kind=kind,
        delimiter=text_option(options, "FIELD_DELIMITER", ","),
        skipped_lines=int(text_option(options, "SKIP_HEADER", "0")),
        has_header=is_on(options, "PARSE_HEADER"),
        enclosing=_character(options, "FIELD_OPTIONALLY_ENCLOSED_BY", ""),
        escape=_character(options, "ESCAPE", ""),
        escape_unenclosed=_character(options, "ESCAPE_UNENCLOSED_FIELD", "\\"),
        nulls=tuple(nulls) if isinstance(nulls, list) else (str(nulls),),
        empty_is_null=is_on(options, "EMPTY_FIELD_AS_NULL", default=True),
        trims=is_on(options, "TRIM_SPACE"),
        skips_blank_lines=is_on(options, "SKIP_BLANK_LINES"),
        counts_columns=is_on(options, "ERROR_ON_COLUMN_COUNT_MISMATCH", default=True),
        strips_array=is_on(options, "STRIP_OUTER_ARRAY"),
    )


def _character(options: Mapping[str, Option], key: str, default: str) -> str:
    value = text_option(options, key, default)
    if value.upper() == "NONE":
        return ""
    if value.lower().startswith("0x"):
        return bytes.fromhex(value[2:]).decode()
    return value
