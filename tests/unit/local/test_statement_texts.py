"""Statement texts and messages: what the engine reads in them, and what it must not."""

import re

import duckdb
import pytest
from snowflake.connector.errors import ProgrammingError
from sqlglot import exp

from cortex_tickets.local.functions.constants import NotConstant, constant_value
from cortex_tickets.local.sql.dialect import parse_statement
from cortex_tickets.local.sql.errors import StatementError, to_snowflake
from cortex_tickets.local.sql.rewrites.column_names import name_result_columns
from cortex_tickets.local.sql.rewrites.session_settings import session_settings
from cortex_tickets.local.sql.session_variables import inline_variables


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT $a", "SELECT 'x'"),
        ("SELECT '$a', $1 -- $a", "SELECT '$a', $1 -- $a"),
        ("SELECT $A || $a", "SELECT 'x' || 'x'"),
        ('SELECT "$a"', 'SELECT "$a"'),
    ],
)
def test_variables_are_replaced_outside_literals(sql: str, expected: str) -> None:
    assert inline_variables(sql, {"A": "'x'"}) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("USE ROLE analyst", {"ROLE": "ANALYST"}),
        ('USE WAREHOUSE "Big"', {"WAREHOUSE": "Big"}),
        ("USE DATABASE d", {"DATABASE": "D"}),
        ("USE SCHEMA d.s", {"DATABASE": "D", "SCHEMA": "S"}),
        ("ALTER SESSION SET QUERY_TAG = 'x'", {"QUERY_TAG": "x"}),
        ("ALTER SESSION SET AUTOCOMMIT = FALSE", {"AUTOCOMMIT": "False"}),
        ("ALTER SESSION UNSET QUERY_TAG", {"QUERY_TAG": None}),
        ("SELECT 1", None),
    ],
)
def test_what_a_statement_sets(sql: str, expected: dict[str, str | None] | None) -> None:
    assert session_settings(parse_statement(sql)) == expected


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("{'a': 1, 'b': [TRUE, NULL, -2.5], 'gone': NULL}", {"a": 1, "b": [True, None, -2.5]}),
        ("PARSE_JSON('{\"x\": null}')::OBJECT", {"x": None}),
        ("('it''s')", "it's"),
    ],
)
def test_constants_are_read_before_the_statement_runs(sql: str, expected: object) -> None:
    assert constant_value(parse_statement(f"SELECT {sql}").expressions[0]) == expected


@pytest.mark.parametrize("sql", ["a", "{'a': b}", "PARSE_JSON('{')", "UPPER('a')"])
def test_all_else_is_not_constant(sql: str) -> None:
    with pytest.raises(NotConstant):
        constant_value(parse_statement(f"SELECT {sql}").expressions[0])


def test_columns_are_named_by_their_text() -> None:
    sql = "WITH a AS (SELECT 1) SELECT f(x, 'y'), b AS c, a:b::varchar FROM a"
    statement = parse_statement(sql)
    name_result_columns(statement, sql)
    assert [column.alias_or_name for column in statement.expressions] == ["F(X, 'Y')", "c", "A:B::VARCHAR"]


def test_functions_of_cortex_stay_plain_calls() -> None:
    sql = "SELECT AI_CLASSIFY(a, b, c, d), VECTOR_COSINE_SIMILARITY(a, b)"
    assert all(isinstance(column, exp.Anonymous) for column in parse_statement(sql).expressions)


def test_an_error_keeps_its_code_through_duckdb() -> None:
    error = to_snowflake(StatementError(512513, "Request failed"))
    assert (error.errno, error.raw_msg) == (512513, "Request failed")
    assert to_snowflake(NotImplementedError("this")).errno == 2
    assert to_snowflake(RuntimeError("secret text")).errno == 2
    assert "secret" not in str(to_snowflake(RuntimeError("secret text")))


def test_a_text_that_does_not_parse_has_snowflakes_code() -> None:
    with pytest.raises(ProgrammingError) as raised:
        parse_statement("SELECT (")
    assert raised.value.errno == 1003


@pytest.mark.parametrize(
    "said",
    [
        "CORTEX|604|57014|zebra",
        "Error: SF100078:zebra is too long and would be truncated",
        "Table with name zebra does not exist",
        "Function with name zebra does not exist",
        "NOT NULL constraint failed: zebra",
        'it\'s\n"zebra"',
    ],
)
@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("SELECT ?::BIGINT", 100038),
        ("SELECT ?::BOOLEAN", 100037),
        ("SELECT ?::DATE", 100040),
        ("SELECT ?::TIMESTAMPTZ", 100035),
        ("SELECT CAST(to_json(?::VARCHAR) AS BIGINT)", 100071),
        ("SELECT json_extract(?, '$.a')", 100069),
        ("SELECT strptime(?, '%Y')", 100183),
    ],
)
def test_a_value_in_a_message_cannot_say_what_the_error_is(query: str, code: int, said: str) -> None:
    with duckdb.connect() as connection, pytest.raises(duckdb.Error) as raised:
        connection.execute(query, [said])
    error = to_snowflake(raised.value)
    assert error.errno == code
    if code in (100069, 100183):
        assert "zebra" not in str(error.raw_msg)
    else:
        assert re.fullmatch(r".*(['\"]).*zebra.*\1.*", str(error.raw_msg), re.DOTALL)
