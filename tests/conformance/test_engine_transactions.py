"""Transactions: what a rollback undoes, and that a statement which fails is undone alone."""

from pathlib import Path
from typing import Any

import pytest
from snowflake.connector.errors import IntegrityError
from snowflake.snowpark import Session
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

TOO_LONG = "INSERT INTO KEPT VALUES (9, 'much too long a text')"


def rows(session: Any, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql, params=list(params) or None).collect()]


def run(session: Any, *statements: str) -> None:
    for sql in statements:
        session.sql(sql).collect()


def refusal(session: Any, sql: str) -> tuple[int, str]:
    """Code and words."""
    with pytest.raises((SnowparkSQLException, IntegrityError)) as raised:
        session.sql(sql).collect()
    error: Any = raised.value
    return int(getattr(error, "sql_error_code", None) or error.errno), str(error)


def kept(session: Any) -> list[tuple[Any, ...]]:
    return rows(session, "SELECT * FROM KEPT ORDER BY ID")


@pytest.fixture
def table(session: Session) -> Session:
    run(session, "CREATE TABLE KEPT (ID NUMBER NOT NULL, T VARCHAR(5))", "INSERT INTO KEPT VALUES (1, 'a')")
    return session


@pytest.mark.works("SQL: statements", "`BEGIN`, `COMMIT`, `ROLLBACK`")
def test_a_rollback_undoes_and_a_commit_keeps(table: Any) -> None:
    for end, left in (("ROLLBACK", 1), ("COMMIT", 2)):
        run(table, "BEGIN", "INSERT INTO KEPT VALUES (7, 'x')")
        assert len(kept(table)) == 2
        run(table, end)
        assert len(kept(table)) == left


@pytest.mark.works("SQL: statements", "A definition commits what is open")
def test_a_definition_commits_what_is_open(table: Any) -> None:
    run(table, "BEGIN", "DELETE FROM KEPT", "CREATE TABLE ANOTHER (A INT)", "ROLLBACK")
    assert kept(table) == []


@pytest.mark.works("SQL: statements", "A statement that fails in a transaction is undone alone")
@pytest.mark.parametrize(
    ("failing", "code"),
    [
        (TOO_LONG, 100078),
        ("INSERT INTO KEPT (T) VALUES ('x')", 100072),
        ("UPDATE KEPT SET ID = 'x'::NUMBER", 100038),
        ("SELECT 'x'::NUMBER", 100038),
        ("SELECT * FROM NOT_THERE", 2003),
        ("SELECT NO_SUCH_COLUMN FROM KEPT", 904),
        ("SELEC 1", 1003),
        ("INSERT OVERWRITE INTO KEPT SELECT 1, 'much too long a text'", 100078),
        (
            "MERGE INTO KEPT USING (SELECT 1 AS A UNION ALL SELECT 1) S ON ID = A WHEN MATCHED THEN UPDATE SET T = 'm'",
            100090,
        ),
    ],
)
def test_a_statement_that_fails_is_undone_alone(table: Any, failing: str, code: int) -> None:
    run(
        table,
        "BEGIN",
        "INSERT INTO KEPT VALUES (2, 'b'), (3, 'c')",
        "UPDATE KEPT SET T = T || '!' WHERE ID < 3",
        "MERGE INTO KEPT USING (SELECT 3 AS A) S ON ID = A WHEN MATCHED THEN DELETE",
    )
    assert refusal(table, failing)[0] == code
    assert kept(table) == [(1, "a!"), (2, "b!")]
    run(table, "INSERT INTO KEPT VALUES (4, 'd')")
    assert refusal(table, failing)[0] == code
    run(table, "COMMIT")
    assert kept(table) == [(1, "a!"), (2, "b!"), (4, "d")]


def test_after_a_failed_statement_a_rollback_still_undoes_all(table: Any) -> None:
    run(table, "BEGIN", "INSERT INTO KEPT VALUES (2, 'b')")
    refusal(table, TOO_LONG)
    run(table, "ROLLBACK")
    assert kept(table) == [(1, "a")]


def test_many_bound_rows_and_another_schemas_table_are_made_again(table: Session) -> None:
    schema = table.get_current_schema()
    run(table, "BEGIN")
    table.connection.cursor().executemany("INSERT INTO KEPT VALUES (?, ?)", [(k, "m") for k in (2, 3)])
    run(table, "USE SCHEMA PUBLIC")
    assert refusal(table, "SELECT 'x'::NUMBER")[0] == 100038
    run(table, "COMMIT", f"USE SCHEMA {schema}")
    assert kept(table) == [(1, "a"), (2, "m"), (3, "m")]


