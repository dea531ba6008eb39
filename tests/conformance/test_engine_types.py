"""Types of columns and of results: what DESCRIBE and Snowpark's schemas say, and which values a column takes."""

from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.types import ArrayType, LongType, MapType, StringType, VariantType

DECLARED = "CREATE TABLE DECLARED (A ARRAY, O OBJECT, V VARIANT, M MAP(VARCHAR, INT), S ARRAY(VARCHAR))"


def described(session: Any, table: str) -> dict[str, str]:
    return {row["name"]: row["type"] for row in session.sql(f"DESCRIBE TABLE {table}").collect()}


def kinds(frame: Any) -> list[type]:
    return [type(field.datatype) for field in frame.schema.fields]


def refusal(session: Any, sql: str) -> SnowparkSQLException:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value


@pytest.fixture
def declared(session: Any) -> Any:
    session.sql(DECLARED).collect()
    session.sql("INSERT INTO DECLARED SELECT [1, 'a'], {'k': 1}, 1::VARIANT, {'k': 2}, ['x']").collect()
    return session


class TestArraysAndObjects:
    @pytest.mark.works("SQL: statements", "`ARRAY`, `OBJECT`, `VARIANT` columns")
    def test_columns_are_what_they_were_declared_as(self, declared: Any) -> None:
        assert list(described(declared, "DECLARED").values()) == ["ARRAY", "OBJECT", "VARIANT", "OBJECT", "ARRAY"]
        expected = [ArrayType, MapType, VariantType, MapType, ArrayType]
        assert kinds(declared.table("DECLARED")) == expected
        assert kinds(declared.sql("SELECT * FROM (SELECT O AS P, V, A FROM DECLARED) WHERE V = 1")) == [
            MapType,
            VariantType,
            ArrayType,
        ]
        row = declared.table("DECLARED").collect()[0]
        assert tuple(row) == ('[1,"a"]', '{"k":1}', "1", '{"k":2}', '["x"]')

    @pytest.mark.parametrize(
        ("column", "value", "kind"), [("A", "1::VARIANT", "ARRAY"), ("O", "[1]", "OBJECT"), ("S", "{'a': 1}", "ARRAY")]
    )
    def test_a_value_of_another_kind_is_refused(self, declared: Any, column: str, value: str, kind: str) -> None:
        error = refusal(declared, f"INSERT INTO DECLARED ({column}) SELECT {value}")
        assert error.sql_error_code == 2023
        assert f"expecting {kind} but got VARIANT for column {column}" in str(error.raw_message)

    def test_a_table_of_a_query_has_the_types_of_its_values(self, declared: Any) -> None:
        declared.sql(
            "CREATE TABLE MADE AS SELECT [1, 2] AS NUMBERS, {'a': 1} AS OBJ, ARRAY_AGG(V) AS LISTED, SPLIT('a b', ' ') "
            "AS PARTS, PARSE_JSON('1') AS V, NULL AS NOTHING, [1, 2]::VECTOR(FLOAT, 2) AS E, 1.50 AS D FROM DECLARED"
        ).collect()
        assert described(declared, "MADE") == {
            "NUMBERS": "ARRAY",
            "OBJ": "OBJECT",
            "LISTED": "ARRAY",
            "PARTS": "ARRAY",
            "V": "VARIANT",
            "NOTHING": "VARCHAR(16777216)",
            "E": "VECTOR(FLOAT, 2)",
            "D": "NUMBER(3,2)",
        }
        # An array takes values of every kind, whatever stood in it first.
        declared.sql("INSERT INTO MADE (NUMBERS) SELECT ['z', NULL, {'a': 1}]").collect()
        declared.sql("CREATE TABLE COPIED (X, Y) AS SELECT A, ? FROM DECLARED", params=[7]).collect()
        assert described(declared, "COPIED") == {"X": "ARRAY", "Y": "NUMBER(38,0)"}
        assert refusal(declared, "CREATE TABLE T (X, Y) AS SELECT 1").sql_error_code == 2026

    def test_results_say_what_they_are(self, session: Any) -> None:
        frame = session.sql("SELECT [1] AS A, {'a': 1} AS O, 1 AS N, {'a': 1}::MAP(VARCHAR, INT) AS M, PARSE_JSON('1')")
        assert kinds(frame) == [ArrayType, MapType, LongType, MapType, VariantType]
        assert frame.collect()[0]["M"] == '{"a": 1}'

    def test_a_frame_of_arrays_keeps_its_types_as_a_table(self, session: Any) -> None:
        session.create_dataframe([([1], {"a": 1}, "x")], schema=["A", "O", "T"]).write.save_as_table("FRAME")
        assert kinds(session.table("FRAME")) == [ArrayType, MapType, StringType]


def test_a_type_that_cannot_be_told_is_an_error_and_not_a_client_that_waits(session: Any) -> None:
    assert refusal(session, "SELECT 1::BIT AS B").sql_error_code == 2
