"""Reads a scripting block. What it does not know it refuses; it never guesses."""

from __future__ import annotations

import re
from itertools import islice

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.scripting.block import Assignment, Block, Handler, If, Raise, Return, Sql, Statement
from cortex_tickets.local.scripting.tokens import Token, tokens
from cortex_tickets.local.stages.words import unquoted

_UNKNOWN = frozenset({"FOR", "WHILE", "REPEAT", "LOOP", "CASE", "OPEN", "FETCH", "CLOSE", "BREAK", "CONTINUE", "AWAIT"})
_TRANSACTION_WORDS = frozenset({"TRANSACTION", "WORK", "NAME", ";", ""})
_DEFAULT_CODE = -20000


def read_block(sql: str) -> Block:
    """The block of a text that is one.

    Raises:
        ProgrammingError: 001003, for a text that cannot be read.
        NotImplementedError: For what the engine does not know.
    """
    reader = _Reader(sql)
    block = reader.block()
    reader.accept(";")
    reader.expect_end()
    return block


def is_block(sql: str) -> bool:
    """Whether a text is a block; `BEGIN;` and `BEGIN TRANSACTION` begin a transaction."""
    first, second, *_ = *(token.text for token in islice(tokens(sql), 2)), "", ""
    return first == "DECLARE" or (first == "BEGIN" and second not in _TRANSACTION_WORDS)


class _Reader:
    def __init__(self, sql: str) -> None:
        self._sql = sql
        self._tokens = list(tokens(sql))
        self._next = 0

    def peek(self, ahead: int = 0) -> str:
        place = self._next + ahead
        return self._tokens[place].text if place < len(self._tokens) else ""

    def take(self) -> Token:
        if self._next >= len(self._tokens):
            raise _unexpected("<EOF>")
        self._next += 1
        return self._tokens[self._next - 1]

    def accept(self, *words: str) -> bool:
        if [self.peek(i) for i in range(len(words))] != list(words):
            return False
        self._next += len(words)
        return True

    def expect(self, *words: str) -> None:
        for word in words:
            if not self.accept(word):
                raise _unexpected(self.peek() or "<EOF>")

    def expect_end(self) -> None:
        if self.peek():
            raise _unexpected(self.peek())

    def block(self) -> Block:
        declared: list[Assignment] = []
        exceptions: dict[str, tuple[int, str]] = {}
        if self.accept("DECLARE"):
            while self.peek() != "BEGIN":
                self._declaration(declared, exceptions)
        self.expect("BEGIN")
        statements = self._statements("EXCEPTION", "END")
        handlers = []
        if self.accept("EXCEPTION"):
            while self.peek() == "WHEN":
                handlers.append(self._handler())
        self.expect("END")
        return Block(tuple(declared), exceptions, statements, tuple(handlers))

    def _declaration(self, declared: list[Assignment], exceptions: dict[str, tuple[int, str]]) -> None:
        name = self.take().text
        if self.accept("EXCEPTION"):
            exceptions[name] = self._exception(name)
            self.expect(";")
            return
        if self.peek() in {"CURSOR", "RESULTSET"}:
            raise NotImplementedError(f"a {self.peek()} in a scripting block")
        declared.append(self._initialised(name))

    def _exception(self, name: str) -> tuple[int, str]:
        if not self.accept("("):
            return _DEFAULT_CODE, name
        sign = -1 if self.accept("-") else 1
        code = sign * int(self.take().text)
        message = unquoted(self.take().text) if self.accept(",") else name
        self.expect(")")
        return code, message

    def _initialised(self, name: str) -> Assignment:
        """The rest of `name TYPE DEFAULT expression;` or of `name := expression;`."""
        while self.peek() not in {"DEFAULT", ":=", ";", ""}:
            self.take()  # the type: a variable keeps what it is given
        if self.accept("DEFAULT") or self.accept(":="):
            return Assignment(name, self._to(";"))
        self.expect(";")
        return Assignment(name, None)

    def _handler(self) -> Handler:
        self.expect("WHEN")
        names = [self.take().text]
        while self.accept("OR"):
            names.append(self.take().text)
        if self.peek() in {"CONTINUE", "EXIT"}:
            raise NotImplementedError(f"a handler with {self.peek()}")
        self.expect("THEN")
        statements = self._statements("WHEN", "END")
        return Handler(() if names == ["OTHER"] else tuple(names), statements)

    def _statements(self, *ends: str) -> tuple[Statement, ...]:
        found: list[Statement] = []
        while self.peek() not in ends:
            found.append(self._statement())
        return tuple(found)

    def _statement(self) -> Statement:
        word = self.peek()
        if word == "IF":
            return self._if()
        if word == "DECLARE" or (word == "BEGIN" and self.peek(1) not in _TRANSACTION_WORDS):
            nested = self.block()
            self.expect(";")
            return nested
        if word in _UNKNOWN:
            raise NotImplementedError(f"{word} in a scripting block")
        return self._simple_statement()

    def _simple_statement(self) -> Statement:
        if self.accept("LET"):
            return self._initialised(self.take().text)
        if self.accept("RETURN"):
            return Return(self._to(";"))
        if self.accept("RAISE"):
            name = None if self.peek() == ";" else self.take().text
            self.expect(";")
            return Raise(name)
        if self.peek(1) == ":=":
            name = self.take().text
            self.expect(":=")
            return Assignment(name, self._to(";"))
        return self._sql_statement()

    def _if(self) -> If:
        self.expect("IF")
        branches = [(self._condition(), self._statements("ELSEIF", "ELSE", "END"))]
        while self.accept("ELSEIF"):
            branches.append((self._condition(), self._statements("ELSEIF", "ELSE", "END")))
        otherwise = self._statements("END") if self.accept("ELSE") else ()
        self.expect("END", "IF", ";")
        return If(tuple(branches), otherwise)

    def _condition(self) -> str:
        if self.peek() != "(":
            raise _unexpected(self.peek())
        return self._to("THEN")

    def _to(self, end: str) -> str:
        """The text up to `end`, which is then behind us."""
        start = self._tokens[self._next].start if self.peek() else len(self._sql)
        depth = 0
        while depth or self.peek() != end:
            token = self.take()
            depth += {"(": 1, ")": -1}.get(token.text, 0) if token.kind == "mark" else 0
        text = self._sql[start : self._tokens[self._next].start].strip()
        self.expect(end)
        if not text:
            raise _unexpected(end)
        return text

    def _sql_statement(self) -> Sql:
        first = self._next
        text = self._to(";")
        words = self._tokens[first : self._next - 1]
        into = _into(words) if words[0].text in {"SELECT", "WITH"} else None
        if into is None:
            return Sql(text)
        start, end, names = into
        offset = words[0].start
        return Sql(f"{text[: start - offset]}{text[end - offset :]}", names)


def _into(words: list[Token]) -> tuple[int, int, tuple[str, ...]] | None:
    """Where `INTO :a, :b` stands in a SELECT, and the names; `None` where there is none."""
    depth = 0
    for place, word in enumerate(words):
        depth += {"(": 1, ")": -1}.get(word.text, 0) if word.kind == "mark" else 0
        if depth == 0 and word.kind == "word" and word.text == "INTO":
            names, end = [], word.end
            for token in words[place + 1 :]:
                if token.kind == "bind":
                    names.append(re.sub("^:", "", token.text))
                elif token.text != ",":
                    break
                end = token.end
            return word.start, end, tuple(names)
    return None


def _unexpected(word: str) -> ProgrammingError:
    return ProgrammingError(
        msg=f"SQL compilation error:\nsyntax error unexpected '{word}'.", errno=1003, sqlstate="42000"
    )
