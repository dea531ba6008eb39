"""Streams on the engine: the offset moves with the statement that uses the changes, or not at all."""

import threading
from pathlib import Path
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

CHANGES = "SELECT ID, X, METADATA$ACTION FROM S ORDER BY ID, METADATA$ACTION"


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


def run(session: Any, *statements: str) -> None:
    for statement in statements:
        session.sql(statement).collect()


def has_data(session: Any, name: str = "S") -> bool:
    ((answer,),) = rows(session, f"SELECT SYSTEM$STREAM_HAS_DATA('{name}')")
    return bool(answer)


@pytest.fixture
def table(session: Any) -> Any:
    run(
        session,
        "CREATE TABLE T (ID NUMBER, X VARCHAR)",
        "INSERT INTO T VALUES (1, 'a'), (2, 'b')",
        "CREATE TABLE SEEN (ID NUMBER, X VARCHAR)",
        "CREATE STREAM S ON TABLE T COMMENT = 'it''s new; all of it'",
    )
    return session


@pytest.mark.works("SQL: statements", "`CREATE STREAM`, `SYSTEM$STREAM_HAS_DATA`")
def test_a_stream_shows_what_changed_since_it_was_made(table: Any) -> None:
    assert (rows(table, CHANGES), has_data(table)) == ([], False)
    run(
        table,
        "INSERT INTO T VALUES (3, 'c'), (3, 'c')",
        "UPDATE T SET X = 'z' WHERE ID = 1",
        "DELETE FROM T WHERE ID = 2",
    )
    assert rows(table, CHANGES) == [
        (1, "a", "DELETE"),
        (1, "z", "INSERT"),
        (2, "b", "DELETE"),
        (3, "c", "INSERT"),
        (3, "c", "INSERT"),
    ]
    assert has_data(table)


