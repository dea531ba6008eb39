"""Statements of Snowflake, through a real Snowpark session, on the engine."""

import datetime as dt
import json
from typing import Any

import pytest
from snowflake.connector.errors import IntegrityError
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.functions import col, lit


def rows(session: Any, sql: str, *params: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql, params=list(params) or None).collect()]


def value(session: Any, sql: str, *params: Any) -> Any:
    return rows(session, sql, *params)[0][0]


def refusal(session: Any, sql: str, *params: Any) -> SnowparkSQLException:
    with pytest.raises(SnowparkSQLException) as raised:
        rows(session, sql, *params)
    return raised.value


@pytest.fixture
def tickets(session: Any) -> Any:
    session.sql(
        "CREATE TABLE TICKETS (ID NUMBER(38,0) NOT NULL PRIMARY KEY, REQUEST VARCHAR, KIND VARCHAR(10), "
        '"Mixed Case" FLOAT, AT TIMESTAMP_TZ, DETAIL VARIANT) CLUSTER BY (ID)'
    ).collect()
    session.sql(
        "INSERT INTO TICKETS (ID, REQUEST, KIND, DETAIL) "
        """SELECT 1, 'I lost my phone', 'Email', PARSE_JSON('{"a": {"b": [1, 2, "x"]}, "n": null, "s": "text"}')"""
    ).collect()
    session.sql("INSERT INTO TICKETS (ID, REQUEST) VALUES (2, ?), (3, NULL)", params=['it\'s $5 "off"\n']).collect()
    return session


class TestText:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("SHA2('a', 256)", "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
            ("TRIM('  x ')", "x"),
            ("TRIM('..x.', '.')", "x"),
            ("UPPER(TRIM(REGEXP_REPLACE(TRIM('..a1.', '.'), '[0-9]', ' ')))", "A"),
            ("LTRIM('xxa', 'x')", "a"),
            ("TRANSLATE('abc', 'ab', 'xy')", "xyc"),
            ("REPLACE('a-b', '-')", "ab"),
            ("REGEXP_REPLACE('a1b22', '[0-9]+', '#')", "a#b#"),
            ("REGEXP_REPLACE('Aa', 'a', 'x', 1, 0, 'i')", "xx"),
            (r"REGEXP_REPLACE('a.b', '\\.', '-')", "a-b"),
            ("REGEXP_LIKE('abc', 'b')", False),
            ("REGEXP_LIKE('abc', 'a.*')", True),
            ("CONTAINS('abc', 'b')", True),
            ("STARTSWITH('abc', 'b')", False),
            ("LENGTH('héé')", 3),
            ("LEFT('abc', 2) || SUBSTR('abc', 3)", "abc"),
            ("POSITION('c', 'abc')", 3),
            ("POSITION('c' IN 'abc')", 3),
            ("CONCAT('a', 'b', 'c')", "abc"),
            ("'abc'::VARCHAR(2)", "ab"),
            ("UPPER('a') || LOWER('B')", "Ab"),
            ("1.0::FLOAT::VARCHAR", "1"),
        ],
    )
    def test_functions(self, session: Any, expression: str, expected: object) -> None:
        assert value(session, f"SELECT {expression}") == expected

    @pytest.mark.works("SQL: statements", "`SET` and session variables")
    def test_a_variable_is_read_outside_literals_only(self, session: Any) -> None:
        session.sql("SET plan = 'gold'").collect()
        assert value(session, "SELECT $plan || ' a $plan $other'") == "gold a $plan $other"
        assert refusal(session, "SELECT $missing").sql_error_code == 2211

    def test_binds_keep_their_places_through_every_rewrite(self, session: Any) -> None:
        found = rows(
            session,
            "WITH A AS (SELECT ? AS X, ?::NUMBER AS Y) SELECT ? || X, Y FROM A WHERE Y = ? ORDER BY 1 LIMIT ?",
            *["b", 2, "a", 2, 5],
        )
        assert found == [("ab", 2)]


