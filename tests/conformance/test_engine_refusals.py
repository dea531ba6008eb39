"""What the engine does not do is refused in words, with Snowflake's code and the reason, and nothing is changed."""

from collections.abc import Callable
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException
from snowflake.snowpark.types import StringType

STATEMENTS = "SQL: statements"
NO_CODE = "It runs no code of its users."
NO_SCHEDULE = "It runs nothing by itself."
NO_CLOUD = "It has no cloud storage and no services beside it."
NO_HISTORY = "It keeps no history of its tables."
NO_RIGHTS = "Everybody may do everything on it."


@pytest.fixture
def kept(session: Any) -> Any:
    session.sql("CREATE TABLE KEPT AS SELECT 1 AS ID, 'a' AS T").collect()
    return session


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "CREATE FUNCTION F(X INT) RETURNS INT AS 'X + 1'",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE FUNCTION`", code=2, words="'FUNCTION'", why=NO_CODE),
        ),
        pytest.param(
            "CREATE AI FUNCTION F(X VARCHAR) RETURNS VARCHAR AS $$ SELECT X $$",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE AI FUNCTION`", code=2, words="'AI FUNCTION'", why=NO_CODE),
        ),
        pytest.param(
            "CREATE OR REPLACE PROCEDURE P() RETURNS INT LANGUAGE SQL AS 'RETURN 1'",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE PROCEDURE`", code=2, words="'PROCEDURE'", why=NO_CODE),
        ),
        pytest.param("CALL P()", marks=pytest.mark.refuses(STATEMENTS, "`CALL`", code=2, words="'CALL'", why=NO_CODE)),
        pytest.param(
            "CREATE STREAMLIT S ROOT_LOCATION = '@~' MAIN_FILE = 'a.py'",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE STREAMLIT`", code=2, words="'STREAMLIT'", why=NO_CODE),
        ),
        pytest.param(
            "CREATE DYNAMIC TABLE D TARGET_LAG = '1 minute' WAREHOUSE = W AS SELECT * FROM KEPT",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE DYNAMIC TABLE`", code=2, words="'DYNAMIC TABLE'", why=NO_SCHEDULE
            ),
        ),
        pytest.param(
            "CREATE PIPE P AS COPY INTO KEPT FROM @~",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE PIPE`", code=2, words="'PIPE'", why=NO_SCHEDULE),
        ),
        pytest.param(
            "CREATE ALERT A IF (EXISTS (SELECT 1)) THEN SELECT 1",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE ALERT`", code=2, words="'ALERT'", why=NO_SCHEDULE),
        ),
        pytest.param(
            "CREATE MATERIALIZED VIEW M AS SELECT * FROM KEPT",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE MATERIALIZED VIEW`", code=2, words="'MATERIALIZED VIEW'", why=NO_SCHEDULE
            ),
        ),
        pytest.param(
            "ALTER TASK T SUSPEND_IMMEDIATELY = TRUE",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`ALTER TASK` but for `RESUME` and `SUSPEND`",
                code=2,
                words="Unsupported feature 'ALTER TASK SUSPEND_IMMEDIATELY = TRUE'",
                why="What tasks it knows stands in [what the engine is](../explanation/what-the-engine-is.md).",
            ),
        ),
        pytest.param(
            "ALTER STREAM S SET COMMENT = 'x'",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`ALTER STREAM`",
                code=2,
                words="'STREAM'",
                why="It knows CREATE STREAM and DROP STREAM.",
            ),
        ),
        pytest.param(
            "CREATE HYBRID TABLE H (ID INT PRIMARY KEY)",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE HYBRID TABLE`", code=2, words="HYBRID TABLE", why=NO_CLOUD),
        ),
        pytest.param(
            "CREATE EXTERNAL TABLE E LOCATION = @~ FILE_FORMAT = (TYPE = CSV)",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE EXTERNAL TABLE`", code=2, words="EXTERNAL TABLE", why=NO_CLOUD
            ),
        ),
        pytest.param(
            "CREATE STORAGE INTEGRATION I TYPE = EXTERNAL_STAGE",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE INTEGRATION`", code=2, words="INTEGRATION", why=NO_CLOUD),
        ),
        pytest.param(
            "CREATE CORTEX SEARCH SERVICE S ON T WAREHOUSE = W TARGET_LAG = '1 day' AS SELECT T FROM KEPT",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE CORTEX SEARCH SERVICE`", code=2, words="CORTEX SEARCH SERVICE", why=NO_CLOUD
            ),
        ),
        pytest.param(
            "CREATE EXPERIMENT E TYPE = 'AI_FUNCTION_EVALUATION' FROM SPECIFICATION $$ a: b $$",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE EXPERIMENT`", code=2, words="EXPERIMENT", why=NO_CLOUD),
        ),
        pytest.param(
            "CREATE SECRET S TYPE = PASSWORD",
            marks=pytest.mark.refuses(STATEMENTS, "`CREATE SECRET`", code=2, words="SECRET", why=NO_CLOUD),
        ),
        pytest.param(
            "DROP MODEL M",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`CREATE MODEL`, `DROP MODEL`",
                code=2,
                words="'MODEL'",
                why="Its only models are those of its catalog and of its fine-tune jobs.",
            ),
        ),
        pytest.param(
            "CREATE USER ANN PASSWORD = 'x'",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`CREATE USER`",
                code=2,
                words="'USER'",
                why="Everybody may log in under any name.",
            ),
        ),
        pytest.param(
            "REVOKE SELECT ON TABLE KEPT FROM ROLE ANALYST",
            marks=pytest.mark.refuses(STATEMENTS, "`REVOKE`", code=2, words="'REVOKE'", why=NO_RIGHTS),
        ),
        pytest.param(
            "CREATE MASKING POLICY P AS (V VARCHAR) RETURNS VARCHAR -> '*'",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE MASKING POLICY`", code=2, words="MASKING POLICY", why=NO_RIGHTS
            ),
        ),
        pytest.param(
            "CREATE ROW ACCESS POLICY P AS (V VARCHAR) RETURNS BOOLEAN -> TRUE",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE ROW ACCESS POLICY`", code=2, words="ROW ACCESS POLICY", why=NO_RIGHTS
            ),
        ),
        pytest.param(
            "CREATE TAG COST",
            marks=pytest.mark.refuses(
                STATEMENTS, "`CREATE TAG`", code=2, words="'TAG'", why="It keeps no tags but the query tag."
            ),
        ),
        pytest.param(
            "SELECT * FROM KEPT AT(OFFSET => -60)",
            marks=pytest.mark.refuses(STATEMENTS, "`AT` and `BEFORE`", code=2, words="AT | BEFORE", why=NO_HISTORY),
        ),
        pytest.param(
            "UNDROP TABLE KEPT",
            marks=pytest.mark.refuses(STATEMENTS, "`UNDROP`", code=2, words="'UNDROP'", why=NO_HISTORY),
        ),
        pytest.param(
            "SELECT * FROM KEPT MATCH_RECOGNIZE(ORDER BY ID MEASURES 1 AS M PATTERN (A) DEFINE A AS TRUE)",
            marks=pytest.mark.refuses(
                STATEMENTS, "`MATCH_RECOGNIZE`", code=2, words="MATCH_RECOGNIZE", why="DuckDB has none."
            ),
        ),
        pytest.param(
            "INSERT ALL INTO KEPT INTO KEPT SELECT 2, 'b'",
            marks=pytest.mark.refuses(STATEMENTS, "`INSERT ALL`", code=2, words="'INSERT ALL'", why="DuckDB has none."),
        ),
        pytest.param(
            "SELECT * FROM TABLE(FLATTEN(INPUT => PARSE_JSON('[[1]]'), RECURSIVE => TRUE))",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`FLATTEN` with `RECURSIVE => TRUE`",
                code=2,
                words="FLATTEN(RECURSIVE => TRUE)",
                why="Its FLATTEN goes one level down.",
            ),
        ),
        pytest.param(
            "SHOW STREAMS",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`SHOW` of other kinds of objects: streams, tasks, models, roles, pipes",
                code=2,
                words="'SHOW STREAMS'",
                why="It has no list of the kind, of streams and tasks neither.",
            ),
        ),
        pytest.param(
            "SELECT * FROM INFORMATION_SCHEMA.PACKAGES",
            marks=pytest.mark.refuses(
                STATEMENTS, "`INFORMATION_SCHEMA.PACKAGES`", code=2, words="INFORMATION_SCHEMA.PACKAGES", why=NO_CODE
            ),
        ),
    ],
)
def test_statements(kept: Any, sql: str, is_refused: Callable[[Callable[[], object]], None]) -> None:
    for written in (sql, f"-- a remark\n/* another */ {sql}"):
        is_refused(kept.sql(written).collect)
    assert kept.table("KEPT").count() == 1


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(
            lambda session: session.udf.register(lambda: "x", return_type=StringType(), input_types=[]),
            id="a function",
            marks=pytest.mark.refuses("Snowpark", "`udf.register`", code=2, words="'FUNCTION'", why=NO_CODE),
        ),
        pytest.param(
            lambda session: session.sproc.register(
                lambda _session: "x", return_type=StringType(), input_types=[], packages=["snowflake-snowpark-python"]
            ),
            id="a procedure",
            marks=pytest.mark.refuses("Snowpark", "`sproc.register`", code=2, words="PACKAGES", why=NO_CODE),
        ),
        pytest.param(
            lambda session: session.call("P"),
            id="a call",
            marks=pytest.mark.refuses("Snowpark", "`Session.call`", code=2, words="'CALL'", why=NO_CODE),
        ),
        pytest.param(
            lambda session: session.table("KEPT").create_or_replace_dynamic_table("D", warehouse="W", lag="1 minute"),
            id="a dynamic table",
            marks=pytest.mark.refuses(
                "Snowpark", "`create_or_replace_dynamic_table`", code=2, words="'DYNAMIC TABLE'", why=NO_SCHEDULE
            ),
        ),
        pytest.param(
            lambda session: session.table("KEPT", time_travel_mode="at", offset=-60).collect(),
            id="the past",
            marks=pytest.mark.refuses(
                "Snowpark", "`table(time_travel_mode=)`", code=2, words="AT | BEFORE", why=NO_HISTORY
            ),
        ),
    ],
)
def test_snowpark(kept: Any, call: Callable[[Any], object], is_refused: Callable[[Callable[[], object]], None]) -> None:
    is_refused(lambda: call(kept))


@pytest.mark.refuses(
    STATEMENTS,
    "Functions that it does not know",
    code=2141,
    words="Unknown function APPROX_PERCENTILE_ACCUMULATE",
    why="As Snowflake refuses a function that is not there.",
)
def test_unknown_functions(kept: Any, is_refused: Callable[[Callable[[], object]], None]) -> None:
    is_refused(kept.sql("SELECT APPROX_PERCENTILE_ACCUMULATE(ID) FROM KEPT").collect)


def test_words_inside_texts_refuse_nothing(kept: Any) -> None:
    assert kept.sql("SELECT 'CREATE FUNCTION F' AS A, 'CALL' AS B -- DROP MODEL").collect()[0]["B"] == "CALL"
    kept.sql("CREATE TABLE MODEL (TAG VARCHAR, FUNCTION VARCHAR)").collect()
    assert kept.table("MODEL").count() == 0
    with pytest.raises(SnowparkSQLException):
        kept.sql("DROP MODEL KEPT").collect()


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param(
            "CREATE STREAM A ON VIEW V",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Streams on views",
                code=2,
                words="a stream on a VIEW",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "CREATE STREAM A ON TABLE KEPT APPEND_ONLY = TRUE",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Streams with `APPEND_ONLY`",
                code=2,
                words="APPEND_ONLY = TRUE",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "CREATE STREAM A ON TABLE KEPT SHOW_INITIAL_ROWS = TRUE",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Streams with `SHOW_INITIAL_ROWS`",
                code=2,
                words="SHOW_INITIAL_ROWS = TRUE",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "SELECT METADATA$ISUPDATE FROM S",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`METADATA$ISUPDATE`, `METADATA$ROW_ID`",
                code=904,
                words="METADATA$ISUPDATE",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "CREATE VIEW A AS SELECT * FROM S",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Views over streams",
                code=2,
                words="a view over a stream",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "ALTER TABLE KEPT ADD COLUMN Y NUMBER",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`ALTER TABLE` of a table with a stream",
                code=2,
                words="ALTER of a table that has a stream",
                why="Streams are the difference between two states of a table.",
            ),
        ),
        pytest.param(
            "CREATE TASK A WAREHOUSE = W AFTER B AS SELECT 1",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Tasks with `AFTER`",
                code=2,
                words="a task with AFTER",
                why="Tasks are run by EXECUTE TASK alone.",
            ),
        ),
        pytest.param(
            "EXECUTE TASK A RETRY LAST",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`EXECUTE TASK .. RETRY LAST`",
                code=2,
                words="EXECUTE TASK with RETRY LAST",
                why="Tasks are run by EXECUTE TASK alone.",
            ),
        ),
        pytest.param(
            "SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 5))",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "`TASK_HISTORY` by other arguments than `TASK_NAME`",
                code=2,
                words="another argument than TASK_NAME",
                why="Tasks are run by EXECUTE TASK alone.",
            ),
        ),
        pytest.param(
            "BEGIN FOR i IN 1 TO 3 DO RETURN 1; END FOR; END;",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Blocks with `FOR`, `WHILE`, `LOOP`, `REPEAT`, `CASE`",
                code=2,
                words="FOR in a scripting block",
                why="Blocks know IF, SELECT INTO, LET, RETURN, RAISE and EXCEPTION.",
            ),
        ),
        pytest.param(
            "DECLARE c CURSOR FOR SELECT 1; BEGIN RETURN 1; END;",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Blocks with cursors and result sets",
                code=2,
                words="a CURSOR in a scripting block",
                why="Blocks know IF, SELECT INTO, LET, RETURN, RAISE and EXCEPTION.",
            ),
        ),
        pytest.param(
            "BEGIN RETURN 1; EXCEPTION WHEN OTHER CONTINUE THEN RETURN 2; END;",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "Handlers with `CONTINUE`",
                code=2,
                words="a handler with CONTINUE",
                why="Blocks know IF, SELECT INTO, LET, RETURN, RAISE and EXCEPTION.",
            ),
        ),
        pytest.param(
            "CREATE FILE FORMAT X TYPE = XML",
            marks=pytest.mark.refuses(
                STATEMENTS,
                "File formats XML, AVRO, ORC",
                code=2,
                words="file format XML",
                why="It loads CSV, JSON and Parquet.",
            ),
        ),
    ],
)
def test_streams_tasks_blocks_and_formats(
    kept: Any, sql: str, is_refused: Callable[[Callable[[], object]], None]
) -> None:
    kept.sql("CREATE VIEW V AS SELECT * FROM KEPT").collect()
    kept.sql("CREATE STREAM S ON TABLE KEPT").collect()
    is_refused(kept.sql(sql).collect)


@pytest.mark.differs(STATEMENTS, "`ALTER SESSION SET TIMEZONE`", how="It is kept and shown, and times stay in UTC.")
def test_the_sessions_time_zone_changes_no_time(session: Any) -> None:
    session.sql("ALTER SESSION SET TIMEZONE = 'Europe/Berlin'").collect()
    assert session.sql("SHOW PARAMETERS LIKE 'TIMEZONE'").collect()[0]["value"] == "Europe/Berlin"
    assert session.sql("SELECT CURRENT_TIMESTAMP()::VARCHAR").collect()[0][0].endswith("+00")
