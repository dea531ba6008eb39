"""What DuckDB says, in Snowflake's words and codes."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

import duckdb
from snowflake.connector.errors import ProgrammingError

# DuckDB quotes values in its messages, and a value may say anything: so no value can know the mark, and what a message
# means is told by the kind of DuckDB's error before its words.
_MARK = f"CORTEX-{secrets.token_hex(8)}|"
_MARKED = re.compile(rf"{re.escape(_MARK)}(\d+)\|(\w{{5}})\|(.*)", re.DOTALL)


class StatementError(Exception):
    """An error that a Cortex function raises for the whole statement.

    DuckDB passes only its text on, so the text carries the code.
    """

    def __init__(self, code: int, message: str, sqlstate: str = "P0000") -> None:
        self.code = code
        self.message = message
        super().__init__(f"{_MARK}{code}|{sqlstate}|{message}")


@dataclass(frozen=True, slots=True)
class _Wording:
    """A DuckDB message, and what Snowflake says instead; `{0}` is the pattern's first group."""

    pattern: re.Pattern[str]
    code: int
    sqlstate: str
    message: str

    def error(self, named: str) -> ProgrammingError:
        return ProgrammingError(msg=self.message.format(named), errno=self.code, sqlstate=self.sqlstate)


def _wording(pattern: str, code: int, sqlstate: str, message: str) -> _Wording:
    return _Wording(re.compile(pattern, re.IGNORECASE | re.DOTALL), code, sqlstate, message)


_TOO_LONG = _wording(r"\(Error: SF100078:(.*is too long and would be truncated)\)", 100078, "22000", "{0}")
_WRONG_KIND = _wording(
    r"\(Error: SF002023:(Expression type .* for column .*)\)", 2023, "22000", "SQL compilation error:\n{0}"
)
_NOT_NULL = _wording(
    r"NOT NULL constraint failed: (?:(?:\"(?:[^\"]|\"\")*\"|[^\s.\"]+)\.)*(\"(?:[^\"]|\"\")*\"|[^\s.\"]+)",
    100072,
    "22000",
    "NULL result in a non-nullable column {0}",
)
_WORDINGS = (
    _wording(
        r"(?:Table|View)(?: Function)? with name ([^\n]+?) does not exist|"
        r"(?:Catalog|Schema) (?!Error:|with name)\"?[^\n]+?\"? does not exist",
        2003,
        "42S02",
        "SQL compilation error:\nObject '{0}' does not exist or not authorized.",
    ),
    _wording(
        r"schema with name ([^\n]+?) (?:does not exist|not found)|No schema named \"?([^\s\"!]+)",
        2003,
        "02000",
        "SQL compilation error:\nSchema '{0}' does not exist or not authorized.",
    ),
    _wording(
        r"(?:Table|View|Schema|Sequence) with name ([^\n]+?) already exists",
        2002,
        "42710",
        "SQL compilation error:\nObject '{0}' already exists.",
    ),
    _wording(
        r"(?:Scalar|Aggregate|Table|Macro)?\s*Function with name ([^\n]+?) does not exist",
        2141,
        "42601",
        "SQL compilation error:\nUnknown function {0}.",
    ),
    _wording(
        r"(?:Referenced (?:update )?column|Column with name) ([^\n]+?) (?:not found|does not exist)|"
        r"does not have a column (?:with name|named) ([^\n]+)|column \"([^\n]+?)\" not found|"
        r"Column (\"[^\n]+?\") referenced that exists in the SELECT clause",
        904,
        "42000",
        "SQL compilation error: error line 1 at position 0\ninvalid identifier '{0}'",
    ),
    _wording(
        r"has \d+ columns but|expected \d+ values? but|INSERT requires|but \d+ values were supplied",
        2020,
        "21S01",
        "SQL compilation error:\nInsert value list does not match column list",
    ),
)

_VALUE_WORDINGS = (
    _wording(
        r"\w+: list dimensions must be equal",
        1044,
        "42P13",
        "SQL compilation error: error line 1 at position 0\n"
        "Invalid argument types for a function over vectors: their dimensions differ",
    ),
    _wording(r"SF000002:(\w+ of VECTOR\(INT, n\))", 2, "0A000", "Unsupported feature '{0}'."),
    _wording(r"Division by zero", 100051, "22012", "Division by zero"),
    _wording(r"SF100097:(Duplicate field key .*)$", 100097, "22000", "{0}"),
    _wording(
        r"Type \w+ with value (\S+) can't be cast because the value is out of range",
        100039,
        "22003",
        "Numeric value '{0}' is out of range",
    ),
    _wording(r"Malformed JSON", 100069, "22P02", "Error parsing JSON: the text is no JSON document"),
    _wording(
        r"Could not convert string (?:'(.*)'|\"(.*)\") to BOOL\b",
        100037,
        "22018",
        "Boolean value '{0}' is not recognized",
    ),
    _wording(
        r"Could not convert string (?:'(.*)'|\"(.*)\") to \w", 100038, "22018", "Numeric value '{0}' is not recognized"
    ),
    _wording(r"(?:invalid )?date field [^\"]*\"(.*)\", expected", 100040, "22007", "Date '{0}' is not recognized"),
    _wording(
        r"(?:invalid )?timestamp field [^\"]*\"(.*)\", expected", 100035, "22007", "Timestamp '{0}' is not recognized"
    ),
    _wording(
        r'Failed to cast value to \w+: "?(.*?)"?$', 100071, "22000", 'Failed to cast variant value "{0}" to FIXED'
    ),
)
"""What DuckDB says of a value that is not of the form asked for. Snowflake quotes the value, too.

Source:
    Messages with their codes on docs.snowflake.com (data types, BOOLAND_AGG, PARSE_JSON) and in public reports, read
    2026-11-25.
"""