class TestVariants:
    @pytest.mark.works("SQL: statements", "Paths into VARIANT, OBJECT and ARRAY")
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("DETAIL:a:b[0]::NUMBER", 1),
            ("DETAIL:a:b[2]::VARCHAR", "x"),
            ("DETAIL:a[0]:b::VARCHAR", None),
            ("DETAIL:n IS NULL", False),
            ("DETAIL:n::VARCHAR IS NULL", True),
            ("DETAIL:none IS NULL", True),
            ("DETAIL:s = 'text'", True),
            ("DETAIL:s || '!'", "text!"),
            ("LOWER(TRIM(DETAIL:s::VARCHAR, 't'))", "ex"),
            ("REGEXP_REPLACE(NVL(GET(DETAIL, 's')::VARCHAR, ''), 'e', DETAIL:s::VARCHAR)", "ttextxt"),
            ("DETAIL['s']::VARCHAR", "text"),
            ("TYPEOF(DETAIL:a)", "OBJECT"),
            ("TYPEOF(DETAIL:a:b)", "ARRAY"),
            ("TYPEOF(DETAIL:a:b[0])", "INTEGER"),
            ("TYPEOF(DETAIL:n)", "NULL_VALUE"),
            ("GET(DETAIL, 's')::VARCHAR", "text"),
            ("GET(PARSE_JSON('{\"Lost phone\": \"LP\"}'), 'Lost phone')::VARCHAR", "LP"),
            ("GET(PARSE_JSON('[5, 6]'), 1)::NUMBER", 6),
            ("TO_JSON(OBJECT_CONSTRUCT('aB', 1, 'c', NULL))", '{"aB":1}'),
            ("ARRAY_SIZE(DETAIL:a:b)", 3),
            ("'a'::VARIANT::VARCHAR", "a"),
            ("TYPEOF(1::VARIANT)", "INTEGER"),
            ("NULL::VARIANT IS NULL", True),
            ("ANY_VALUE(REQUEST)::VARIANT::VARCHAR", "I lost my phone"),
            ("TRY_PARSE_JSON('{')", None),
            ("PARSE_JSON('')", None),
            ("NULL::VARIANT:a:b::VARCHAR", None),
        ],
    )
    def test_paths_and_functions(self, tickets: Any, expression: str, expected: object) -> None:
        assert value(tickets, f"SELECT {expression} FROM TICKETS WHERE ID = 1") == expected

    def test_a_bad_document_is_an_error(self, session: Any) -> None:
        assert refusal(session, "SELECT PARSE_JSON('{')").sql_error_code == 100069

    def test_a_list_of_texts_comes_back_as_it_went(self, session: Any) -> None:
        texts = ["it's", 'say "x"', "$plan", "a\nb", "\\", "☎", None]
        listed = json.dumps([{"id": str(i), "text": text} for i, text in enumerate(texts)])
        found = rows(
            session,
            "SELECT F.VALUE:text::VARCHAR FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F ORDER BY F.INDEX",
            listed,
        )
        assert [row[0] for row in found] == texts

    def test_aggregates_make_arrays(self, tickets: Any) -> None:
        assert json.loads(value(tickets, "SELECT ARRAY_AGG(ID) WITHIN GROUP (ORDER BY ID DESC) FROM TICKETS")) == [
            3,
            2,
            1,
        ]

    @pytest.mark.works("SQL: statements", "Keys of objects keep their case")
    def test_keys_of_objects_keep_their_case(self, session: Any) -> None:
        assert json.loads(value(session, "SELECT {'aB': 1, 'C': 'x'}")) == {"aB": 1, "C": "x"}


