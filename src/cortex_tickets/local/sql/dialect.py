"""Snowflake's dialect as the engine parses it: Cortex functions and vector functions stay plain calls."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import ClassVar

import sqlglot
from snowflake.connector.errors import ProgrammingError
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import DialectType
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError

from cortex_tickets.local.sql.refusals import without_leading_comments
from cortex_tickets.local.sql.rewrites.bind_names import PLACE

# sqlglot knows some of these with too few arguments (AI_CLASSIFY) or with another meaning
# (VECTOR_COSINE_SIMILARITY becomes a distance), silently. As plain calls they are bound by the engine.
_KEPT_PLAIN_PREFIXES = ("AI_", "VECTOR_")
_MARK = "engine$"
"""Stands before such a name while it is parsed, so that sqlglot does not know it."""
_KEPT_PLAIN = frozenset({"MD5_NUMBER_LOWER64", "MD5_NUMBER_UPPER64", "MD5_NUMBER", "PROMPT"})


def _is_kept_plain(name: str) -> bool:
    return name in _KEPT_PLAIN or name.startswith(_KEPT_PLAIN_PREFIXES)


class EngineSnowflake(Snowflake):
    """sqlglot's Snowflake without its own reading of Cortex and vector functions.

    All is done on the tokens: where sqlglot is compiled (its extra `c`), a parser has no subclass.
    """

    class Tokenizer(Snowflake.Tokenizer):
        """The tokenizer without Databricks' `?::`, which here is a bind mark and a cast."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: kind for word, kind in Snowflake.Tokenizer.KEYWORDS.items() if word != "?::"
        }

    def tokenize(self, sql: str, dialect: DialectType = None) -> list[Token]:
        """The tokens, with each `?` named by its place, and the functions that are kept plain under a marked name."""
        found = super().tokenize(sql, dialect)
        tokens: list[Token] = []
        for token, following in zip_longest(found, found[1:]):
            if token.token_type is TokenType.PLACEHOLDER:
                tokens += (_like(token, TokenType.COLON, ":"), _like(token, TokenType.VAR, f"{PLACE}{token.start}"))
            elif following and following.token_type is TokenType.L_PAREN and _is_kept_plain(token.text.upper()):
                tokens.append(_like(token, token.token_type, f"{_MARK}{token.text}"))
            else:
                tokens.append(token)
        return tokens


def _like(token: Token, kind: TokenType, text: str) -> Token:
    return Token(kind, text, token.line, token.col, token.start, token.end, token.comments)


def _unmarked(statement: exp.Expr) -> exp.Expr:
    for call in statement.find_all(exp.Anonymous):
        if call.name.startswith(_MARK):
            call.set("this", call.name.removeprefix(_MARK))
    return statement


_WORD = re.compile(r"[A-Za-z_]\w*")
# What a statement can begin with; after anything else that is a word, Snowflake stops at it.
_BEGINNINGS = frozenset(
    {"ALTER", "BEGIN", "CALL", "COMMENT", "COMMIT", "COPY", "CREATE", "DECLARE", "DELETE", "DESC", "DESCRIBE", "DROP",
     "EXECUTE", "EXPLAIN", "FROM", "GET", "GRANT", "INSERT", "LIST", "LS", "MERGE", "PUT", "REMOVE", "REVOKE", "RM",
     "ROLLBACK", "SELECT", "SET", "SHOW", "TABLE", "TRUNCATE", "UNDROP", "UNSET", "UPDATE", "USE", "VALUES", "WITH"}
)  # fmt: skip


_DIALECT = EngineSnowflake()
# Snowpark's own temporary objects are SCOPED; sqlglot does not know the word.
# sqlglot takes START for a name.
_START = re.compile(r"^START(?=\s+TRANSACTION\b)", re.IGNORECASE)
_SCOPED = re.compile(r"^(\s*CREATE\s+(?:OR\s+REPLACE\s+)?)SCOPED\s+(?=TEMP)", re.IGNORECASE)
_POSITION = ("line", "col", "start", "end")
# Snowpark writes IF NOT EXISTS behind the name, which Snowflake takes.
_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_EXISTS_LAST = re.compile(
    rf"^(\s*CREATE\s+(?:\w+\s+)*?TABLE\s+)((?:{_NAME}\.)*{_NAME})\s+(IF\s+NOT\s+EXISTS)\b", re.IGNORECASE
)


def parse_statement(text: str) -> exp.Expr:
    """The one statement of `text`.

    Raises:
        ProgrammingError: 001003, when the text cannot be parsed; the message quotes the word where it stops,
            as Snowflake's does. 000900, when there is no statement in it.
    """
    head = without_leading_comments(text)
    text = text[: len(text) - len(head)] + _START.sub("BEGIN", head)
    try:
        found: exp.Expr = sqlglot.parse_one(
            _EXISTS_LAST.sub(r"\1\3 \2", _SCOPED.sub(r"\1", text, count=1)), read=_DIALECT
        )
    except ParseError as error:
        if str(error).startswith("No expression was parsed"):
            raise ProgrammingError(
                msg="SQL compilation error:\nEmpty SQL statement.", errno=900, sqlstate="42601"
            ) from None
        raise _unexpected(error, text) from None
    except TokenError:
        raise ProgrammingError(
            msg="SQL compilation error:\nparse error: the statement ends inside a literal or a comment.",
            errno=1003,
            sqlstate="42000",
        ) from None
    _forget_positions(found)
    found = _unmarked(found)
    if isinstance(found, exp.Condition | exp.Alias) and not isinstance(found, exp.Query):
        raise _syntax_error(*_first_word(text))
    return found


def _forget_positions(statement: exp.Expr) -> None:
    """Drop where in the text each name stood: nobody asks, and copying these was a fifth of the compiling."""
    for node in statement.walk():
        if node._meta is not None:  # noqa: SLF001 - its public reading makes one where there is none
            for key in _POSITION:
                node._meta.pop(key, None)  # noqa: SLF001
            if not node._meta:  # noqa: SLF001
                node._meta = None  # noqa: SLF001


def _unexpected(error: ParseError, text: str) -> ProgrammingError:
    """Where the text stops being SQL: at its first word, if no statement begins so, or where the parser stopped."""
    line, position, word = _first_word(text)
    if word.upper() in _BEGINNINGS or not _WORD.fullmatch(word):
        found = error.errors[0] if error.errors else {}
        word = str(found.get("highlight") or "<EOF>")
        line, position = int(found.get("line") or line), max(int(found.get("col") or 0) - len(word), 0)
    return _syntax_error(line, position, word)


def _first_word(text: str) -> tuple[int, int, str]:
    """Line from 1, position from 0, and the first word behind blanks and comments."""
    start = len(text) - len(without_leading_comments(text))
    found = _WORD.match(text, start)
    before = text[:start]
    return before.count("\n") + 1, start - (before.rfind("\n") + 1), found[0] if found else text[start : start + 1]


def _syntax_error(line: int, position: int, word: str) -> ProgrammingError:
    return ProgrammingError(
        msg=f"SQL compilation error:\nsyntax error line {line} at position {position} unexpected '{word}'.",
        errno=1003,
        sqlstate="42000",
    )
