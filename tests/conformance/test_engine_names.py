"""Names in quotes: blanks, apostrophes and quotes in tables and columns, in statements and in refusals."""

from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

NAMES = ["My table", "L's", 'say "x"', 'it\'s "both"', "x.y!", "back\\slash"]


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


def refused(session: Any, sql: str) -> tuple[int | None, str]:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value.sql_error_code, str(raised.value.raw_message)


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_table_is_missing_whatever_its_name(session: Any, name: str) -> None:
    for sql in ("SELECT * FROM {}", "DESCRIBE TABLE {}", "DROP TABLE {}", "DELETE FROM {}", "INSERT INTO {} SELECT 1"):
        code, message = refused(session, sql.format(quoted(name)))
        assert (code, message.splitlines()[-1]) == (2003, f"Object '{name}' does not exist or not authorized.")


@pytest.mark.works("SQL: statements", "Any name in quotes")
@pytest.mark.parametrize("name", NAMES)
def test_a_table_and_its_columns_live_and_die_under_any_name(session: Any, name: str) -> None:
    table, text, number = quoted(name), quoted(f"text {name}"), quoted(f"{name} 2")
    session.sql(f"CREATE TABLE {table} ({text} VARCHAR(20), {number} INT) COMMENT = 'it''s'").collect()
    assert refused(session, f"CREATE TABLE {table} (A INT)")[0] == 2002
    session.sql(f"INSERT INTO {table} ({text}, {number}) VALUES ('x', 1)").collect()
    session.sql(f"UPDATE {table} SET {number} = {number} + 1 WHERE {text} = 'x'").collect()
    assert session.sql(f"SELECT * FROM {table}").collect()[0].as_dict(recursive=False) == {
        f"text {name}": "x",
        f"{name} 2": 2,
    }
    described = {row["name"]: row["type"] for row in session.sql(f"DESCRIBE TABLE {table}").collect()}
    assert described == {f"text {name}": "VARCHAR(20)", f"{name} 2": "NUMBER(38,0)"}
    assert [row["column_name"] for row in session.sql(f"SHOW COLUMNS IN TABLE {table}").collect()] == list(described)
    assert name in [row["name"] for row in session.sql("SHOW TABLES").collect()]
    assert refused(session, f"INSERT INTO {table} VALUES ('{'x' * 21}', 1)")[0] == 100078
    session.sql(f"ALTER TABLE {table} ADD COLUMN {quoted('more ' + name)} VARCHAR(5)").collect()
    session.sql(f"CREATE VIEW {quoted('view ' + name)} AS SELECT * FROM {table}").collect()
    assert rows(session, f"SELECT {quoted('more ' + name)} FROM {quoted('view ' + name)}") == [(None,)]
    session.sql(f"DROP VIEW {quoted('view ' + name)}").collect()
    assert rows(session, f"DROP TABLE {table}") == [(f"{name} successfully dropped.",)]
    assert refused(session, f"SELECT * FROM {table}")[0] == 2003


@pytest.mark.parametrize("name", NAMES)
def test_a_table_made_of_a_query(session: Any, name: str) -> None:
    assert rows(session, f"CREATE TABLE {quoted(name)} ({quoted(name)} VARCHAR(3)) AS SELECT 'abc'") == [
        (f"Table {name} successfully created.",)
    ]
    session.sql(f"CREATE OR REPLACE TABLE {quoted(name)} AS SELECT * FROM {quoted(name)}").collect()
    assert session.table(quoted(name)).select(quoted(name)).collect()[0][0] == "abc"


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_column_is_an_invalid_identifier(session: Any, name: str) -> None:
    session.sql("CREATE TABLE T (A INT NOT NULL)").collect()
    for sql in (
        "SELECT {0} FROM T",
        "SELECT MAX({0}) AS {0} FROM T",
        "SELECT T.{0} FROM T",
        "UPDATE T SET {0} = 1",
        "INSERT INTO T ({0}) VALUES (1)",
    ):
        code, message = refused(session, sql.format(quoted(name)))
        assert (code, message.splitlines()[-1]) == (904, f"invalid identifier '{name}'")