class TestValues:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("IFF(1 = 1, 'a', 'b')", "a"),
            ("NVL(NULL, 'x')", "x"),
            ("ZEROIFNULL(NULL::NUMBER)", 0),
            ("DIV0(1, 0)", 0),
            ("MOD(7, 4)", 3),
            ("MD5_NUMBER_LOWER64('a')", 3585878926028121697),
            ("MOD(HASH('a', 1), 1)", 0),
            ("TO_TIMESTAMP_NTZ('2024-01-02 03:04:05')", dt.datetime(2024, 1, 2, 3, 4, 5)),  # noqa: DTZ001 - NTZ has no zone
            ("DATEADD('minute', 5, '2024-01-01 00:00:00'::TIMESTAMP_NTZ)", dt.datetime(2024, 1, 1, 0, 5)),  # noqa: DTZ001 - as above
            ("DATEDIFF('second', '2024-01-01'::TIMESTAMP, '2024-01-01 00:01:00'::TIMESTAMP)", 60),
            ("NULL::TIMESTAMP_TZ", None),
            ("CURRENT_DATABASE()", "CORTEX_TICKETS"),
            ("CURRENT_USER()", "ENGINE"),
            ("CURRENT_TIMESTAMP() IS NOT NULL", True),
        ],
    )
    def test_functions(self, session: Any, expression: str, expected: object) -> None:
        assert value(session, f"SELECT {expression}") == expected

    def test_unnamed_columns_are_named_by_their_text(self, session: Any) -> None:
        row = session.sql("SELECT count(*), max(x), 'a' FROM (SELECT 1 AS X)").collect()[0]
        assert list(row.as_dict()) == ["COUNT(*)", "MAX(X)", "'A'"]

    def test_windows(self, tickets: Any) -> None:
        found = rows(tickets, "SELECT ID FROM TICKETS QUALIFY ROW_NUMBER() OVER (ORDER BY ID DESC) = 1")
        assert found == [(3,)]

    @pytest.mark.parametrize("source", ["(TICKETS)", "((TICKETS))", "(TICKETS) T", "(SELECT * FROM (TICKETS))"])
    def test_a_table_may_stand_in_parentheses(self, tickets: Any, source: str) -> None:
        assert value(tickets, f"SELECT COUNT(*) FROM {source}") == 3
        tickets.sql(f"CREATE TABLE KEPT (ID NUMBER, KIND VARCHAR(9)) AS SELECT ID, KIND FROM {source}").collect()
        assert value(tickets, "SELECT COUNT(*) FROM KEPT") == 3

    @pytest.mark.works("SQL: statements", "`SAMPLE`, `GENERATOR`")
    def test_samples_and_generated_rows(self, tickets: Any) -> None:
        assert len(rows(tickets, "SELECT * FROM TICKETS SAMPLE (2 ROWS)")) == 2
        for generated in ("TABLE(GENERATOR(ROWCOUNT => 7))", "(TABLE(GENERATOR(ROWCOUNT => 7)))"):
            assert value(tickets, f"SELECT COUNT(*) FROM {generated}") == 7


