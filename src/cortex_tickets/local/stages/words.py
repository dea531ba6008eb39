"""The words of a stage statement: these statements are names and options, and no parser knows all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from snowflake.connector.errors import ProgrammingError

Option = str | list[str] | dict[str, "Option"]

_WORDS = re.compile(
    r"(?P<space>\s+|--[^\n]*|/\*.*?\*/)"
    r"|(?P<text>'(?:[^'\\]|''|\\.)*')"
    r"|(?P<mark>=>|[(),=;?])"
    r"|(?P<word>(?:\"(?:[^\"]|\"\")*\"|(?!/\*|--)[^\s(),=;'\"?])+)",
    re.DOTALL,
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "b": "\b", "f": "\f"}
_ESCAPED = re.compile(r"''|\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Word:
    """One word.

    Attributes:
        kind: A literal's text, a mark, or a name, keyword or number.
        value: Without quotes for a text, as it stands otherwise.
        start: Where it begins in the statement.
        end: Where it ends.
    """

    kind: Literal["text", "mark", "word"]
    value: str
    start: int
    end: int


class Words:
    """The words of one statement, read from left to right.

    Args:
        sql: The statement.
        values: Bound values; each `?` reads as the text of its value.
    """

    def __init__(self, sql: str, values: Sequence[object] = ()) -> None:
        self._words = list(_read(sql, values))
        self._next = 0

    def peek(self, ahead: int = 0) -> str:
        """The word that is next, keywords in upper case; empty at the end."""
        place = self._next + ahead
        if place >= len(self._words):
            return ""
        word = self._words[place]
        return word.value.upper() if word.kind == "word" else word.value

    @property
    def place(self) -> Word | None:
        """The next word itself."""
        return self._words[self._next] if self._next < len(self._words) else None

    def take(self) -> Word:
        """The next word, which is then behind us."""
        word = self.place
        if word is None:
            raise unexpected("<EOF>")
        self._next += 1
        return word

    def accept(self, *keywords: str) -> bool:
        """Whether these keywords are next; they are then behind us."""
        if [self.peek(i) for i in range(len(keywords))] != list(keywords):
            return False
        self._next += len(keywords)
        return True

    def expect(self, keyword: str) -> None:
        """Go over a keyword that must be next."""
        if not self.accept(keyword):
            raise unexpected(self.peek() or "<EOF>")

    def name(self) -> str:
        """A name as it stands, also out of `IDENTIFIER('..')` and out of a literal."""
        if self.accept("IDENTIFIER", "("):
            name = self.take().value
            self.expect(")")
            return name
        return self.take().value

    def names(self) -> list[str]:
        """Names in parentheses."""
        self.expect("(")
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        self.expect(")")
        return found

    def inside_parentheses(self, sql: str) -> str:
        """The statement's own text between the next parenthesis and the one that closes it."""
        start = self.take().end
        depth = 1
        while True:
            word = self.take()
            if word.kind == "mark":
                depth += {"(": 1, ")": -1}.get(word.value, 0)
            if depth == 0:
                return sql[start : word.start]

    def options(self) -> dict[str, Option]:
        """`KEY = value` pairs to the end or to a closing parenthesis."""
        found: dict[str, Option] = {}
        while self.place is not None and self.peek() not in {")", ";"}:
            if self.accept(","):
                continue
            key = self.take().value.upper()
            if not self.accept("=>"):
                self.expect("=")
            found[key] = self._value()
        return found

    def _value(self) -> Option:
        if not self.accept("("):
            return self.name()
        if self.peek(1) in {"=", "=>"}:
            pairs = self.options()
            self.expect(")")
            return pairs
        texts: list[str] = []
        while not self.accept(")"):
            if not self.accept(","):
                texts.append(self.take().value)
        return texts


def text_option(options: Mapping[str, Option], key: str, default: str = "") -> str:
    """An option that is one word or text."""
    value = options.get(key, default)
    return value if isinstance(value, str) else default


def is_on(options: Mapping[str, Option], key: str, *, default: bool = False) -> bool:
    """An option that is TRUE or FALSE."""
    return text_option(options, key, str(default)).upper() == "TRUE"


def unexpected(word: str) -> ProgrammingError:
    """001003: the statement cannot be read."""
    return ProgrammingError(
        msg=f"SQL compilation error:\nsyntax error unexpected '{word}'.", errno=1003, sqlstate="42000"
    )


def unquoted(literal: str) -> str:
    """The text that a literal stands for."""
    return _ESCAPED.sub(lambda found: "'" if found[1] is None else _ESCAPES.get(found[1], found[1]), literal[1:-1])


def _read(sql: str, values: Sequence[object]) -> Iterator[Word]:
    bound = iter(values)
    place = 0
    while place < len(sql):
        found = _WORDS.match(sql, place)
        if found is None:
            raise unexpected(sql[place])
        place = found.end()
        if found.lastgroup == "text":
            yield Word("text", unquoted(found[0]), found.start(), place)
        elif found[0] == "?":
            yield Word("text", str(next(bound, "")), found.start(), place)
        elif found.lastgroup == "mark":
            yield Word("mark", found[0], found.start(), place)
        elif found.lastgroup == "word":
            yield Word("word", found[0], found.start(), place)
