"""`TYPE OBJECT(a STRING, b ARRAY(STRING))`, AI_COMPLETE's other form of a response format, as a JSON schema."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from snowflake.connector.errors import ProgrammingError
from sqlglot import Token, TokenType, exp, tokenize
from sqlglot.errors import ParseError, TokenError

_MAY_HAVE_ONE = re.compile(r"\bTYPE\s+OBJECT\b", re.IGNORECASE)
_TEXTS = frozenset({exp.DType.VARCHAR, exp.DType.TEXT, exp.DType.CHAR, exp.DType.NCHAR, exp.DType.NVARCHAR})
_WHOLE = frozenset({exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT})
_NUMBERS = frozenset({exp.DType.DOUBLE, exp.DType.FLOAT})


def inline_type_literals(sql: str) -> str:
    """`sql` with each type literal written as the response format that it stands for.

    Raises:
        ProgrammingError: 001044, for a type that has no mapping to JSON, and for an empty object.

    Source:
        docs.snowflake.com/en/user-guide/snowflake-cortex/complete-structured-outputs, read 2026-11-25.
    """
    if not _MAY_HAVE_ONE.search(sql):
        return sql
    try:
        tokens = tokenize(sql, read="snowflake")
    except TokenError:
        return sql  # the parser says what is wrong
    parts: list[str] = []
    last = 0
    for place, token in enumerate(tokens):
        if token.start < last or not _begins(tokens, place):
            continue
        end = _closing(tokens, place + 2)
        if end is None:
            return sql
        parts += [sql[last : token.start], _response_format(sql[tokens[place + 1].start : end + 1])]
        last = end + 1
    return "".join(parts) + sql[last:]


def _begins(tokens: Sequence[Token], place: int) -> bool:
    """Whether a literal begins here, as an argument of AI_COMPLETE; a column may be called TYPE too."""
    following = tokens[place + 1 : place + 3]
    return (
        tokens[place].text.upper() == "TYPE"
        and tokens[place].token_type != TokenType.STRING
        and [item.text.upper() for item in following] == ["OBJECT", "("]
        and _caller(tokens, place) == "AI_COMPLETE"
    )


def _caller(tokens: Sequence[Token], place: int) -> str:
    """Name of the function in whose parentheses the token stands; empty where there are none."""
    depth = 0
    for before in range(place - 1, 0, -1):
        depth += {TokenType.R_PAREN: 1, TokenType.L_PAREN: -1}.get(tokens[before].token_type, 0)
        if depth < 0:
            return tokens[before - 1].text.upper()
    return ""


def _closing(tokens: Sequence[Token], opening: int) -> int | None:
    """Where the parenthesis ends that `opening` begins."""
    depth = 0
    for token in tokens[opening:]:
        depth += {TokenType.L_PAREN: 1, TokenType.R_PAREN: -1}.get(token.token_type, 0)
        if depth == 0:
            return token.end
    return None


def _response_format(text: str) -> str:
    try:
        kind = exp.DataType.build(text, dialect="snowflake")
    except ParseError:
        raise _refused(text) from None
    schema = json.dumps(_schema(kind))
    quoted = schema.replace("\\", "\\\\").replace("'", "''")
    return f"{{'type': 'json', 'schema': PARSE_JSON('{quoted}')}}"


def _schema(kind: exp.Expr) -> dict[str, Any]:
    """The JSON schema of one type."""
    if not isinstance(kind, exp.DataType):
        raise _refused(kind.sql(dialect="snowflake"))
    match kind.this:
        case exp.DType.OBJECT | exp.DType.STRUCT if kind.expressions:
            fields = {item.this.name: _schema(item.args["kind"]) for item in kind.expressions}
            schema: dict[str, Any] = {"type": "object", "properties": fields, "required": list(fields)}
            schema["additionalProperties"] = False
        case exp.DType.ARRAY | exp.DType.LIST if kind.expressions:
            schema = {"type": "array", "items": _schema(kind.expressions[0])}
        case exp.DType.BOOLEAN:
            schema = {"type": "boolean"}
        case exp.DType.DECIMAL:
            has_scale = len(kind.expressions) > 1 and kind.expressions[1].name != "0"
            schema = {"type": "number" if has_scale else "integer"}
        case name if name in _TEXTS:
            schema = {"type": "string"}
        case name if name in _WHOLE:
            schema = {"type": "integer"}
        case name if name in _NUMBERS:
            schema = {"type": "number"}
        case _:
            raise _refused(kind.sql(dialect="snowflake"))
    return schema


def _refused(what: str) -> ProgrammingError:
    return ProgrammingError(
        msg="SQL compilation error: error line 1 at position 0\n"
        f"Invalid argument types for function 'AI_COMPLETE': {what} in a type literal has no mapping to JSON",
        errno=1044,
        sqlstate="42P13",
    )