@pytest.mark.differs(
    "SQL: statements",
    "A statement that fails in a transaction, after one that cannot be made again",
    how="Where an earlier statement asked a model, drew a random number or read the clock, "
    "COMMIT is refused with 000603 and nothing is kept; Snowflake would have undone the failed one alone.",
)
@pytest.mark.parametrize(
    "unrepeatable",
    [
        "INSERT INTO KEPT SELECT 2, LEFT(AI_COMPLETE('llama3.1-8b', 'say x'), 5)",
        "INSERT INTO KEPT SELECT UNIFORM(1, 9, RANDOM()), 'x'",
        "INSERT INTO KEPT SELECT 2, TO_CHAR(CURRENT_TIMESTAMP(), 'MI')",
        "INSERT INTO NUMBERED (T) VALUES ('x')",
    ],
)
def test_what_cannot_be_made_again_is_not_and_the_commit_says_so(table: Any, unrepeatable: str) -> None:
    # Snowflake would keep the first row; a model asked twice, or another number, would be worse than an error.
    run(table, "CREATE TABLE NUMBERED (ID NUMBER AUTOINCREMENT, T VARCHAR)", "BEGIN", unrepeatable)
    assert refusal(table, "SELECT 'x'::NUMBER")[0] == 100038
    code, words = refusal(table, "COMMIT")
    assert code == 603
    assert "Snowflake would have undone that statement alone. Nothing was committed." in words
    assert kept(table) == [(1, "a")]
    assert rows(table, "SELECT COUNT(*) FROM NUMBERED") == [(0,)]


def test_what_others_changed_in_between_is_not_read_anew(engine: local.Engine) -> None:
    with engine.session(schema="READERS") as one, engine.session(schema="READERS") as other:
        run(one, "CREATE TABLE KEPT (ID NUMBER, T VARCHAR(5))", "CREATE TABLE SOURCE AS SELECT 1 AS ID, 'a' AS T")
        run(one, "BEGIN", "INSERT INTO KEPT SELECT * FROM SOURCE")
        run(other, "UPDATE SOURCE SET T = 'b'")
        refusal(one, "SELECT 'x'::NUMBER")
        assert refusal(one, "COMMIT")[0] == 603
        assert kept(one) == []


def test_without_autocommit_a_failed_statement_is_undone_alone_too(engine: local.Engine) -> None:
    with engine.session(autocommit=False, schema="HELD") as one, engine.session(schema="HELD") as other:
        run(one, "CREATE TABLE KEPT (ID NUMBER, T VARCHAR(5))", "INSERT INTO KEPT VALUES (1, 'a')")
        assert refusal(one, TOO_LONG)[0] == 100078
        assert kept(other) == []
        run(one, "COMMIT")
        assert kept(other) == [(1, "a")]


def test_a_cancelled_statement_is_undone_alone(table: Session) -> None:
    run(table, "BEGIN", "INSERT INTO KEPT VALUES (2, 'b')")
    endless = (
        "INSERT INTO KEPT SELECT A.RANGE, 'x' FROM RANGE(1000000) A, RANGE(1000000) B "
        "WHERE SHA2((A.RANGE * B.RANGE)::VARCHAR) = 'x'"
    )
    with pytest.raises(SnowparkSQLException) as raised:
        table.sql(endless).collect(statement_params={"STATEMENT_TIMEOUT_IN_SECONDS": "1"})
    assert raised.value.sql_error_code == 630
    run(table, "COMMIT")
    assert kept(table) == [(1, "a"), (2, "b")]


def test_texts_are_added_up_in_a_transaction_as_outside(table: Any) -> None:
    run(table, "BEGIN", "INSERT INTO KEPT VALUES (2, '5')")
    assert rows(table, "SELECT SUM(T) FROM KEPT WHERE ID = 2") == [(5.0,)]
    run(table, "COMMIT")
    assert len(kept(table)) == 2


def test_a_file_whose_loading_was_rolled_back_is_loaded_again(table: Session, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("2,b\n", encoding="utf-8")
    (tmp_path / "bad.csv").write_text("x,b\n", encoding="utf-8")
    run(table, f"CREATE STAGE FILES URL = '{tmp_path.as_uri()}/'", "BEGIN", "INSERT INTO KEPT VALUES (3, 'c')")
    load = "COPY INTO KEPT FROM @FILES FILES = ('a.csv')"
    assert refusal(table, "COPY INTO KEPT FROM @FILES FILES = ('bad.csv')")[0] == 100038
    assert kept(table) == [(1, "a"), (3, "c")]
    run(table, load, "ROLLBACK")
    assert kept(table) == [(1, "a")]
    run(table, load)
    assert kept(table) == [(1, "a"), (2, "b")]
