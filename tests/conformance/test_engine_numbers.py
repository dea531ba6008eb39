"""Sums and averages as Snowflake types them, objects without some of their keys."""

import json
import warnings
from decimal import Decimal
from typing import Any

import pytest
from snowflake.snowpark.functions import avg, col, sum_distinct
from snowflake.snowpark.functions import sum as sum_

BIG = 1234567890123456789


@pytest.fixture
def numbers(session: Any) -> Any:
    session.sql("CREATE TABLE NUMBERS (A NUMBER(38,0), B NUMBER(10,2), C INT, D FLOAT, T VARCHAR, V VARIANT)").collect()
    session.sql(
        "INSERT INTO NUMBERS SELECT ?, 1.25, 2, 0.5, '4', PARSE_JSON('{\"n\": 2}') "
        "UNION ALL SELECT 1, 2.5, 5, 1.5, '5.5', PARSE_JSON('{\"n\": 3}')",
        params=[BIG],
    ).collect()
    return session


def row(session: Any, sql: str, *params: Any) -> list[Any]:
    return list(session.sql(sql, params=list(params) or None).collect()[0])


def typed(values: list[Any]) -> list[tuple[type, str]]:
    return [(type(value), str(value)) for value in values]


class TestSums:
    @pytest.mark.works("SQL: statements", "Exact sums of NUMBER")
    def test_a_sum_of_numbers_is_exact_and_one_of_floats_a_float(self, numbers: Any) -> None:
        found = row(numbers, "SELECT SUM(A), SUM(B), SUM(C), SUM(D), SUM(IFF(C > 2, 1, 0)), SUM(B * 2) FROM NUMBERS")
        expected = [str(BIG + 1), "3.75", "7", "2.0", "1", "7.50"]
        assert typed(found) == list(zip([int, Decimal, int, float, int, Decimal], expected, strict=True))

    def test_windows_distinct_values_and_sums_of_sums(self, numbers: Any) -> None:
        assert row(numbers, "SELECT SUM(C) OVER (ORDER BY C) FROM NUMBERS ORDER BY C DESC") == [7]
        assert row(numbers, "SELECT SUM(DISTINCT X) FROM (SELECT 5 AS X UNION ALL SELECT 5)") == [5]
        assert typed(row(numbers, "SELECT SUM(X) FROM (SELECT SUM(C) AS X FROM NUMBERS GROUP BY A)")) == [(int, "7")]
        assert typed(row(numbers, "SELECT SUM(COUNT(*)) OVER () FROM NUMBERS GROUP BY A")) == [(int, "2")]

    def test_nothing_adds_up_to_null(self, numbers: Any) -> None:
        sql = "SELECT SUM(A), SUM(NULL), AVG(A), COALESCE(SUM(A), 0) FROM NUMBERS WHERE A < 0"
        assert row(numbers, sql) == [None, None, None, 0]

    def test_a_text_or_variant_is_added_as_a_float(self, numbers: Any) -> None:
        assert row(numbers, "SELECT SUM(T), AVG(T) FROM NUMBERS") == [9.5, 4.75]
        assert typed(row(numbers, "SELECT SUM(V:n), SUM(A) FROM NUMBERS")) == [(float, "5.0"), (int, str(BIG + 1))]
        assert typed(row(numbers, "SELECT SUM(V:n::NUMBER) FROM NUMBERS")) == [(int, "5")]

    def test_a_column_without_a_name_has_that_of_its_call(self, numbers: Any) -> None:
        found = numbers.sql("SELECT * FROM (SELECT SUM(C), AVG(C) FROM NUMBERS)").collect()
        assert list(found[0].as_dict()) == ["SUM(C)", "AVG(C)"]

    def test_a_table_made_of_sums_has_their_types(self, numbers: Any) -> None:
        numbers.sql("CREATE TABLE SUMS AS SELECT SUM(A) AS A, SUM(B) AS B, SUM(D) AS D FROM NUMBERS").collect()
        described = [found["type"] for found in numbers.sql("DESCRIBE TABLE SUMS").collect()]
        assert described == ["NUMBER(38,0)", "NUMBER(38,2)", "FLOAT"]

    def test_through_a_dataframe(self, numbers: Any) -> None:
        found = numbers.table("NUMBERS").agg(sum_("A"), avg("C"), sum_distinct(col("B"))).collect()[0]
        assert list(found) == [BIG + 1, Decimal("3.500000"), Decimal("3.75")]


class TestAverages:
    def test_six_digits_behind_the_point_and_floats_for_floats(self, numbers: Any) -> None:
        found = row(numbers, "SELECT AVG(C), AVG(B), AVG(D) FROM NUMBERS")
        assert typed(found) == [(Decimal, "3.500000"), (Decimal, "1.875000"), (float, "1.0")]

    def test_windows_and_distinct_values(self, numbers: Any) -> None:
        found = numbers.sql("SELECT AVG(C) OVER (PARTITION BY A) AS X FROM NUMBERS ORDER BY C").collect()
        assert [one["X"] for one in found] == [Decimal(2), Decimal(5)]
        sql = "SELECT AVG(DISTINCT X) FROM (SELECT 1 AS X UNION ALL SELECT 1 UNION ALL SELECT 2)"
        assert row(numbers, sql) == [Decimal("1.5")]


class TestObjectDelete:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("OBJECT_DELETE(OBJECT_CONSTRUCT('a', 1, 'b', 2), 'a')", {"b": 2}),
            ("OBJECT_DELETE({'a': {'x': [1, 2]}, 'b c': 's', 'd': TRUE}, 'b c', 'd')", {"a": {"x": [1, 2]}}),
            ("OBJECT_DELETE(PARSE_JSON('{\"a\": null, \"b\": 1}'), 'c')", {"a": None, "b": 1}),
            ("OBJECT_DELETE(PARSE_JSON(?), 'c')", {'it\'s "x" $.y': 1}),
            ("OBJECT_DELETE({'a': 1}, 'a')", {}),
        ],
    )
    def test_keys_are_left_out(self, session: Any, expression: str, expected: object) -> None:
        params = [json.dumps(expected)] if "?" in expression else []
        assert json.loads(row(session, f"SELECT {expression}", *params)[0]) == expected

    def test_of_nothing_is_nothing(self, session: Any) -> None:
        assert row(session, "SELECT OBJECT_DELETE(NULL, 'a')") == [None]

    def test_options_of_a_completion_may_be_a_column(self, session: Any) -> None:
        schema = {"type": "object", "properties": {"Kind": {"type": "string", "enum": ["Lost phone", "Other"]}}}
        options = [{"max_tokens": 50}, {"max_tokens": 50, "response_format": {"type": "json", "schema": schema}}]
        frame = session.create_dataframe([["I lost my Lost phone", one] for one in options], schema=["T", "V"])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from snowflake import cortex  # noqa: PLC0415 - its import warns

            asked = cortex.complete("claude-sonnet-4-6", col("T"), options=col("V"))
        assert sorted(one[0][:1] for one in frame.select(asked).collect()) == ["I", "{"]
