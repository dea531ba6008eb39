"""Sessions, statements that run side by side, cancelling, time limits, and the wire under them."""

import stat
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import snowflake.connector
from snowflake.connector.errors import DatabaseError, ProgrammingError
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.local.wire import query_routes

ENDLESS = "SELECT COUNT(*) FROM RANGE(1000000) A, RANGE(1000000) B WHERE SIN(A.RANGE * B.RANGE) > 2"

SLOW = "SELECT COUNT(*) FROM RANGE(1500) A, RANGE(1000) B WHERE SHA2((A.RANGE * B.RANGE)::VARCHAR) = 'x'"
"""Takes some tenths of a second and gives 0."""


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def post(engine: local.Engine, session: Any, request_id: str, sql: str, timeout: float = 10) -> dict[str, Any]:
    """A request as the connector sends it, and sends again after a 500."""
    token = session.connection.rest.token
    with requests.post(
        f"http://127.0.0.1:{engine.port}/queries/v1/query-request",
        params={"requestId": request_id},
        json={"sqlText": sql},
        headers={"Authorization": f'Snowflake Token="{token}"'},
        timeout=timeout,
    ) as response:
        answer: dict[str, Any] = response.json()
    return answer


@pytest.mark.works("SQL: statements", "`STATEMENT_TIMEOUT_IN_SECONDS`")
def test_a_statement_time_limit_stops_the_statement_with_its_own_code(session: Any) -> None:
    with pytest.raises(SnowparkSQLException) as raised:
        session.sql(ENDLESS).collect(statement_params={"STATEMENT_TIMEOUT_IN_SECONDS": 1})
    assert raised.value.sql_error_code == 630


@pytest.mark.works("Snowpark", "`collect_nowait`", "`create_async_job`")
def test_an_asynchronous_statement_is_asked_about_and_fetched_by_its_id(session: Any) -> None:
    job = session.sql("SELECT 41 + 1 AS A").collect_nowait()
    assert job.result()[0]["A"] == 42
    assert job.is_done()
    assert session.create_async_job(job.query_id).result()[0]["A"] == 42


@pytest.mark.works("Snowpark", "`cancel`")
def test_an_asynchronous_statement_can_be_cancelled(session: Any) -> None:
    job = session.sql(ENDLESS).collect_nowait()
    assert job.status() == "RUNNING"
    job.cancel()
    with pytest.raises(DatabaseError) as raised:
        job.result()
    assert raised.value.errno == 604


@pytest.mark.works("Sessions and state", "A request that is sent twice runs once")
def test_a_request_that_is_sent_twice_runs_once(engine: local.Engine, session: Any) -> None:
    schema = value(session, "SELECT CURRENT_SCHEMA()")
    session.sql("CREATE TABLE ONCE (A INT)").collect()
    sql = f"INSERT INTO {schema}.ONCE VALUES (1)"
    answers = [post(engine, session, f"request-{schema}", sql) for _ in range(2)]
    assert answers[0] == answers[1]
    assert value(session, "SELECT COUNT(*) FROM ONCE") == 1


def test_a_session_that_is_gone_is_told_to_log_in_again(engine: local.Engine) -> None:
    session = engine.session()
    rest: Any = session.connection.rest
    token = rest.token
    session.close()
    with requests.post(
        f"http://127.0.0.1:{engine.port}/queries/v1/query-request",
        json={"sqlText": "SELECT 1"},
        headers={"Authorization": f'Snowflake Token="{token}"'},
        timeout=10,
    ) as response:
        assert response.json()["code"] == "390111"


def test_a_long_statement_is_answered_as_pending_and_then_fetched(
    session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query_routes, "_SECONDS_BEFORE_PENDING", 0.02)
    assert value(session, SLOW) == 0


@pytest.mark.works("Sessions and state", "A statement whose client is gone goes on")
def test_a_statement_whose_client_is_gone_goes_on_to_its_end(engine: local.Engine, session: Any) -> None:
    schema = value(session, "SELECT CURRENT_SCHEMA()")
    session.sql("CREATE TABLE LATE (A INT)").collect()
    with pytest.raises(requests.exceptions.ReadTimeout):
        post(engine, session, f"late-{schema}", f"INSERT INTO {schema}.LATE {SLOW}", timeout=0.05)
    # The same request again joins the statement that is still under way.
    assert post(engine, session, f"late-{schema}", "never run")["success"]
    assert value(session, "SELECT COUNT(*) FROM LATE") == 1


@pytest.mark.works("Python connector", "`execute(timeout=)`")
def test_the_connectors_own_time_limit_cancels_on_the_server(engine: local.Engine) -> None:
    with snowflake.connector.connect(**engine.connection_parameters) as connection:
        with pytest.raises(ProgrammingError) as raised:
            connection.cursor().execute(ENDLESS, timeout=1)
        assert raised.value.errno == 604


def test_without_autocommit_changes_wait_for_a_commit(engine: local.Engine) -> None:
    with engine.session(autocommit=False) as one, engine.session() as other:
        other.sql("CREATE OR REPLACE TABLE HELD (A INT)").collect()
        one.sql("INSERT INTO HELD VALUES (1)").collect()
        assert value(other, "SELECT COUNT(*) FROM HELD") == 0
        one.sql("COMMIT").collect()
        assert value(other, "SELECT COUNT(*) FROM HELD") == 1


