"""Scripting blocks on the engine, after the documentation's own examples; what is not known is refused by name."""

from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException


def value(session: Any, sql: str) -> Any:
    (row,) = session.sql(sql).collect()
    return row[0]


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


@pytest.mark.works("SQL: statements", "Blocks of Snowflake Scripting")
def test_a_block_returns_the_number_of_rows_that_its_statement_changed(session: Any) -> None:
    session.sql("CREATE TABLE MY_VALUES (VALUE NUMBER)").collect()
    block = """
        BEGIN
          LET sql_row_count_var INT := 0;
          INSERT INTO my_values VALUES (1), (2), (3);
          sql_row_count_var := SQLROWCOUNT;
          SELECT * FROM my_values;
          RETURN sql_row_count_var;
        END;
    """
    assert value(session, block) == 3


@pytest.mark.parametrize(
    ("update", "expected"),
    [("VALUE < 3", "updated 2"), ("VALUE > 9", "no rows")],
)
def test_what_a_statement_found_decides_which_way_is_taken(session: Any, update: str, expected: str) -> None:
    session.sql("CREATE TABLE MY_VALUES AS SELECT COLUMN1 AS VALUE FROM VALUES (1), (2), (3)").collect()
    block = f"""
        EXECUTE IMMEDIATE $$
        DECLARE
          n NUMBER;
        BEGIN
          UPDATE my_values SET value = 4 WHERE {update};
          n := SQLROWCOUNT;
          IF (SQLFOUND) THEN
            RETURN 'updated ' || n;
          ELSEIF (n = 0 AND SQLNOTFOUND) THEN
            RETURN 'no rows';
          ELSE
            RETURN 'never';
          END IF;
        END;
        $$
    """
    assert value(session, block) == expected


def test_variables_are_bound_and_never_spliced(session: Any) -> None:
    session.sql("CREATE TABLE T (X VARCHAR)").collect()
    block = """
        DECLARE
          hostile VARCHAR DEFAULT 'it''s; DROP TABLE T; -- :hostile';
          x VARCHAR DEFAULT 'the column is not meant';
        BEGIN
          INSERT INTO T SELECT :hostile; -- a comment; with :no_variable in it
          INSERT INTO T SELECT 'plain :hostile';
          RETURN hostile;
        END;
    """
    assert value(session, block) == "it's; DROP TABLE T; -- :hostile"
    assert rows(session, "SELECT X FROM T ORDER BY X") == [
        ("it's; DROP TABLE T; -- :hostile",),
        ("plain :hostile",),
    ]


def test_a_path_into_a_value_and_a_cast_are_no_variables(session: Any) -> None:
    block = """
        DECLARE a NUMBER DEFAULT 7; b VARCHAR;
        BEGIN
          SELECT R:a::NUMBER + :a INTO :b FROM (SELECT PARSE_JSON('{"a": 5}') AS R);
          RETURN b;
        END;
    """
    assert value(session, block) == 12


def test_select_into_takes_one_row_and_no_other_number(session: Any) -> None:
    session.sql("CREATE TABLE T AS SELECT COLUMN1 AS X FROM VALUES (1), (2)").collect()
    one = (
        "DECLARE low NUMBER; high NUMBER; BEGIN SELECT MIN(X), MAX(X) INTO :low, :high FROM T; RETURN low + high; END;"
    )
    assert value(session, one) == 3
    with pytest.raises(SnowparkSQLException, match="expects exactly 1 returned row, but got 2"):
        value(session, "DECLARE x NUMBER; BEGIN SELECT X INTO :x FROM T; RETURN x; END;")


def test_an_exception_is_handled_or_reaches_the_client_with_its_name(session: Any) -> None:
    declared = "DECLARE my_exception EXCEPTION (-20002, 'Raised MY_EXCEPTION.');"
    handled = (
        f"{declared} BEGIN RAISE my_exception; EXCEPTION WHEN my_exception THEN RETURN SQLCODE || ' ' || SQLERRM; END;"
    )
    assert value(session, handled) == "-20002 Raised MY_EXCEPTION."
    with pytest.raises(SnowparkSQLException, match="Uncaught exception of type 'MY_EXCEPTION' : Raised MY_EXCEPTION"):
        value(session, f"{declared} BEGIN RAISE my_exception; END;")


