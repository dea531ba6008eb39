"""Names of unnamed result columns: Snowflake names one by its own text, upper case."""

from __future__ import annotations

from sqlglot import Token, TokenType, exp, tokenize

_OPENING = frozenset({TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE})
_ENDS = frozenset(
    {TokenType.FROM, TokenType.WHERE, TokenType.UNION, TokenType.EXCEPT, TokenType.INTERSECT, TokenType.SEMICOLON,
     TokenType.ORDER_BY, TokenType.LIMIT, TokenType.GROUP_BY, TokenType.HAVING, TokenType.QUALIFY}
)  # fmt: skip


def name_result_columns(statement: exp.Expr, sql: str) -> None:
    """Give every unnamed column of the outermost SELECT its name.

    Args:
        statement: The parsed statement, changed in place.
        sql: Its text, of which the names are made.
    """
    select = statement.find(exp.Select, bfs=True)
    if select is None or not all(map(_could_be_named, select.expressions)):
        return
    texts: list[str] | None = None
    columns: list[exp.Expr] = []
    for position, column in enumerate(select.expressions):
        if _has_name(column):
            columns.append(column)
            continue
        texts = _column_texts(sql) if texts is None else texts
        fits = len(texts) == len(select.expressions)
        name = texts[position] if fits else column.sql(dialect="snowflake").upper()
        columns.append(exp.alias_(column, name, quoted=True))
    select.set("expressions", columns)


def name_window_columns(statement: exp.Expr) -> None:
    """Name window columns of inner SELECTs, whose functions get other names on their way to DuckDB."""
    for window in list(statement.find_all(exp.Window)):
        if isinstance(window.parent, exp.Select) and window.arg_key == "expressions":
            name = window.sql(dialect="snowflake").upper()
            window.replace(exp.alias_(window.copy(), name, quoted=True))


def _could_be_named(column: exp.Expr) -> bool:
    return not isinstance(column, exp.Aliases)


def _has_name(column: exp.Expr) -> bool:
    if isinstance(column, exp.Dot):
        return column.find(exp.Func) is None
    return isinstance(column, exp.Column | exp.Alias | exp.Star)


def _column_texts(sql: str) -> list[str]:
    """Text of each column of the outermost SELECT."""
    texts: list[str] = []
    part: list[Token] = []
    depth, is_inside = 0, False
    for token in tokenize(sql, read="snowflake"):
        if token.token_type in _OPENING:
            depth += 1
        elif token.token_type in _CLOSING:
            depth -= 1
        if not is_inside:
            # A WITH clause's own SELECTs stand in parentheses.
            is_inside = depth == 0 and token.token_type == TokenType.SELECT
            continue
        if depth == 0 and token.token_type in _ENDS:
            break
        if depth == 0 and token.token_type == TokenType.COMMA:
            texts.append(_text(part, sql))
            part = []
        else:
            part.append(token)
    return [*texts, _text(part, sql)]


def _text(part: list[Token], sql: str) -> str:
    return sql[part[0].start : part[-1].end + 1].upper() if part else ""