@pytest.mark.works("Sessions and state", "Writers of one table wait for each other")
def test_a_second_writer_waits_for_the_first_and_loses_nothing(engine: local.Engine) -> None:
    with engine.session() as one, engine.session() as other:
        one.sql("CREATE OR REPLACE TABLE COUNTED AS SELECT 0 AS N").collect()
        one.sql("BEGIN").collect()
        one.sql("UPDATE COUNTED SET N = 10").collect()
        waiting = other.sql("UPDATE COUNTED SET N = N + 1").collect_nowait()
        assert value(other, "SELECT N FROM COUNTED") == 0
        assert waiting.status() == "RUNNING"
        one.sql("COMMIT").collect()
        waiting.result()
        assert value(one, "SELECT N FROM COUNTED") == 11


@pytest.mark.works("Sessions and state", "Eight sessions at once: reads, writes and AI calls, none run twice")
def test_eight_sessions_mix_reads_writes_and_questions(engine: local.Engine) -> None:
    mark, n_rounds = uuid4().hex, 4
    sessions = [engine.session() for _ in range(8)]
    sessions[0].sql("CREATE OR REPLACE TABLE MIXED (W NUMBER, K NUMBER, ANSWER VARCHAR)").collect()
    sessions[0].sql("CREATE OR REPLACE TABLE TOTAL AS SELECT 0 AS N").collect()
    failures: list[Exception] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        session = sessions[number]
        try:
            start.wait(60)
            for k in range(n_rounds):
                text = f"say {mark} {number} {k}"
                insert = "INSERT INTO MIXED SELECT ?, ?, AI_COMPLETE('llama3.1-8b', ?)"
                session.sql(insert, params=[number, k, f"{text} written"]).collect()
                session.sql("UPDATE TOTAL SET N = N + 1").collect()
                assert value(session, "SELECT AI_COMPLETE('llama3.1-8b', ?)", text) == text
                labels = "SELECT AI_CLASSIFY(?, ['lost phone', 'slow data']):labels[0]::VARCHAR"
                assert value(session, labels, f"{text} my data is slow") == "slow data"
                mine = session.sql("SELECT K, ANSWER FROM MIXED WHERE W = ? ORDER BY K", params=[number]).collect()
                assert [tuple(row) for row in mine] == [(n, f"say {mark} {number} {n} written") for n in range(k + 1)]
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert [thread for thread in threads if thread.is_alive()] == []
    assert failures == []
    assert value(sessions[0], "SELECT N FROM TOTAL") == 8 * n_rounds
    asked = "SELECT COUNT(*), COUNT(DISTINCT TEXT), COUNT(DISTINCT SESSION_ID) FROM SNOWFLAKE.ENGINE.ASKED"
    counted = sessions[0].sql(f"{asked} WHERE CONTAINS(TEXT, ?)", params=[mark]).collect()[0]
    assert tuple(counted) == (8 * n_rounds * 3, 8 * n_rounds * 3, 8)
    for session in sessions:
        session.close()


@pytest.mark.works("SQL: statements", "`USE DATABASE`, `USE SCHEMA`, `CREATE DATABASE`")
def test_a_session_has_a_database_and_a_schema_and_may_choose_others(engine: local.Engine) -> None:
    with engine.session(database="OTHER_DB", schema="WORK", user="ann") as session:
        found = session.sql("SELECT CURRENT_DATABASE(), CURRENT_SCHEMA(), CURRENT_USER()").collect()[0]
        assert tuple(found) == ("OTHER_DB", "WORK", "ANN")
        session.sql("USE DATABASE CORTEX_TICKETS").collect()
        assert value(session, "SELECT CURRENT_SCHEMA()") == "PUBLIC"
        session.sql("CREATE DATABASE IF NOT EXISTS THIRD").collect()
        assert value(session, "SELECT CURRENT_DATABASE() || '.' || CURRENT_SCHEMA()") == "THIRD.PUBLIC"


def test_an_engine_without_a_path_ends_with_its_session() -> None:
    before = threading.active_count()
    with local.connect() as session:
        assert value(session, "SELECT 1") == 1
    for thread in threading.enumerate():
        if thread.name.startswith("cortex-tickets engine closing"):
            thread.join(timeout=10)
    assert threading.active_count() <= before


def test_nobody_but_its_owner_may_look_into_a_folder_that_an_engine_makes(tmp_path: Path) -> None:
    with local.Engine(tmp_path / "new" / "engine"):
        assert stat.S_IMODE((tmp_path / "new" / "engine").stat().st_mode) == 0o700


def test_engines_of_one_path_are_one_engine(tmp_path: Any) -> None:
    with local.connect(tmp_path) as one, local.connect(tmp_path) as other:
        one.sql("CREATE TABLE SEEN AS SELECT 5 AS A").collect()
        assert value(other, "SELECT A FROM SEEN") == 5
        with pytest.raises(ValueError, match="as_of"):
            local.connect(tmp_path, as_of="2024-08-01")
        with pytest.raises(ValueError, match="engine="):
            local.connect(tmp_path, engine=local.Engine.__new__(local.Engine))
