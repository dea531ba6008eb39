"""Several statements in one request, where the client has said how many there are."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace

from snowflake.connector.errors import ProgrammingError
from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

from cortex_tickets.local.scripting.reader import is_block
from cortex_tickets.local.sql.refusals import without_leading_comments
from cortex_tickets.local.wire.statement import Statement

_COUNT = "MULTI_STATEMENT_COUNT"
_TASK = re.compile(
    r"CREATE\s+(?:OR\s+REPLACE\s+)?TASK\b.*?\bAS\s+(?P<body>(?:BEGIN|DECLARE)\b.*)", re.IGNORECASE | re.DOTALL
)
"""A task whose body is a block."""


def several_statements(statement: Statement) -> list[Statement]:
    """The statements of a request's text, mostly the one itself.

    Raises:
        ProgrammingError: 000008, when there are not as many as the client says; 0 is any number, 1 the default.
            000002, for values bound to several statements.

    Source:
        docs.snowflake.com/en/developer-guide/sql-api/submitting-multiple-statements, read 2026-11-25.
    """
    texts = _texts_of(statement.text)
    given = statement.parameters.get(_COUNT, statement.session.parameters.get(_COUNT))
    wanted = 1 if given is None else int(given)
    if wanted not in {0, len(texts)}:
        raise ProgrammingError(
            msg=f"Actual statement count {len(texts)} did not match the desired statement count {wanted}.",
            errno=8,
            sqlstate="0A000",
        )
    if len(texts) > 1 and statement.values:
        raise ProgrammingError(
            msg="Unsupported feature 'bind variables in multiple statements'.", errno=2, sqlstate="0A000"
        )
    if len(texts) == 1:
        return [statement]
    return [replace(statement, text=text, query_id=str(uuid.uuid4())) for text in texts]


def _texts_of(text: str) -> list[str]:
    """The statements of a text; what stands behind the last semicolon counts if it is more than a comment."""
    if ";" not in text or _has_block(text):
        return [text]
    try:
        tokens = tokenize(text, read="snowflake")
    except TokenError:
        return [text]  # the parser says what is wrong
    texts: list[str] = []
    start, has_words = 0, False
    for token in tokens:
        if token.token_type == TokenType.SEMICOLON:
            texts += [text[start : token.start]] if has_words else []
            start, has_words = token.end + 1, False
        else:
            has_words = True
    if has_words:
        texts.append(text[start:])
    return texts or [text]


def _has_block(text: str) -> bool:
    """Whether the semicolons of a text are those of a scripting block."""
    task = _TASK.match(without_leading_comments(text))
    return is_block(task["body"] if task else text)
