"""What Snowflake said when it refused a statement, without a value of a row: that may be a ticket's text."""

from __future__ import annotations

import re

_NOTHING = "Snowflake gave no reason"
_UNREADABLE = "A value in the table is not of the form that this page needs"
_VALUE_CODES = range(100_035, 100_079)
"""Codes of messages that print a value, some of them without quotes."""
_PLACE = re.compile(r"\s*\berror line \d+ at position \d+\s*")
"""A place in a statement that no reader sees."""
_OPENING = "'\"‘’“”`{["
# From the first quote or bracket to the end: a quoted text may hold quotes itself.
_QUOTED = re.compile(rf"[{re.escape(_OPENING)}].*", re.DOTALL)
_NAME = re.compile(
    r"(?P<before>invalid identifier|Object|Table|View|Schema|Database) "
    r"'(?P<path>(?:\"[^\"']+\"|[\w$]+)(?:\.(?:\"[^\"']+\"|[\w$]+))*)'(?P<after>[^'\"]*)"
)
"""A message about a name that is not there, from its first quote on."""
_MOST = 300


def said_without_values(message: str, statement: str, code: object = None) -> str:
    """Return what a message says on one line, without what it quotes.

    A name that is not there stays, as nobody could mend it otherwise: the statement has it, and the statement has no
    text of a ticket.

    Args:
        message: What Snowflake said, on one line or several.
        statement: What was refused, without the values that were bound in it.
        code: Snowflake's code of the failure; `None` where it gave none.
    """
    if str(code).isdecimal() and int(str(code)) in _VALUE_CODES:
        return _UNREADABLE
    said = " ".join(_PLACE.sub(" ", message).split())
    named = _NAME.search(said)
    if named is None or not _is_in(named["path"], statement) or any(one in said[: named.start()] for one in _OPENING):
        said = _QUOTED.sub("'…'", said)
    return (said if len(said) <= _MOST else f"{said[:_MOST]}…") or _NOTHING


def _is_in(path: str, statement: str) -> bool:
    name = path.replace('"', "").rpartition(".")[2]
    return re.search(rf"(?<![\w$]){re.escape(name)}(?![\w$])", statement, re.IGNORECASE) is not None
