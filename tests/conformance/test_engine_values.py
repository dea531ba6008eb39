"""Values as Snowflake gives them: divisions by zero, long numbers, mixed arrays, formats of numbers, dates."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

STATEMENTS = "SQL: statements"


def value(session: Any, sql: str) -> Any:
    return session.sql(f"SELECT {sql}").collect()[0][0]


def refusal(session: Any, sql: str) -> tuple[int | None, str]:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(sql).collect()
    return raised.value.sql_error_code, str(raised.value.raw_message)


@pytest.fixture
def numbers(session: Any) -> Any:
    session.sql("CREATE TABLE N AS SELECT 1 AS A, 0 AS B, '4' AS T UNION ALL SELECT 3, 2, '5'").collect()
    return session


class TestDivision:
    @pytest.mark.works(STATEMENTS, "Division by zero is an error, 100051")
    @pytest.mark.parametrize(
        "expression", ["1/0", "1.5/0", "0/0", "A/B", "A::FLOAT/B", "A%B", "MOD(A, 0)", "SUM(A)/SUM(A - A)"]
    )
    def test_a_division_by_zero_is_an_error(self, numbers: Any, expression: str) -> None:
        assert refusal(numbers, f"SELECT {expression} FROM N") == (100051, "Division by zero")

    def test_what_divides_by_no_zero_goes_on(self, numbers: Any) -> None:
        found = numbers.sql(
            "SELECT DIV0(A, B), DIV0NULL(A, B), A / NULLIF(B, 0), IFF(B = 0, -1, A / B) FROM N ORDER BY A"
        ).collect()
        assert [list(row) for row in found] == [[0, 0, None, -1], [1.5, 1.5, 1.5, 1.5]]


class TestNumbers:
    @pytest.mark.works(STATEMENTS, "Whole numbers of more than 18 digits, as literals and in `NUMBER(37, 0)`")
    def test_a_long_number_keeps_its_digits(self, session: Any) -> None:
        long = 123456789012345678901234567890
        assert value(session, f"{long}") == long
        assert value(session, f"{long}::NUMBER(38,0)") == long
        assert value(session, f"-{long}::NUMBER") == -long
        session.sql("CREATE TABLE LONG_NUMBERS (A NUMBER(37, 0), B NUMBER(38, 0))").collect()
        session.sql(f"INSERT INTO LONG_NUMBERS (A) VALUES ({long})").collect()
        assert value(session, "A FROM LONG_NUMBERS") == long

    @pytest.mark.refuses(
        STATEMENTS,
        "More than 18 digits in a column of `NUMBER(38, 0)` or `INT`",
        code=100039,
        words="is out of range",
        why="It keeps such a column in 64 bits; `NUMBER(37, 0)` takes 37 digits.",
    )
    def test_a_column_of_whole_numbers_has_64_bits(self, session: Any, is_refused: Any) -> None:
        session.sql("CREATE TABLE SHORT_NUMBERS (A NUMBER(38, 0))").collect()
        is_refused(session.sql("INSERT INTO SHORT_NUMBERS VALUES (123456789012345678901234567890)").collect)

    @pytest.mark.works(STATEMENTS, "Texts that spell numbers in arithmetic")
    def test_a_text_that_spells_a_number_is_one(self, session: Any) -> None:
        assert value(session, "'1' + 1") == 2
        assert value(session, "3 - '0.5'") == Decimal("2.5")
        assert refusal(session, "SELECT 'x' + 1") == (100038, "Numeric value 'x' is not recognized")

    @pytest.mark.refuses(
        STATEMENTS,
        "Arithmetic with a column of texts",
        code=2,
        words="cast the text to a number",
        why="DuckDB adds no texts up.",
    )
    def test_a_column_of_texts_is_no_number(self, numbers: Any, is_refused: Any) -> None:
        is_refused(numbers.sql("SELECT T + 1 FROM N").collect)

    @pytest.mark.works(STATEMENTS, "`TO_VARCHAR` of a number with a format of `9 0 . , D G $ S MI FM`")
    @pytest.mark.parametrize(
        ("call", "text"),
        [
            ("TO_VARCHAR(123.4, '999.00')", " 123.40"),
            ("TO_CHAR(-0.5, '0.00')", "-0.50"),
            ("TO_VARCHAR(1234567.891, 'FM9,999,999.00')", "1,234,567.89"),
            ("TO_VARCHAR(12, 'FM0000')", "0012"),
            ("TO_VARCHAR(7, '9,999')", "     7"),
            ("TO_VARCHAR(-123.45, '999.99MI')", "123.45-"),
            ("TO_VARCHAR(12, 'S999')", " +12"),
            ("TO_VARCHAR(12.345, '$99.99')", " $12.35"),
            ("TO_VARCHAR(12345, '999')", " ###"),
            ("TO_VARCHAR(1.5, '9.99')", " 1.5 "),
            ("TO_VARCHAR(NULL::NUMBER, '999')", None),
            ("TO_VARCHAR('2024-05-06'::DATE, 'YYYY-MM')", "2024-05"),
        ],
    )
    def test_numbers_are_printed_by_their_format(self, session: Any, call: str, text: str | None) -> None:
        assert value(session, call) == text

    @pytest.mark.refuses(
        STATEMENTS,
        "`TO_VARCHAR` of a number with another format",
        code=2,
        words="TO_VARCHAR with 'XXXX'",
        why="Of the formats of numbers it knows `9 0 . , D G $ S MI FM`.",
    )
    def test_other_formats_of_numbers_are_refused(self, session: Any, is_refused: Any) -> None:
        is_refused(session.sql("SELECT TO_VARCHAR(12, 'XXXX')").collect)


class TestSemiStructured:
    @pytest.mark.works(STATEMENTS, "`OBJECT_INSERT`")
    def test_an_object_gets_a_key(self, session: Any) -> None:
        assert json.loads(value(session, "OBJECT_INSERT({'a': 1}, 'b', 2)")) == {"a": 1, "b": 2}
        assert json.loads(value(session, "OBJECT_INSERT({}, 'b', {'c': ['x']})")) == {"b": {"c": ["x"]}}
        assert json.loads(value(session, "OBJECT_INSERT({'a': 1}, 'a', 'x', TRUE)")) == {"a": "x"}
        assert json.loads(value(session, "OBJECT_INSERT({'a': 1}, 'b', NULL)")) == {"a": 1}
        assert refusal(session, "SELECT OBJECT_INSERT({'a': 1}, 'a', 2)") == (100097, "Duplicate field key 'a'")

    @pytest.mark.works(STATEMENTS, "`ARRAY_CONSTRUCT` of values of several kinds")
    def test_an_array_holds_values_of_several_kinds(self, session: Any) -> None:
        assert json.loads(value(session, "ARRAY_CONSTRUCT(1, NULL, 'x')")) == [1, None, "x"]
        assert json.loads(value(session, "[TRUE, {'a': 1}, [2]]")) == [True, {"a": 1}, [2]]
        assert value(session, "ARRAY_SIZE(ARRAY_CONSTRUCT(1, 'x')), ARRAY_CONSTRUCT(1, 'x')[1]::VARCHAR") == 2
        flat = session.sql("SELECT V.VALUE FROM TABLE(FLATTEN(INPUT => ARRAY_CONSTRUCT(1, 'x'))) V").collect()
        assert [row[0] for row in flat] == ["1", '"x"']

    @pytest.mark.works(STATEMENTS, "`OCTET_LENGTH`")
    def test_bytes_are_counted(self, session: Any) -> None:
        found = session.sql("SELECT OCTET_LENGTH('ä'), LENGTH('ä'), OCTET_LENGTH(TO_BINARY('C3A4', 'HEX'))").collect()
        assert list(found[0]) == [2, 1, 2]


class TestRows:
    @pytest.mark.works(STATEMENTS, "`SEQ4` and its like over any rows")
    def test_rows_are_numbered(self, session: Any) -> None:
        assert value(session, "SEQ4()") == 0
        rows = session.sql("SELECT SEQ8() AS N, COLUMN1 FROM VALUES ('a'), ('b')").collect()
        assert sorted(row["N"] for row in rows) == [0, 1]

    @pytest.mark.works(STATEMENTS, "`DATE_TRUNC` of a DATE is a DATE")
    def test_a_date_stays_a_date(self, session: Any) -> None:
        assert value(session, "DATE_TRUNC('month', '2024-05-06'::DATE)") == dt.date(2024, 5, 1)
        assert value(session, "DATE_TRUNC('hour', '2024-05-06 10:11:12'::TIMESTAMP)") == dt.datetime(2024, 5, 6, 10)  # noqa: DTZ001 - a timestamp without a zone
        assert value(session, "DATE_TRUNC('month', '2024-05-06')") == dt.datetime(2024, 5, 1)  # noqa: DTZ001 - the same

    @pytest.mark.works(STATEMENTS, "Window columns without a name, also inside")
    def test_a_window_column_has_the_name_of_its_text(self, numbers: Any) -> None:
        row = numbers.sql("SELECT * FROM (SELECT SUM(A) OVER (PARTITION BY B), AVG(A) OVER () FROM N)").collect()[0]
        assert list(row.as_dict()) == ["SUM(A) OVER (PARTITION BY B)", "AVG(A) OVER ()"]


class TestVectors:
    @pytest.mark.works("SQL: Cortex functions", "`VECTOR_L1_DISTANCE`, `VECTOR_SUM`, `VECTOR_MIN`, `VECTOR_MAX`")
    def test_vectors_are_measured_and_added_up(self, session: Any) -> None:
        session.sql("CREATE TABLE VS (G INT, E VECTOR(FLOAT, 2), I VECTOR(INT, 2))").collect()
        session.sql(
            "INSERT INTO VS SELECT 1, [1, 2]::VECTOR(FLOAT, 2), [1, 2]::VECTOR(INT, 2) "
            "UNION ALL SELECT 1, [3, 5]::VECTOR(FLOAT, 2), [4, 2]::VECTOR(INT, 2) UNION ALL SELECT 2, NULL, NULL"
        ).collect()
        found = session.sql(
            "SELECT VECTOR_SUM(E), VECTOR_AVG(E), VECTOR_MIN(I), VECTOR_MAX(E), VECTOR_SUM(I) FROM VS "
            "GROUP BY G ORDER BY G"
        ).collect()
        assert [list(row) for row in found] == [[[4, 7], [2, 3.5], [1, 2], [3, 5], [5, 4]], [None] * 5]
        far = "VECTOR_L1_DISTANCE([1, 2]::VECTOR(FLOAT, 2), [2, 4]::VECTOR(FLOAT, 2))"
        assert value(session, far) == 3

    @pytest.mark.refuses(
        "SQL: Cortex functions",
        "`VECTOR_AVG` of whole numbers",
        code=2,
        words="VECTOR_AVG of VECTOR(INT, n)",
        why="`VECTOR_AVG` of VECTOR(FLOAT, n) works.",
    )
    def test_an_average_of_whole_vectors(self, session: Any, is_refused: Any) -> None:
        is_refused(session.sql("SELECT VECTOR_AVG([1, 2]::VECTOR(INT, 2))").collect)

    @pytest.mark.parametrize("name", ["L1_DISTANCE", "L2_DISTANCE", "COSINE_SIMILARITY", "INNER_PRODUCT"])
    def test_vectors_of_two_lengths_are_no_arguments(self, session: Any, name: str) -> None:
        code, words = refusal(session, f"SELECT VECTOR_{name}([1]::VECTOR(FLOAT, 1), [1, 2]::VECTOR(FLOAT, 2))")
        assert code == 1044
        assert "Invalid argument types for a function over vectors: their dimensions differ" in words


class TestSyntax:
    @pytest.mark.works(STATEMENTS, "Syntax errors with line, position and word")
    @pytest.mark.parametrize(
        ("sql", "line", "position", "word"),
        [
            ("selec 1", 1, 0, "selec"),
            ("selec", 1, 0, "selec"),
            ("-- a comment\n  foo bar", 2, 2, "foo"),
            ("SELECT 1 FROM FROM", 1, 14, "FROM"),
        ],
    )
    def test_a_syntax_error_says_where(self, session: Any, sql: str, line: int, position: int, word: str) -> None:
        words = f"SQL compilation error:\nsyntax error line {line} at position {position} unexpected '{word}'."
        assert refusal(session, sql) == (1003, words)

    @pytest.mark.refuses(
        STATEMENTS,
        "Some hundred brackets inside each other",
        code=2,
        words="deep nesting",
        why="Its parser goes one call deeper for each.",
    )
    def test_a_statement_may_be_nested_too_deeply(self, session: Any, is_refused: Any) -> None:
        is_refused(session.sql(f"SELECT {'(' * 2000}1{')' * 2000}").collect)
