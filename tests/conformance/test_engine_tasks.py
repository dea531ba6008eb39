"""Tasks on the engine: read by the documented grammar, run by EXECUTE TASK, one run after the other."""

import threading
from pathlib import Path
from typing import Any

import pytest
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local

HISTORY = "SELECT STATE, ERROR_CODE, ERROR_MESSAGE FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => '{}'))"


def rows(session: Any, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.sql(sql).collect()]


def run(session: Any, *statements: str) -> None:
    for statement in statements:
        session.sql(statement).collect()


def history(session: Any, task: str) -> list[tuple[Any, ...]]:
    schema = session.get_current_schema().strip('"')
    return rows(session, f"{HISTORY.format(task)} WHERE SCHEMA_NAME = '{schema}'")


@pytest.fixture
def table(session: Any) -> Any:
    run(
        session,
        "CREATE TABLE T (ID NUMBER)",
        "CREATE TABLE SEEN (ID NUMBER, WHO VARCHAR)",
        "CREATE STREAM S ON TABLE T",
    )
    return session


TRIGGERED = """
CREATE TASK TRIGGERED
  WAREHOUSE = LABELS_WH
  WHEN SYSTEM$STREAM_HAS_DATA('S')
  AS
    INSERT INTO SEEN SELECT ID, CURRENT_WAREHOUSE() FROM S;
"""


@pytest.mark.works("SQL: statements", "`CREATE TASK`, `ALTER TASK .. RESUME`, `EXECUTE TASK`")
def test_a_triggered_task_runs_when_its_stream_has_something_and_is_skipped_else(table: Any) -> None:
    run(table, TRIGGERED, "ALTER TASK TRIGGERED RESUME", "EXECUTE TASK TRIGGERED")
    assert history(table, "TRIGGERED") == [("SKIPPED", None, None)]
    run(table, "INSERT INTO T VALUES (1)", "EXECUTE TASK TRIGGERED")
    assert history(table, "TRIGGERED")[0] == ("SUCCEEDED", None, None)
    assert rows(table, "SELECT * FROM SEEN") == [(1, "LABELS_WH")]
    assert rows(table, "SELECT SYSTEM$STREAM_HAS_DATA('S')") == [(False,)]


def test_a_task_that_fails_says_so_in_its_history_alone(table: Any) -> None:
    run(table, "CREATE TASK FAILING WAREHOUSE = W AS INSERT INTO NOWHERE SELECT 1", "EXECUTE TASK FAILING")
    ((state, code, message),) = history(table, "FAILING")
    assert (state, code) == ("FAILED", "2003")
    assert "NOWHERE" in message


def test_a_condition_that_fails_fails_the_run(table: Any) -> None:
    run(table, "CREATE TASK C WAREHOUSE = W WHEN SYSTEM$STREAM_HAS_DATA('NONE') AS SELECT 1", "EXECUTE TASK C")
    assert history(table, "C")[0][0] == "FAILED"


def test_a_task_may_be_a_block_and_has_the_settings_that_it_was_made_with(table: Any) -> None:
    run(
        table,
        """
        CREATE OR REPLACE TASK BLOCK
          WAREHOUSE = "my wh"
          QUERY_TAG = 'the tag', STATEMENT_TIMEOUT_IN_SECONDS = 100
          CONFIG = $${"a": 1}$$
          COMMENT = 'it''s a task AS well'
        AS
        DECLARE
          n NUMBER DEFAULT 2;
        BEGIN
          INSERT INTO SEEN SELECT :n, CURRENT_USER();
          INSERT INTO SEEN SELECT 0, SNOWFLAKE.CORTEX.COMPLETE('llama3.1-8b', 'asked by the block');
        END;
        """,
        "EXECUTE TASK BLOCK",
    )
    assert history(table, "BLOCK") == [("SUCCEEDED", None, None)]
    assert rows(table, "SELECT WHO FROM SEEN WHERE ID = 2") == [("SYSTEM",)]
    assert rows(table, "SELECT QUERY_TAG FROM SNOWFLAKE.ENGINE.ASKED WHERE TEXT = 'asked by the block'") == [
        ("the tag",)
    ]


def test_a_run_is_stopped_at_its_own_time_limit(table: Any) -> None:
    endless = ", ".join(f"TABLE(GENERATOR(ROWCOUNT => 100000)) G{n}" for n in range(3))
    run(
        table,
        "CREATE TASK SLOW WAREHOUSE = W USER_TASK_TIMEOUT_MS = 1 "
        f"AS CREATE TABLE LARGE AS SELECT COUNT(*) AS N FROM {endless}",
        "EXECUTE TASK SLOW",
    )
    ((state, code, _),) = history(table, "SLOW")
    assert (state, code) == ("FAILED", "630")


