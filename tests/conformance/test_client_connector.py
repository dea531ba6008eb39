"""The Python connector on the engine, as programs use it that know nothing of Snowpark."""

import datetime as dt
import decimal
from collections.abc import Iterator
from typing import Any

import pandas as pd  # type: ignore[import-untyped]  # its stubs are a package of their own
import pytest
import snowflake.connector
from snowflake.connector import DictCursor
from snowflake.connector.errors import ProgrammingError

from cortex_tickets import local

CLIENT = "Python connector"


@pytest.fixture
def connection(engine: local.Engine, session: Any) -> Iterator[Any]:
    """A connection in the schema of this test."""
    schema = session.get_current_schema().strip('"')
    parameters = engine.connection_parameters | {"schema": schema, "database": "CORTEX_TICKETS"}
    with snowflake.connector.connect(**parameters) as opened:
        yield opened


class TestCursors:
    @pytest.mark.works(CLIENT, "`execute`, `fetchone`, `fetchmany`, `fetchall`", "`description`", "`sfqid`")
    def test_rows_come_as_asked_for(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT COLUMN1 AS N, COLUMN2 AS T FROM VALUES (1, 'a'), (2, 'b'), (3, NULL) ORDER BY N")
        assert [column.name for column in cursor.description] == ["N", "T"]
        assert cursor.fetchone() == (1, "a")
        assert cursor.fetchmany(1) == [(2, "b")]
        assert cursor.fetchall() == [(3, None)]
        assert cursor.rowcount == 3
        assert len(cursor.sfqid) == 36

    @pytest.mark.works(CLIENT, "`DictCursor`")
    def test_rows_come_as_dictionaries(self, connection: Any) -> None:
        assert connection.cursor(DictCursor).execute("SELECT 1 AS A, 'x' AS B").fetchall() == [{"A": 1, "B": "x"}]

    @pytest.mark.works(CLIENT, "`fetch_pandas_all`", "`fetch_arrow_all`")
    def test_rows_come_as_frames(self, connection: Any) -> None:
        cursor = connection.cursor().execute("SELECT 1 AS A, 'x' AS B")
        pd.testing.assert_frame_equal(
            cursor.fetch_pandas_all(), pd.DataFrame({"A": [1], "B": ["x"]}), check_dtype=False
        )
        assert connection.cursor().execute("SELECT 1 AS A").fetch_arrow_all().to_pydict() == {"A": [1]}

    @pytest.mark.works(CLIENT, "Values of every type, both ways")
    @pytest.mark.parametrize("style", ["pyformat", "qmark"])
    def test_values_go_and_come(self, engine: local.Engine, style: str) -> None:
        moment = dt.datetime(2024, 1, 2, 3, 4, 5, 678)  # noqa: DTZ001 - NTZ has no zone
        day, time, number = moment.date(), moment.time(), decimal.Decimal("1.50")
        given = (1, 2.5, "it's\n%s", True, None, day, time, number, b"\x00\xff", moment)
        columns = (
            "A INT, B FLOAT, C VARCHAR, D BOOLEAN, E INT, F DATE, G TIME, H NUMBER(9, 2), I BINARY, J TIMESTAMP_NTZ"
        )
        with snowflake.connector.connect(**engine.connection_parameters, paramstyle=style) as connection:
            cursor: Any = connection.cursor()
            cursor.execute(f"CREATE OR REPLACE TEMPORARY TABLE TYPED ({columns})")
            places = ", ".join([{"pyformat": "%s", "qmark": "?"}[style]] * len(given))
            cursor.execute(f"INSERT INTO TYPED SELECT {places}", given)
            assert cursor.execute("SELECT * FROM TYPED").fetchone() == given

    @pytest.mark.works(CLIENT, "`executemany`", "`rowcount`")
    def test_many_rows_at_once(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE MANY (A INT, B VARCHAR)")
        cursor.executemany("INSERT INTO MANY VALUES (%s, %s)", [(number, f"t{number}") for number in range(50)])
        assert cursor.rowcount == 50
        assert cursor.execute("UPDATE MANY SET B = 'x' WHERE A < 10").rowcount == 10

    @pytest.mark.works(CLIENT, "Bound values in `qmark` and `numeric` style")
    @pytest.mark.parametrize(("style", "sql"), [("qmark", "SELECT ?, ?"), ("numeric", "SELECT :1, :2")])
    def test_values_are_bound_by_the_server(self, engine: local.Engine, style: str, sql: str) -> None:
        with snowflake.connector.connect(**engine.connection_parameters, paramstyle=style) as connection:
            cursor: Any = connection.cursor()
            assert cursor.execute(sql, ("it's", 2)).fetchone() == ("it's", 2)

    @pytest.mark.works(CLIENT, "`describe`")
    def test_a_statement_is_described_and_not_run(self, connection: Any) -> None:
        described = connection.cursor().describe("SELECT 1 AS A, 'x' AS B")
        assert [column.name for column in described] == ["A", "B"]

    @pytest.mark.works(CLIENT, "Errors: `errno`, `sqlstate`, `sfqid`")
    def test_an_error_has_snowflakes_number(self, connection: Any) -> None:
        with pytest.raises(ProgrammingError) as raised:
            connection.cursor().execute("SELECT * FROM NOT_THERE")
        assert (raised.value.errno, raised.value.sqlstate) == (2003, "42S02")
        assert raised.value.sfqid


class TestAsynchronous:
    @pytest.mark.works(CLIENT, "`execute_async`", "`get_query_status`", "`get_results_from_sfqid`")
    def test_a_statement_is_sent_and_fetched_later(self, connection: Any) -> None:
        cursor = connection.cursor()
        query_id = cursor.execute_async("SELECT 41 + 1")["queryId"]
        later = connection.cursor()
        later.get_results_from_sfqid(query_id)
        assert later.fetchall() == [(42,)]
        assert not connection.is_still_running(connection.get_query_status(query_id))


class TestSeveralStatements:
    @pytest.mark.works(CLIENT, "`execute(num_statements=)`", "`nextset`")
    def test_each_has_its_result(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE S (A INT); INSERT INTO S VALUES (1), (2); SELECT ';' AS C; ", num_statements=3)
        assert cursor.fetchall() == [("Table S successfully created.",)]
        assert cursor.nextset() is cursor
        assert cursor.rowcount == 2
        cursor.nextset()
        assert cursor.fetchall() == [(";",)]
        assert cursor.nextset() is None

    @pytest.mark.works(CLIENT, "`execute_string`")
    def test_a_script_is_cut_by_the_client(self, connection: Any) -> None:
        cursors = list(connection.execute_string("SELECT 1; SELECT 'a;b'; -- the end"))
        assert [cursor.fetchall() for cursor in cursors[:2]] == [[(1,)], [("a;b",)]]

    def test_any_number_is_asked_for_by_zero(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT 1; SELECT 2", num_statements=0)
        cursor.nextset()
        assert cursor.fetchall() == [(2,)]

    @pytest.mark.parametrize(
        ("n_told", "said"), [(None, "count 2 did not match the desired statement count 1"), (3, "2")]
    )
    def test_another_number_than_told_is_refused_and_nothing_is_run(
        self, connection: Any, n_told: int | None, said: str
    ) -> None:
        with pytest.raises(ProgrammingError, match=said) as raised:
            connection.cursor().execute("CREATE TABLE NEVER (A INT); SELECT 1", num_statements=n_told)
        assert raised.value.errno == 8
        assert connection.cursor().execute("SHOW TABLES LIKE 'NEVER'").fetchall() == []

    def test_what_stands_before_the_one_that_fails_is_done(self, connection: Any) -> None:
        with pytest.raises(ProgrammingError) as raised:
            connection.cursor().execute("CREATE TABLE FIRST (A INT); SELECT * FROM NOT_THERE", num_statements=2)
        assert raised.value.errno == 2003
        assert len(connection.cursor().execute("SHOW TABLES LIKE 'FIRST'").fetchall()) == 1

    def test_semicolons_of_a_block_end_no_statement(self, connection: Any) -> None:
        block = "BEGIN LET x := 1; RETURN x; END;"
        assert connection.cursor().execute(block).fetchall() == [(1,)]


class TestSession:
    @pytest.mark.works(CLIENT, "`commit`, `rollback`, `autocommit`")
    def test_changes_are_taken_back(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE R (A INT)")
        connection.autocommit(False)  # noqa: FBT003 - the connector's own form
        cursor.execute("INSERT INTO R VALUES (1)")
        connection.rollback()
        cursor.execute("INSERT INTO R VALUES (2)")
        connection.commit()
        connection.autocommit(True)  # noqa: FBT003 - the connector's own form
        assert cursor.execute("SELECT A FROM R").fetchall() == [(2,)]

    @pytest.mark.works(CLIENT, "Session parameters", "`SHOW PARAMETERS`, `SHOW VARIABLES`, `SHOW WAREHOUSES`")
    def test_what_is_set_is_shown(self, engine: local.Engine) -> None:
        given = engine.connection_parameters | {"session_parameters": {"QUERY_TAG": "mine"}}
        with snowflake.connector.connect(**given) as connection:
            cursor: Any = connection.cursor()
            assert cursor.execute("SHOW PARAMETERS LIKE 'QUERY_T%' IN SESSION").fetchall()[0][:4] == (
                *("QUERY_TAG", "mine", "", "SESSION"),
            )
            cursor.execute("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 60")
            assert cursor.execute("SHOW PARAMETERS LIKE 'statement_timeout%'").fetchone()[1] == "60"
            cursor.execute("SET greeting = 'it''s'")
            assert cursor.execute("SHOW VARIABLES").fetchone()[1:3] == ("GREETING", "it's")
            assert cursor.execute("SHOW WAREHOUSES").fetchone()[1] == "STARTED"

    @pytest.mark.works(CLIENT, "`LAST_QUERY_ID`", "`RESULT_SCAN`")
    def test_the_last_statements_result_is_a_table(self, connection: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT COLUMN1 AS A FROM VALUES (1), (2)")
        query_id = cursor.sfqid
        assert cursor.execute("SELECT LAST_QUERY_ID()").fetchone() == (query_id,)
        assert cursor.execute("SELECT SUM(A) FROM TABLE(RESULT_SCAN(LAST_QUERY_ID(-2)))").fetchone() == (3,)
        assert cursor.execute(f"SELECT MAX(A) FROM TABLE(RESULT_SCAN('{query_id}'))").fetchone() == (2,)
        cursor.execute("SHOW TABLES")
        names = cursor.execute('SELECT "name" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))').fetchall()
        assert names == []

    def test_a_result_that_is_not_there_is_refused(self, connection: Any) -> None:
        with pytest.raises(ProgrammingError):
            connection.cursor().execute("SELECT * FROM TABLE(RESULT_SCAN('01b00000-0000-0000-0000-000000000000'))")