class TestTables:
    @pytest.mark.works("SQL: statements", "Lengths of VARCHAR are enforced")
    def test_a_longer_value_than_the_column_is_refused_in_snowflakes_words(self, tickets: Any) -> None:
        error = refusal(tickets, "INSERT INTO TICKETS (ID, KIND) VALUES (9, 'Text Message')")
        assert error.sql_error_code == 100078
        assert "String 'Text Message' is too long and would be truncated" in str(error.raw_message)
        assert refusal(tickets, "UPDATE TICKETS SET KIND = 'Text Message'").sql_error_code == 100078

    def test_a_table_filled_by_a_query_checks_lengths_and_is_not_left_behind(self, session: Any) -> None:
        sql = "CREATE TABLE SHORT (A VARCHAR(3)) AS SELECT ?"
        assert refusal(session, sql, "abcd").sql_error_code == 100078
        assert rows(session, sql, "abc") == [("Table SHORT successfully created.",)]
        assert refusal(session, "INSERT INTO SHORT VALUES ('abcd')").sql_error_code == 100078

    @pytest.mark.works("SQL: statements", "Keys are not enforced, NOT NULL is")
    def test_keys_are_not_enforced_but_not_null_is(self, tickets: Any) -> None:
        assert rows(tickets, "INSERT INTO TICKETS (ID) VALUES (1)") == [(1,)]
        with pytest.raises(IntegrityError):
            rows(tickets, "INSERT INTO TICKETS (REQUEST) VALUES ('x')")

    @pytest.mark.works("SQL: statements", "`DESCRIBE`, `SHOW TABLES`, `SHOW COLUMNS`")
    def test_describe_and_show(self, tickets: Any) -> None:
        described = {row["name"]: row["type"] for row in tickets.sql("DESCRIBE TABLE TICKETS").collect()}
        assert described == {
            "ID": "NUMBER(38,0)",
            "REQUEST": "VARCHAR(16777216)",
            "KIND": "VARCHAR(10)",
            "Mixed Case": "FLOAT",
            "AT": "TIMESTAMP_TZ(9)",
            "DETAIL": "VARIANT",
        }
        schema = value(tickets, "SELECT CURRENT_SCHEMA()")
        shown = tickets.sql(f"SHOW TABLES LIKE 'tick%' IN SCHEMA CORTEX_TICKETS.{schema}").collect()
        assert [row["name"] for row in shown] == ["TICKETS"]

    def test_views_and_full_names(self, tickets: Any) -> None:
        schema = value(tickets, "SELECT CURRENT_SCHEMA()")
        tickets.sql("CREATE OR REPLACE VIEW LOUD AS SELECT ID, UPPER(REQUEST) AS R FROM TICKETS").collect()
        assert rows(tickets, f'SELECT R FROM CORTEX_TICKETS.{schema}."LOUD" WHERE ID = 1') == [("I LOST MY PHONE",)]
        assert value(tickets, "SELECT COUNT(*) FROM IDENTIFIER(?)", f"CORTEX_TICKETS.{schema}.TICKETS") == 3

    def test_changes_say_how_many_rows(self, tickets: Any) -> None:
        assert rows(tickets, "UPDATE TICKETS SET KIND = 'x' WHERE ID IN (1, 2)") == [(2, 0)]
        assert rows(tickets, "DELETE FROM TICKETS WHERE ID = 3") == [(1,)]
        merged = rows(
            tickets,
            "MERGE INTO TICKETS T USING (SELECT 1 AS ID, 'm' AS R UNION ALL SELECT 9, 'n') S ON T.ID = S.ID "
            "WHEN MATCHED THEN UPDATE SET T.REQUEST = S.R "
            "WHEN NOT MATCHED THEN INSERT (ID, REQUEST) VALUES (S.ID, S.R)",
        )
        assert merged == [(1, 1)]
        tickets.sql("TRUNCATE TABLE IF EXISTS TICKETS").collect()
        assert value(tickets, "SELECT COUNT(*) FROM TICKETS") == 0

    @pytest.mark.works("SQL: statements", "`INSERT OVERWRITE`")
    def test_an_insert_that_overwrites_may_read_the_table_itself(self, tickets: Any) -> None:
        assert rows(tickets, "INSERT OVERWRITE INTO TICKETS (ID) SELECT ID + ? FROM TICKETS WHERE ID > 1", 10) == [(2,)]
        assert rows(tickets, "SELECT ID FROM TICKETS ORDER BY ID") == [(12,), (13,)]
        too_long = "INSERT OVERWRITE INTO TICKETS (ID, KIND) SELECT 1, 'much too long a text'"
        assert refusal(tickets, too_long).sql_error_code == 100078
        assert value(tickets, "SELECT COUNT(*) FROM TICKETS") == 2

    @pytest.mark.works("SQL: statements", "Temporary tables")
    def test_temporary_tables_end_with_their_session(self, engine: Any) -> None:
        with engine.session() as one, engine.session() as other:
            one.sql("CREATE TEMPORARY TABLE FOR_A_WHILE AS SELECT 1 AS A").collect()
            one.close()
            assert refusal(other, "SELECT * FROM FOR_A_WHILE").sql_error_code == 2003

    @pytest.mark.works("SQL: statements", "Snowflake's codes for what does not compile")
    @pytest.mark.parametrize(
        ("sql", "code"),
        [
            ("SELECT * FROM NOT_THERE", 2003),
            ("SELECT NOT_THERE FROM TICKETS", 904),
            ("SELECT NOT_THERE(1)", 2141),
            ("CREATE TABLE TICKETS (A INT)", 2002),
            ("SELEC 1", 1003),
            ("SELECT 'open", 1003),
            ("DROP TABLE NOT_THERE", 2003),
            ("USE SCHEMA NOT_THERE", 2043),
        ],
    )
    def test_refusals_have_snowflakes_codes_and_a_query_id(self, tickets: Any, sql: str, code: int) -> None:
        error = refusal(tickets, sql)
        assert error.sql_error_code == code
        assert error.sfqid


