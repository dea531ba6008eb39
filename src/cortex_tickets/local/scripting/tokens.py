"""The tokens of a scripting block: enough to find where a statement ends, and which words are its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_TOKENS = re.compile(
    r"(?P<space>\s+|--[^\n]*|//[^\n]*|/\*.*?\*/)"
    r"|(?P<quoted>'(?:[^'\\]|''|\\.)*'|\"(?:[^\"]|\"\")*\"|\$\$.*?\$\$)"
    # A colon behind a value begins a path into it, and two colons are a cast.
    r"|(?P<bind>(?<![\w$\"')\]:]):[A-Za-z_]\w*)"
    r"|(?P<word>[A-Za-z_][\w$]*)"
    r"|(?P<number>\d[\w.]*)"
    r"|(?P<mark>:=|::|\|\||.)",
    re.DOTALL,
)

TokenKind = Literal["quoted", "bind", "word", "number", "mark"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: What it is.
        text: As it stands, words and binds in upper case.
        start: Where it begins.
        end: Where it ends.
    """

    kind: TokenKind
    text: str
    start: int
    end: int


def tokens(sql: str) -> Iterator[Token]:
    """The tokens of a text, without white space and comments."""
    for found in _TOKENS.finditer(sql):
        kind = found.lastgroup
        if kind in {"quoted", "number", "mark"}:
            yield Token(kind, found[0], found.start(), found.end())  # type: ignore[arg-type] # one of the three
        elif kind in {"word", "bind"}:
            yield Token(kind, found[0].upper(), found.start(), found.end())  # type: ignore[arg-type] # one of the two
