"""Snowflake's dialect as the engine parses it: Cortex functions and vector functions stay plain calls."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar

import sqlglot
from fakesnow.dialect import syntax_error
from snowflake.connector.errors import ProgrammingError
from sqlglot import TokenType, exp
from sqlglot.dialects.snowflake import Snowflake
from sqlglot.errors import ParseError, TokenError
from sqlglot.parsers.snowflake import SnowflakeParser

from cortex_tickets.local.sql.rewrites.bind_names import PLACE

# sqlglot knows some of these with too few arguments (AI_CLASSIFY) or with another meaning
# (VECTOR_COSINE_SIMILARITY becomes a distance), silently. As plain calls they are bound by the engine.
_KEPT_PLAIN_PREFIXES = ("AI_", "VECTOR_")
_KEPT_PLAIN = frozenset({"MD5_NUMBER_LOWER64", "MD5_NUMBER_UPPER64", "MD5_NUMBER", "PROMPT"})


def _is_kept_plain(name: str) -> bool:
    return name in _KEPT_PLAIN or name.startswith(_KEPT_PLAIN_PREFIXES)


class EngineSnowflake(Snowflake):
    """sqlglot's Snowflake without its own reading of Cortex and vector functions."""

    class Tokenizer(Snowflake.Tokenizer):
        """The tokenizer without Databricks' `?::`, which here is a bind mark and a cast."""

        KEYWORDS: ClassVar[dict[str, TokenType]] = {
            word: kind for word, kind in Snowflake.Tokenizer.KEYWORDS.items() if word != "?::"
        }

    class Parser(SnowflakeParser):
        """The parser with the shortened function table."""

        FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {
            name: build for name, build in SnowflakeParser.FUNCTIONS.items() if not _is_kept_plain(name)
        }
        PLACEHOLDER_PARSERS: ClassVar[dict[Any, Callable[..., Any]]] = {
            **SnowflakeParser.PLACEHOLDER_PARSERS,
            TokenType.PLACEHOLDER: lambda self: exp.Placeholder(this=f"{PLACE}{self._prev.start}"),
        }


_DIALECT = EngineSnowflake()
# Snowpark's own temporary objects are SCOPED; sqlglot does not know the word.
# sqlglot takes START for a name.
_START = re.compile(r"^\s*START(?=\s+TRANSACTION\b)", re.IGNORECASE)
_SCOPED = re.compile(r"^(\s*CREATE\s+(?:OR\s+REPLACE\s+)?)SCOPED\s+(?=TEMP)", re.IGNORECASE)
# Snowpark writes IF NOT EXISTS behind the name, which Snowflake takes.
_NAME = r'(?:"(?:[^"]|"")*"|[\w$]+)'
_EXISTS_LAST = re.compile(
    rf"^(\s*CREATE\s+(?:\w+\s+)*?TABLE\s+)((?:{_NAME}\.)*{_NAME})\s+(IF\s+NOT\s+EXISTS)\b", re.IGNORECASE
)


def parse_statement(text: str) -> exp.Expr:
    """The one statement of `text`.

    Raises:
        ProgrammingError: 001003, when the text cannot be parsed; the message quotes the text's own line,
            as Snowflake's does. 000900, when there is no statement in it.
    """
    text = _START.sub("BEGIN", text)
    try:
        return sqlglot.parse_one(_EXISTS_LAST.sub(r"\1\3 \2", _SCOPED.sub(r"\1", text, count=1)), read=_DIALECT)
    except ParseError as error:
        if str(error).startswith("No expression was parsed"):
            raise ProgrammingError(
                msg="SQL compilation error:\nEmpty SQL statement.", errno=900, sqlstate="42601"
            ) from None
        raise syntax_error(error) from None
    except TokenError:
        raise ProgrammingError(
            msg="SQL compilation error:\nparse error: the statement ends inside a literal or a comment.",
            errno=1003,
            sqlstate="42000",
        ) from None
