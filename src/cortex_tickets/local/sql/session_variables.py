"""`$name` in a statement, replaced by the session's value; never inside a literal or a comment."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from snowflake.connector.errors import ProgrammingError
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError


def inline_variables(sql: str, variables: Mapping[str, str]) -> str:
    """`sql` with each session variable replaced by the SQL text of its value.

    Args:
        sql: The statement as it came.
        variables: SQL text by name, names in upper case.

    Raises:
        ProgrammingError: 002211, for a variable that is not set.
    """
    if "$" not in sql:
        return sql
    try:
        tokens = tokenize(sql, read="snowflake")
    except TokenError:
        return sql  # the parser says what is wrong
    parts: list[str] = []
    last = 0
    for token, following in pairwise(tokens):
        # A stage's @ is the same token.
        if token.token_type != TokenType.PARAMETER or sql[token.start] != "$" or following.start != token.end + 1:
            continue
        name = following.text.upper()
        if following.token_type == TokenType.NUMBER:
            continue
        if name not in variables:
            raise ProgrammingError(
                msg=f"SQL compilation error: error line 1 at position {token.start}\n"
                f"Session variable '${name}' does not exist",
                errno=2211,
                sqlstate="02000",
            )
        parts += [sql[last : token.start], variables[name]]
        last = following.end + 1
    return "".join(parts) + sql[last:]