def test_what_came_and_went_in_between_is_not_shown(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (9, 'x')", "DELETE FROM T WHERE ID = 9", "UPDATE T SET X = 'a' WHERE ID = 1")
    assert rows(table, CHANGES) == []


def test_a_query_leaves_the_stream_as_it_is(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')")
    assert rows(table, CHANGES) == rows(table, CHANGES) == [(3, "c", "INSERT")]


USES = [
    "INSERT INTO SEEN SELECT ID, X FROM S WHERE METADATA$ACTION = 'INSERT'",
    "INSERT INTO SEEN WITH NEW AS (SELECT * FROM S) SELECT ID, X FROM NEW",
    "MERGE INTO SEEN USING (SELECT ID, X FROM S) N ON SEEN.ID = N.ID WHEN NOT MATCHED THEN INSERT (ID) VALUES (N.ID)",
    "MERGE INTO SEEN USING S ON SEEN.ID = S.ID WHEN NOT MATCHED THEN INSERT (ID, X) VALUES (S.ID, S.X)",
    "UPDATE SEEN SET X = S.X FROM S WHERE SEEN.ID = S.ID",
    "DELETE FROM SEEN WHERE ID IN (SELECT ID FROM S)",
    "CREATE TABLE TAKEN AS SELECT ID, X FROM S",
    "CREATE TEMPORARY TABLE UNUSED AS SELECT * FROM S WHERE 1 = 0",
]


@pytest.mark.parametrize("use", USES)
def test_a_statement_that_uses_the_changes_moves_the_offset(table: Any, use: str) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')", use)
    assert (rows(table, CHANGES), has_data(table)) == ([], False)
    run(table, "INSERT INTO T VALUES (4, 'd')")
    assert rows(table, CHANGES) == [(4, "d", "INSERT")]


def test_the_statement_gets_each_change_once(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c'), (4, 'd')", USES[0], "INSERT INTO T VALUES (5, 'e')", USES[0], USES[0])
    assert rows(table, "SELECT ID FROM SEEN ORDER BY ID") == [(3,), (4,), (5,)]


def test_a_statement_that_fails_leaves_the_offset(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'no number')")
    with pytest.raises(SnowparkSQLException):
        run(table, "INSERT INTO SEEN SELECT X::NUMBER, X FROM S")
    assert rows(table, "SELECT * FROM SEEN") == []
    assert rows(table, CHANGES) == [(3, "no number", "INSERT")]


def test_what_the_statement_does_to_the_table_itself_is_shown_next_time(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')", "INSERT INTO T SELECT ID + 10, X FROM S")
    assert rows(table, CHANGES) == [(13, "c", "INSERT")]


def test_each_of_two_streams_has_an_offset_of_its_own(table: Any) -> None:
    run(table, "CREATE STREAM OTHER ON TABLE T", "INSERT INTO T VALUES (3, 'c')", USES[0])
    assert rows(table, "SELECT ID FROM OTHER") == [(3,)]
    run(
        table,
        "INSERT INTO T VALUES (4, 'd')",
        "INSERT INTO SEEN SELECT S.ID, OTHER.X FROM S JOIN OTHER ON S.ID = OTHER.ID",
    )
    assert (has_data(table), has_data(table, "OTHER")) == (False, False)


def test_two_that_use_one_stream_at_once_share_its_changes_without_a_gap(engine: local.Engine, table: Any) -> None:
    run(table, "INSERT INTO T SELECT SEQ4() + 100, 'n' FROM TABLE(GENERATOR(ROWCOUNT => 50))")
    schema = table.get_current_schema()
    failed: list[BaseException] = []

    def use() -> None:
        with engine.session(schema=schema.strip('"')) as own:
            try:
                run(own, USES[0])
            except BaseException as error:  # noqa: BLE001 - told by the test itself
                failed.append(error)

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(table, "SELECT COUNT(*), COUNT(DISTINCT ID) FROM SEEN") == [(50, 50)]
    assert not has_data(table)


def test_a_name_stands_for_the_table_again_when_the_stream_is_gone(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')")
    assert len(rows(table, "SELECT * FROM S")) == 1
    run(table, "DROP STREAM S", "CREATE TABLE S (ID NUMBER)")
    assert rows(table, "SELECT * FROM S") == []
    run(table, "DROP STREAM IF EXISTS S")


def test_a_name_may_be_anything_in_quotes(table: Any) -> None:
    run(table, 'CREATE OR REPLACE STREAM "it\'s ""new"" $1" ON TABLE T', "INSERT INTO T VALUES (3, 'c')")
    assert has_data(table, '"it\'\'s ""new"" $1"')
    assert rows(table, 'SELECT ID FROM "it\'s ""new"" $1"') == [(3,)]


def test_made_twice_it_keeps_its_place_and_replaced_it_begins_anew(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')", "CREATE STREAM IF NOT EXISTS S ON TABLE T")
    assert has_data(table)
    with pytest.raises(SnowparkSQLException, match="already exists"):
        run(table, "CREATE STREAM S ON TABLE T")
    run(table, "CREATE OR REPLACE STREAM S ON TABLE T")
    assert not has_data(table)


@pytest.mark.parametrize("lost", ["DROP TABLE T", "CREATE OR REPLACE TABLE T AS SELECT 1 AS ID, 'a' AS X"])
def test_a_table_that_is_dropped_or_replaced_takes_its_history_along(table: Any, lost: str) -> None:
    run(table, lost)
    for reading in (CHANGES, USES[0], "SELECT SYSTEM$STREAM_HAS_DATA('S')"):
        with pytest.raises(SnowparkSQLException, match=r"091901.*dropped, cannot read from stream"):
            run(table, reading)


def test_a_statement_that_makes_the_table_if_it_is_missing_changes_nothing(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')", "CREATE TABLE IF NOT EXISTS T (ID NUMBER, X VARCHAR)")
    assert has_data(table)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE STREAM A ON VIEW V", "a stream on a VIEW"),
        ("CREATE STREAM A ON TABLE T APPEND_ONLY = TRUE", "APPEND_ONLY = TRUE"),
        ("CREATE STREAM A ON TABLE T SHOW_INITIAL_ROWS = TRUE", "SHOW_INITIAL_ROWS = TRUE"),
        ("CREATE STREAM A ON TABLE T BEFORE (OFFSET => -60)", "a point in the past"),
        ("CREATE STREAM A ON TABLE T SPEED = FAST", "unexpected 'SPEED'"),
        ("CREATE STREAM A ON TABLE NOWHERE", "NOWHERE' does not exist"),
        ("CREATE STREAM A T", "unexpected 'T'"),
        ("DROP STREAM NOWHERE", "NOWHERE' does not exist"),
        ("SELECT SYSTEM$STREAM_HAS_DATA('NOWHERE')", "NOWHERE' does not exist"),
        ("SELECT SYSTEM$STREAM_HAS_DATA(X) FROM T", "of anything but one text"),
        ("CREATE VIEW V AS SELECT * FROM S", "a view over a stream"),
        ("CREATE TABLE A (ID NUMBER, X VARCHAR(20)) AS SELECT ID, X FROM S", "lengths of text that is filled"),
        ("ALTER TABLE T ADD COLUMN Y NUMBER", "ALTER of a table that has a stream"),
        ("SELECT METADATA$ISUPDATE FROM S", "METADATA$ISUPDATE"),
    ],
)
def test_what_the_engine_cannot_do_is_refused_by_name(table: Any, statement: str, said: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        run(table, statement)
    assert said in str(raised.value)


def test_a_temporary_table_has_no_stream(table: Any) -> None:
    run(table, "CREATE TEMPORARY TABLE OWN (ID NUMBER)")
    with pytest.raises(SnowparkSQLException, match="temporary table"):
        run(table, "CREATE STREAM A ON TABLE OWN")


def test_in_a_transaction_of_several_statements_a_stream_cannot_be_used(table: Any) -> None:
    run(table, "INSERT INTO T VALUES (3, 'c')", "BEGIN")
    with pytest.raises(SnowparkSQLException, match="transaction of several statements"):
        run(table, USES[0])
    run(table, "ROLLBACK")
    assert has_data(table)


def test_a_statement_that_writes_in_another_database_cannot_use_it(table: Any) -> None:
    schema = table.get_fully_qualified_current_schema()
    run(table, "INSERT INTO T VALUES (3, 'c')", "CREATE DATABASE IF NOT EXISTS ELSEWHERE", f"USE SCHEMA {schema}")
    run(table, "CREATE OR REPLACE TABLE ELSEWHERE.PUBLIC.SEEN (ID NUMBER, X VARCHAR)")
    with pytest.raises(SnowparkSQLException, match="writes in another database"):
        run(table, "INSERT INTO ELSEWHERE.PUBLIC.SEEN SELECT ID, X FROM S")
    assert has_data(table)


@pytest.mark.works("Sessions and state", "Streams and tasks survive a restart")
def test_a_stream_outlives_an_engine_that_keeps_files(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    with local.Engine(folder) as engine, engine.session() as session:
        run(session, "CREATE TABLE T (ID NUMBER)", "CREATE STREAM S ON TABLE T", "INSERT INTO T VALUES (1)")
        run(session, "CREATE TABLE GONE (ID NUMBER)", "CREATE STREAM LOST ON TABLE GONE", "DROP TABLE GONE")
    with local.Engine(folder) as engine, engine.session() as session:
        assert rows(session, "SELECT ID, METADATA$ACTION FROM S") == [(1, "INSERT")]
        run(session, "CREATE TABLE SEEN AS SELECT ID FROM S", "INSERT INTO T VALUES (2)")
        with pytest.raises(SnowparkSQLException, match="dropped, cannot read"):
            rows(session, "SELECT * FROM LOST")
    with local.Engine(folder) as engine, engine.session() as session:
        assert rows(session, "SELECT ID FROM S") == [(2,)]