def test_runs_of_one_task_never_overlap(engine: local.Engine, table: Any) -> None:
    run(table, "CREATE TABLE STEPS (N NUMBER)")
    run(
        table,
        "CREATE TASK STEP WAREHOUSE = W AS BEGIN "
        "LET n NUMBER := (SELECT COUNT(*) FROM STEPS); INSERT INTO STEPS SELECT :n; END;",
    )
    schema = table.get_current_schema().strip('"')

    def execute() -> None:
        with engine.session(schema=schema) as own:
            run(own, "EXECUTE TASK STEP")

    threads = [threading.Thread(target=execute) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert rows(table, "SELECT N FROM STEPS ORDER BY N") == [(0,), (1,), (2,), (3,)]


def test_a_task_is_made_once_replaced_and_dropped(table: Any) -> None:
    run(table, "CREATE TASK A WAREHOUSE = W AS INSERT INTO SEEN SELECT 1, 'old'")
    with pytest.raises(SnowparkSQLException, match="already exists"):
        run(table, "CREATE TASK A WAREHOUSE = W AS SELECT 1")
    run(table, "CREATE TASK IF NOT EXISTS A WAREHOUSE = W AS SELECT 1", "EXECUTE TASK A")
    run(table, "CREATE OR REPLACE TASK A WAREHOUSE = W AS INSERT INTO SEEN SELECT 1, 'new'", "EXECUTE TASK A")
    assert rows(table, "SELECT WHO FROM SEEN ORDER BY WHO") == [("new",), ("old",)]
    run(table, "ALTER TASK A SUSPEND", "DROP TASK A", "DROP TASK IF EXISTS A", "ALTER TASK IF EXISTS A SUSPEND")
    for statement in ("EXECUTE TASK A", "DROP TASK A", "ALTER TASK A RESUME"):
        with pytest.raises(SnowparkSQLException, match="does not exist"):
            run(table, statement)


@pytest.mark.parametrize(
    ("definition", "said"),
    [
        ("WAREHOUSE = W", "unexpected '<EOF>'"),
        ("WAREHOUSE = W AS", "unexpected '<EOF>'"),
        ("WAREHOUSE = W WAREHOUSE = V AS SELECT 1", "unexpected 'WAREHOUSE'"),
        ("SPEED = 3 AS SELECT 1", "unexpected 'SPEED'"),
        ("WAREHOUSE W AS SELECT 1", "unexpected 'W'"),
        ("WAREHOUSE = W WHEN", "unexpected '<EOF>'"),
        ("WAREHOUSE = W USER_TASK_MINIMUM_TRIGGER_INTERVAL_IN_SECONDS = 9 AS SELECT 1", "invalid value [9]"),
        ("WAREHOUSE = W TASK_AUTO_RETRY_ATTEMPTS = 31 AS SELECT 1", "invalid value [31]"),
        ("WAREHOUSE = W USER_TASK_TIMEOUT_MS = x AS SELECT 1", "invalid value [x]"),
        ("WAREHOUSE = W OVERLAP_POLICY = SOMETIMES AS SELECT 1", "invalid value [SOMETIMES]"),
        ("WAREHOUSE = W TARGET_COMPLETION_INTERVAL = '5 MINUTES' AS SELECT 1", "beside WAREHOUSE"),
        ("TARGET_COMPLETION_INTERVAL = '9 SECONDS' AS SELECT 1", "invalid value [9 SECONDS]"),
        ("TARGET_COMPLETION_INTERVAL = 'soon' AS SELECT 1", "invalid value [soon]"),
        ("WHEN SYSTEM$STREAM_HAS_DATA('S') AS SELECT 1", "needs TARGET_COMPLETION_INTERVAL"),
        ("WAREHOUSE = W AFTER B AS SELECT 1", "a task with AFTER"),
    ],
)
def test_what_the_grammar_does_not_allow_is_refused(table: Any, definition: str, said: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        run(table, f"CREATE TASK A {definition}")
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("CREATE OR REPLACE TASK IF NOT EXISTS A WAREHOUSE = W AS SELECT 1", "unexpected 'IF'"),
        ("EXECUTE TASK", "unexpected '<EOF>'"),
        ("EXECUTE TASK S RETRY LAST", "EXECUTE TASK with RETRY LAST"),
        ("ALTER TASK A SET SCHEDULE = '5 MINUTES'", "ALTER TASK SET"),
        ("SELECT * FROM TABLE(INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 5))", "another argument than TASK_NAME"),
    ],
)
def test_what_the_engine_does_not_know_is_refused_by_name(table: Any, statement: str, said: str) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        run(table, statement)
    assert said in str(raised.value)


def test_a_serverless_triggered_task_of_the_documentation_is_taken(table: Any) -> None:
    run(
        table,
        """
        CREATE TASK MY_TRIGGERED_TASK
          TARGET_COMPLETION_INTERVAL='15 MINUTES'
          WHEN SYSTEM$STREAM_HAS_DATA('S')
          AS
            INSERT INTO SEEN
            SELECT ID, 'order'
            FROM S;
        """,
        "INSERT INTO T VALUES (1)",
        "EXECUTE TASK MY_TRIGGERED_TASK",
    )
    assert rows(table, "SELECT * FROM SEEN") == [(1, "order")]


def test_tasks_and_their_history_outlive_an_engine_that_keeps_files(tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    with local.Engine(folder) as engine, engine.session() as session:
        run(session, "CREATE TASK PUBLIC.A WAREHOUSE = W AS SELECT 1", "EXECUTE TASK A")
    with local.Engine(folder) as engine, engine.session() as session:
        run(session, 'EXECUTE TASK "CORTEX_TICKETS"."PUBLIC"."A"')
        assert history(session, "A") == [("SUCCEEDED", None, None)] * 2