def test_a_handler_that_raises_again_leaves_what_it_did(session: Any) -> None:
    session.sql("CREATE TABLE NOTES (CODE NUMBER)").collect()
    block = """
        BEGIN
          INSERT INTO no_such_table VALUES (1);
        EXCEPTION
          WHEN OTHER THEN
            INSERT INTO NOTES SELECT :sqlcode;
            RAISE;
        END;
    """
    with pytest.raises(SnowparkSQLException, match=r"(?i)no_such_table.* does not exist"):
        value(session, block)
    assert rows(session, "SELECT CODE FROM NOTES") == [(2003,)]


def test_a_statement_of_a_block_is_committed_by_itself(session: Any) -> None:
    session.sql("CREATE TABLE T (X NUMBER)").collect()
    with pytest.raises(SnowparkSQLException):
        value(session, "BEGIN INSERT INTO T VALUES (1); INSERT INTO NOWHERE VALUES (2); END;")
    assert rows(session, "SELECT X FROM T") == [(1,)]


def test_a_block_that_is_stopped_does_not_run_its_handler(session: Any) -> None:
    session.sql("CREATE TABLE NOTES (X VARCHAR)").collect()
    endless = "SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 100000)) A, TABLE(GENERATOR(ROWCOUNT => 100000)) B"
    block = f"""
        BEGIN
          CREATE OR REPLACE TABLE LARGE AS {endless}, TABLE(GENERATOR(ROWCOUNT => 100000)) C;
        EXCEPTION
          WHEN OTHER THEN INSERT INTO NOTES VALUES ('handled');
        END;
    """
    with pytest.raises(SnowparkSQLException, match="timeout of 1 second"):
        session.sql(block).collect(statement_params={"STATEMENT_TIMEOUT_IN_SECONDS": 1})
    assert rows(session, "SELECT * FROM NOTES") == []


@pytest.mark.parametrize(
    ("block", "said"),
    [
        ("BEGIN FOR i IN 1 TO 3 DO RETURN 1; END FOR; END;", "FOR in a scripting block"),
        ("DECLARE c CURSOR FOR SELECT 1; BEGIN RETURN 1; END;", "CURSOR"),
        ("BEGIN RETURN 1; EXCEPTION WHEN OTHER CONTINUE THEN RETURN 2; END;", "handler with CONTINUE"),
        ("EXECUTE IMMEDIATE my_variable", "EXECUTE IMMEDIATE"),
        ("BEGIN IF 1 = 1 THEN RETURN 1; END IF; END;", "unexpected '1'"),
        ("BEGIN RETURN 1;", "unexpected '<EOF>'"),
        ("DECLARE e EXCEPTION (-20001 'no comma'); BEGIN RETURN 1; END;", "unexpected ''no comma''"),
        ("BEGIN RETURN ; END;", "unexpected ';'"),
        ("BEGIN RETURN 1; END; SELECT 2", "unexpected 'SELECT'"),
        ("BEGIN INSERT INTO T SELECT :nobody; END;", "invalid identifier 'NOBODY'"),
        ("BEGIN RAISE nobody; END;", "'NOBODY' is not declared"),
        ("BEGIN RAISE; END;", "outside of a handler"),
    ],
)
def test_what_the_engine_does_not_know_is_refused_by_name(session: Any, block: str, said: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        value(session, block)
    assert said in str(raised.value)


def test_begin_transaction_is_no_block(session: Any) -> None:
    session.sql("CREATE TABLE T (X NUMBER)").collect()
    session.sql("BEGIN TRANSACTION").collect()
    session.sql("INSERT INTO T VALUES (1)").collect()
    session.sql("ROLLBACK").collect()
    assert rows(session, "SELECT * FROM T") == []


def test_a_handler_may_be_for_several_exceptions_and_the_block_goes_on_around_it(session: Any) -> None:
    block = """
        DECLARE
          first_one EXCEPTION;
          second_one EXCEPTION (-20005);
          said VARCHAR DEFAULT '';
        BEGIN
          BEGIN
            RAISE second_one;
          EXCEPTION
            WHEN first_one OR second_one THEN said := SQLERRM;
          END;
          IF (FALSE) THEN
            RETURN 'never';
          END IF;
          RETURN said || ' handled';
        END;
    """
    assert value(session, block) == "SECOND_ONE handled"


def test_execute_immediate_runs_a_statement_in_quotes(session: Any) -> None:
    assert value(session, "EXECUTE IMMEDIATE 'SELECT ''it''''s'''") == "it's"
    assert value(session, "BEGIN END;") is None
    nested = (
        "DECLARE x NUMBER DEFAULT 1; BEGIN BEGIN x := x + 1; END; DECLARE y NUMBER; BEGIN y := x; RETURN y; END; END;"
    )
    assert value(session, nested) == 2
