"""The variables of a block, and statements in which they are bound."""

from __future__ import annotations

from collections.abc import Mapping

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.scripting.tokens import Token, tokens

Values = list[object]


def bound(sql: str, variables: Mapping[str, object]) -> tuple[str, Values]:
    """A statement with a bind mark for each `:name`, and the values in order.

    Raises:
        ProgrammingError: 000904, for a name that is no variable.
    """
    return _marked(sql, [token for token in tokens(sql) if token.kind == "bind"], variables)


def bound_expression(expression: str, variables: Mapping[str, object]) -> tuple[str, Values]:
    """A query for the value of an expression, in which variables stand with or without a colon."""
    found: list[Token] = []
    before = ""
    for token in tokens(expression):
        if token.kind == "bind" or (token.kind == "word" and before != "." and token.text in variables):
            found.append(token)
        before = token.text
    text, values = _marked(expression, found, variables)
    return f"SELECT ({text})", values


def _marked(sql: str, places: list[Token], variables: Mapping[str, object]) -> tuple[str, Values]:
    parts: list[str] = []
    values: Values = []
    last = 0
    for token in places:
        name = token.text.removeprefix(":")
        if name not in variables:
            raise ProgrammingError(
                msg=f"SQL compilation error: error line 1 at position 0\ninvalid identifier '{name}'",
                errno=904,
                sqlstate="42000",
            )
        parts += [sql[last : token.start], "?"]
        values.append(variables[name])
        last = token.end
    return "".join(parts) + sql[last:], values