_OF_TEXTS = re.compile(r"function call \"[-+*/%]\(|argument types '[-+*/%]\((?=[^']*(?:VARCHAR|STRING_LITERAL))")


def to_snowflake(error: BaseException) -> ProgrammingError:
    """The error that the client sees for whatever a statement raised."""
    if isinstance(error, ProgrammingError):
        cause = error.__cause__
        return to_snowflake(cause) if isinstance(cause, duckdb.Error) else error
    text = str(error)
    if marked := _MARKED.search(text):
        return ProgrammingError(msg=marked[3].strip(), errno=int(marked[1]), sqlstate=marked[2])
    if isinstance(error, duckdb.InterruptException):
        return canceled()
    if isinstance(error, duckdb.ConversionException | duckdb.InvalidInputException):
        return _of_value(error, text.rsplit("\n\nLINE ", 1)[0])
    wordings = (_TOO_LONG, _WRONG_KIND, _NOT_NULL) if isinstance(error, duckdb.ConstraintException) else _WORDINGS
    for wording in wordings:
        if found := wording.pattern.search(text):
            name = _plain(next((group for group in found.groups() if group), ""))
            return wording.error(name.upper() if wording.code == 2141 else name)  # noqa: PLR2004 - the code of the line above
    return _by_class(error, text)


def _of_value(error: duckdb.Error, text: str) -> ProgrammingError:
    """An error about a value: the words before it say what is wrong with it."""
    for wording in _VALUE_WORDINGS:
        if found := wording.pattern.match(text, text.find(": ") + 2):
            return wording.error(next((group for group in found.groups() if group is not None), ""))
    said = re.split(r"['\"]", text, maxsplit=1)[0].strip()
    if isinstance(error, duckdb.ConversionException):
        return ProgrammingError(msg=said, errno=100038, sqlstate="22018")
    return ProgrammingError(msg=said, errno=100183, sqlstate="P0000")


def _plain(name: str) -> str:
    """A name without the quotes that DuckDB puts around some."""
    is_quoted = len(name) > len('""') and name.startswith('"') and name.endswith('"')
    return name[1:-1].replace('""', '"') if is_quoted else name


def canceled() -> ProgrammingError:
    """000604: the statement was cancelled."""
    return ProgrammingError(msg="SQL execution canceled", errno=604, sqlstate="57014")


def timed_out(seconds: int) -> ProgrammingError:
    """000630: the statement met its own time limit."""
    return ProgrammingError(
        msg=f"Statement reached its statement or warehouse timeout of {seconds} second(s) and was canceled.",
        errno=630,
        sqlstate="57014",
    )


def _by_class(error: BaseException, text: str) -> ProgrammingError:
    """An error that no wording knows; DuckDB's own first line, without the statement it quotes."""
    first = text.split("\n", 1)[0]
    if (lack := _lack(error, first)) is not None:
        return ProgrammingError(msg=f"Unsupported feature {lack}.", errno=2, sqlstate="0A000")
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
        return ProgrammingError(msg=f"SQL compilation error:\n{first}", errno=1003, sqlstate="42000")
    if isinstance(error, duckdb.TransactionException):
        return ProgrammingError(msg=first, errno=603, sqlstate="40001")
    if isinstance(error, duckdb.ConstraintException):
        # A key that stands twice is quoted.
        first = re.split(r"['\"]", first, maxsplit=1)[0].strip()
    if isinstance(error, duckdb.Error):
        return ProgrammingError(msg=first, errno=100183, sqlstate="P0000")
    return ProgrammingError(
        msg=f"The embedded engine does not know this statement ({type(error).__name__}).",
        errno=2,
        sqlstate="0A000",
    )


def _lack(error: BaseException, first: str) -> str | None:
    """What the engine or DuckDB has not, where that is what the error says."""
    if isinstance(error, NotImplementedError | duckdb.NotImplementedException):
        return f"'{first}'"
    if isinstance(error, RecursionError):
        return "'deep nesting': the embedded engine reads no statement that is nested so deeply"
    if isinstance(error, duckdb.ParserException):
        # It was read as Snowflake's SQL, and is none of DuckDB's.
        near = re.search(r'at or near "+([^"]*)', first)
        what = f"near {near[1].upper()}" if near else "this statement"
        return f"'{what}': the embedded engine does not have it, since DuckDB has no such syntax"
    if isinstance(error, duckdb.BinderException) and _OF_TEXTS.search(first):
        return "'arithmetic with a text': the embedded engine does not have it; cast the text to a number"
    return None
