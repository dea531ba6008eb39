"""Lays SQL out on lines for a reader; what stands in quotes, and every word, stays as it was."""

from __future__ import annotations

import re

_CONSTANT = r"'(?:[^'\\]|''|\\.)*'"
_NAME = r"\"(?:[^\"]|\"\")*\""
_STRING = rf"{_CONSTANT}|{_NAME}"
_LINE_END = re.compile(rf"--[^\n]*|{_STRING}|(?P<end>\n)", re.DOTALL)
_CONSTANTS = re.compile(rf"--[^\n]*|{_NAME}|(?P<constant>{_CONSTANT})", re.DOTALL)
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LAST_FOUR_DIGITS = 0xFFFF
_CLAUSE = r"\b(?:FROM|LEFT JOIN|JOIN|WHERE|GROUP BY|ORDER BY|QUALIFY|SELECT)\b"
_PIECE = re.compile(rf"(?P<string>{_STRING})|(?P<open>\()|(?P<close>\))|(?P<clause>{_CLAUSE})", re.DOTALL)
INDENT = "  "


def laid_out(query: str) -> str:
    """Return the query with a line for each clause, and inner queries indented."""
    queries = [True]  # for each parenthesis that is open, whether a query stands in it
    made, end = "", 0
    for piece in _PIECE.finditer(query):
        made += query[end : piece.start()]
        end = piece.end()
        if piece["clause"] and queries[-1]:
            made = _new_line(made, queries)
        if piece["close"] and queries.pop():
            made = _new_line(made, queries)
        if piece["open"]:
            queries.append(query[end:].startswith(("SELECT", "WITH")))
        made += piece[0]
    return made + query[end:]


def indented(text: str, by: int = 1) -> str:
    """Return the text with each of its lines indented; a line that ends inside of quotes is none."""
    space = INDENT * by
    written = _LINE_END.sub(lambda found: f"\n{space}" if found["end"] else found[0], text)
    return re.sub(r"^ +$", "", f"{space}{written}", flags=re.MULTILINE)


def visible(sql: str) -> str:
    """Return the SQL with escapes for what a reader would not see in its constants, and for `$$`.

    A task's body stands between two `$$`, so that a constant must not have them.
    """
    return _CONSTANTS.sub(lambda found: _escaped(found[0]) if found["constant"] else found[0], sql)


def _escaped(constant: str) -> str:
    written = "".join(_visible(character) for character in constant)
    return written.replace("$$", "$\\x24")


def _visible(character: str) -> str:
    if character.isprintable() or ord(character) > _LAST_FOUR_DIGITS:
        return character
    return _ESCAPES.get(character, f"\\u{ord(character):04x}")


def _new_line(made: str, queries: list[bool]) -> str:
    return made.rstrip(" ") + ("\n" + INDENT * (sum(queries) - 1) if made else "")
