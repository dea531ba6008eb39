"""FLATTEN, SPLIT_TO_TABLE, ASOF joins and databases that come and go."""

import json
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

STATEMENTS = "SQL: statements"
NESTED = 'PARSE_JSON(\'{"a": [1, 2], "b": {"c": "x"}, "e": []}\')'


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


class TestFlatten:
    @pytest.mark.works(STATEMENTS, "`FLATTEN` with `PATH`, `OUTER`, `MODE`")
    @pytest.mark.parametrize(
        ("arguments", "found"),
        [
            (f"INPUT => {NESTED}, PATH => 'a'", [(None, "a[0]", 0, "1"), (None, "a[1]", 1, "2")]),
            (f"INPUT => {NESTED}, PATH => 'b'", [("c", "b.c", None, '"x"')]),
            (f"INPUT => {NESTED}, PATH => 'e', OUTER => TRUE", [(None, None, None, None)]),
            (f"INPUT => {NESTED}, PATH => 'e'", []),
            (f"INPUT => {NESTED}, PATH => 'a', MODE => 'OBJECT'", []),
            ("INPUT => PARSE_JSON('[3]'), MODE => 'array'", [(None, "[0]", 0, "3")]),
            ("PARSE_JSON('[3]')", [(None, "[0]", 0, "3")]),
            ("INPUT => NULL", []),
        ],
    )
    def test_a_row_for_each_item(self, session: Any, arguments: str, found: list[tuple[Any, ...]]) -> None:
        assert rows(session, f"SELECT KEY, PATH, INDEX, VALUE FROM TABLE(FLATTEN({arguments}))") == found

    def test_rows_beside_those_of_their_table(self, session: Any) -> None:
        table = "(SELECT 1 AS ID, PARSE_JSON('[5, 6]') AS V UNION ALL SELECT 2, PARSE_JSON('[]'))"
        inner = f"SELECT T.ID, F.VALUE::INT FROM {table} T, LATERAL FLATTEN(INPUT => T.V) F ORDER BY 1, 2"
        assert rows(session, inner) == [(1, 5), (1, 6)]
        outer = inner.replace("T.V)", "T.V, OUTER => TRUE)")
        assert rows(session, outer) == [(1, 5), (1, 6), (2, None)]

    def test_what_is_flattened_stands_beside_it(self, session: Any) -> None:
        (row,) = rows(session, "SELECT THIS FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[7]')))")
        assert json.loads(row[0]) == [7]


@pytest.mark.works(STATEMENTS, "`SPLIT_TO_TABLE`")
def test_a_text_is_split_into_rows(session: Any) -> None:
    assert rows(session, "SELECT INDEX, VALUE FROM TABLE(SPLIT_TO_TABLE('a.b.', '.')) ORDER BY INDEX") == [
        (1, "a"),
        (2, "b"),
        (3, ""),
    ]
    table = "(SELECT 'x-y' AS T UNION ALL SELECT 'z')"
    found = rows(session, f"SELECT T, S.VALUE FROM {table} T, LATERAL SPLIT_TO_TABLE(T.T, '-') S ORDER BY 1, 2")
    assert found == [("x-y", "x"), ("x-y", "y"), ("z", "z")]


@pytest.mark.works(STATEMENTS, "`ASOF JOIN`")
def test_each_row_meets_the_last_one_before_it(session: Any) -> None:
    session.sql(
        "CREATE TABLE ASKED AS SELECT COLUMN1 AS K, COLUMN2 AS AT FROM VALUES ('a', 5), ('a', 1), ('b', 9)"
    ).collect()
    session.sql("CREATE TABLE PRICES AS SELECT COLUMN1 AS K, COLUMN2 AS SINCE, COLUMN3 AS P FROM "
                "VALUES ('a', 2, 20), ('a', 4, 40), ('a', 6, 60)").collect()  # fmt: skip
    sql = (
        "SELECT ASKED.K, ASKED.AT, PRICES.P FROM ASKED ASOF JOIN PRICES MATCH_CONDITION (ASKED.AT >= PRICES.SINCE) "
        "ON ASKED.K = PRICES.K ORDER BY 1, 2"
    )
    assert rows(session, sql) == [("a", 1, None), ("a", 5, 40), ("b", 9, None)]
    asked, prices = session.table("ASKED"), session.table("PRICES")
    is_past = asked["AT"] >= prices["SINCE"]
    frame = asked.join(prices, asked["K"] == prices["K"], how="asof", match_condition=is_past)
    assert sorted(tuple(row) for row in frame.select(asked["AT"], prices["P"]).collect()) == [
        (1, None),
        (5, 40),
        (9, None),
    ]


class TestDatabases:
    @pytest.mark.works(STATEMENTS, "`CREATE DATABASE`, `DROP DATABASE`")
    def test_a_database_comes_and_goes_with_its_tables(self, session: Any) -> None:
        schema = session.get_fully_qualified_current_schema()
        session.sql("CREATE DATABASE PASSING").collect()
        session.sql("CREATE TABLE PASSING.PUBLIC.T AS SELECT 1 AS A").collect()
        session.sql(f"USE SCHEMA {schema}").collect()
        assert rows(session, "DROP DATABASE PASSING") == [("PASSING successfully dropped.",)]
        with pytest.raises(SnowparkSQLException) as raised:
            session.sql("SELECT * FROM PASSING.PUBLIC.T").collect()
        assert raised.value.sql_error_code == 2003
        session.sql("DROP DATABASE IF EXISTS PASSING").collect()
        with pytest.raises(SnowparkSQLException):
            session.sql("DROP DATABASE PASSING").collect()

    def test_it_does_not_come_back_with_the_engine(self, tmp_path: Any) -> None:
        with local.Engine(tmp_path) as engine, engine.session() as session:
            session.sql("CREATE DATABASE PASSING").collect()
            session.sql("USE DATABASE CORTEX_TICKETS").collect()
            session.sql("DROP DATABASE PASSING").collect()
        with local.Engine(tmp_path) as engine, engine.session() as session:
            assert "PASSING" not in [row["name"] for row in session.sql("SHOW DATABASES").collect()]