class TestDataFrames:
    def test_a_small_frame_becomes_a_table_and_comes_back(self, session: Any) -> None:
        frame = session.create_dataframe([(1, "a", None), (2, "it's", 2.5)], schema=["ID", "T", "F"])
        frame.write.save_as_table("FRAME", mode="overwrite")
        frame.write.save_as_table("FRAME", mode="append")
        table = session.table("FRAME")
        assert table.count() == 4
        assert [tuple(row) for row in table.filter(col("ID") == 2).select("T").distinct().collect()] == [("it's",)]
        assert table.to_pandas()["ID"].tolist() == [1, 2, 1, 2]

    def test_many_rows_are_bound_at_once(self, session: Any) -> None:
        session.create_dataframe([(i, f"text {i}") for i in range(700)], schema=["ID", "T"]).write.save_as_table("MANY")
        assert session.table("MANY").count() == 700

    def test_update_and_delete(self, tickets: Any) -> None:
        table = tickets.table("TICKETS")
        assert table.update({"KIND": lit("x")}, col("ID") == 1).rows_updated == 1
        assert table.delete(col("ID") > 1).rows_deleted == 2


@pytest.mark.parametrize("join", ["LEFT JOIN", "RIGHT JOIN", "FULL OUTER JOIN"])
@pytest.mark.parametrize("side", ["G WHERE KIND = 'correction'", "G WHERE FALSE", "G"])
def test_a_limit_holds_whatever_an_outer_join_finds_on_its_other_side(session: Any, join: str, side: str) -> None:
    session.sql("CREATE TABLE T AS SELECT SEQ4() AS ID FROM TABLE(GENERATOR(ROWCOUNT => 20))").collect()
    session.sql("CREATE TABLE G AS SELECT ID, 'first' AS KIND FROM T").collect()
    tables = f"(SELECT * FROM {side}) C {join} T ON C.ID = T.ID"
    if join == "LEFT JOIN":
        tables = f"T {join} (SELECT * FROM {side}) C ON C.ID = T.ID"
    session.sql(f"CREATE VIEW V AS SELECT COALESCE(T.ID, C.ID) AS ID, C.KIND FROM {tables}").collect()
    assert [len(rows(session, f"SELECT * FROM {tables} LIMIT {limit}")) for limit in (3, 20, 50)] == [3, 20, 20]
    ordered = "SELECT V.ID FROM V LEFT JOIN V O ON O.ID = V.ID WHERE EXISTS (SELECT 1 FROM V E WHERE E.ID = V.ID)"
    assert rows(session, f"{ordered} ORDER BY V.ID LIMIT 3") == [(0,), (1,), (2,)]
