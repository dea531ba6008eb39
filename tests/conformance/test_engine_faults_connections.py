"""Connections that a fault profile breaks, while the statements go on to their end on the server."""

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import snowflake.connector
from snowflake.connector.constants import QueryStatus
from snowflake.connector.errors import DatabaseError, OperationalError
from snowflake.snowpark.exceptions import SnowparkSQLException

from cortex_tickets import local
from cortex_tickets.local import Engine, Fault, Faults

INSERT = "INSERT INTO T VALUES (1)"
_SECONDS = 30


def at_once() -> Iterator[int]:
    """The connector's pauses before it sends a request again."""
    while True:
        yield 0


def value(session: Any, sql: str, *params: Any) -> Any:
    return session.sql(sql, params=list(params) or None).collect()[0][0]


def table(session: Any) -> Any:
    session.sql("CREATE OR REPLACE TABLE T (A INT)").collect()
    return session


def counted(session: Any) -> dict[str, int]:
    rows = session.sql("SELECT FAULT, COUNT(*) AS N FROM SNOWFLAKE.ENGINE.FAULTS GROUP BY FAULT").collect()
    return {row["FAULT"]: row["N"] for row in rows}


@pytest.fixture
def quiet_connector(caplog: pytest.LogCaptureFixture) -> None:
    """The connector logs with a traceback whatever it gives up on."""
    caplog.set_level(logging.CRITICAL, logger="snowflake.connector")


def test_the_client_sends_again_after_a_dropped_connection_and_the_statement_runs_once() -> None:
    faults = Faults(dropped_connections=Fault(nth=(1, 2), matching="INSERT"))
    with Engine(faults=faults) as engine, engine.session(backoff_policy=at_once) as session:
        assert table(session).sql(INSERT).collect()[0][0] == 1
        assert value(session, "SELECT COUNT(*) FROM T") == 1
        assert counted(session) == {"dropped_connections": 2}


def test_without_any_setting_the_client_waits_a_second_and_nobody_notices() -> None:
    with local.connect(faults=Faults(dropped_connections=Fault(nth=2))) as session:
        assert table(session).sql(INSERT).collect()[0][0] == 1
        assert value(session, "SELECT COUNT(*) FROM T") == 1


@pytest.mark.usefixtures("quiet_connector")
def test_a_client_with_a_network_timeout_gives_up_when_every_connection_is_dropped() -> None:
    faults = Faults(dropped_connections=Fault(1.0, matching="INSERT"))
    with Engine(faults=faults) as engine, engine.session() as session:
        table(session)
        with snowflake.connector.connect(**engine.connection_parameters, network_timeout=1) as connection:
            with pytest.raises(OperationalError) as raised:
                connection.cursor().execute(INSERT)
            assert raised.value.errno == 250003
        assert value(session, "SELECT COUNT(*) FROM T") == 1
        assert counted(session)["dropped_connections"] >= 2


@pytest.mark.parametrize("sql", [INSERT, "INSERT INTO T SELECT 'no number'"])
def test_a_lost_answer_is_an_error_at_once_whatever_the_server_did(sql: str) -> None:
    with local.connect(faults=Faults(lost_answers=Fault(nth=1, matching="INSERT"))) as session:
        table(session)
        with pytest.raises(OSError, match="Connection broken: IncompleteRead"):
            session.sql(sql).collect()
        assert value(session, "SELECT COUNT(*) FROM T") == (1 if sql == INSERT else 0)
        assert value(session, INSERT) == 1
        assert counted(session) == {"lost_answers": 1}


def test_only_statements_that_call_a_cortex_function_lose_their_answers_if_that_is_asked() -> None:
    with local.connect(faults=Faults(lost_answers=Fault(1.0, only_cortex=True))) as session:
        table(session).sql(INSERT).collect()
        with pytest.raises(OSError, match="Connection broken"):
            session.sql("SELECT AI_COMPLETE('llama3.1-8b', 'say hello')").collect()


def test_an_asynchronous_statement_loses_its_answer_when_it_is_fetched() -> None:
    with local.connect(faults=Faults(lost_answers=Fault(nth=1))) as session:
        job = session.sql("SELECT 41 + 1 AS A").collect_nowait()
        with pytest.raises(OSError, match="Connection broken"):
            job.result()
        assert session.create_async_job(job.query_id).result()[0]["A"] == 42


def test_a_withheld_answer_never_comes_and_the_client_that_asks_again_gets_it() -> None:
    faults = Faults(withheld_answers=Fault(nth=1, matching="INSERT"))
    with Engine(faults=faults) as engine, engine.session() as session:
        table(session)
        given = {**engine.connection_parameters, "socket_timeout": 1, "backoff_policy": at_once}
        started = time.monotonic()
        with snowflake.connector.connect(**given) as connection:
            connection.cursor().execute(INSERT)
        assert time.monotonic() - started >= 1
        assert value(session, "SELECT COUNT(*) FROM T") == 1


def test_an_engine_closes_over_a_withheld_answer_without_a_word(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    with Engine(faults=Faults(withheld_answers=Fault(nth=1))) as engine, ThreadPoolExecutor(1) as threads:
        session = engine.session()
        rest: Any = session.connection.rest
        unanswered = threads.submit(
            requests.post,
            f"http://127.0.0.1:{engine.port}/queries/v1/query-request",
            json={"sqlText": "SELECT 41"},
            headers={"Authorization": f'Snowflake Token="{rest.token}"'},
            timeout=_SECONDS,
        )
        deadline = time.monotonic() + _SECONDS
        while counted(session) != {"withheld_answers": 1}:
            assert time.monotonic() < deadline
        assert not unanswered.done()
        session.close()
        engine.close()
        with pytest.raises(requests.ConnectionError):
            unanswered.result(_SECONDS)
    complaints = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (complaints, capfd.readouterr().err) == ([], "")


def results(session: Any, query_id: str) -> Any:
    """What a statement gave back, waited for by its id."""
    cursor = session.connection.cursor()
    cursor.get_results_from_sfqid(query_id)
    return cursor.fetchall()


def running_orphan(session: Any) -> str:
    with pytest.raises(OSError, match="Connection broken"):
        session.sql(INSERT).collect()
    return str(value(session, "SELECT QUERY_ID FROM SNOWFLAKE.ENGINE.FAULTS WHERE FAULT = 'orphaned_statements'"))


def test_an_orphan_is_under_way_when_its_client_is_gone_and_can_be_cancelled() -> None:
    faults = Faults(orphaned_statements=Fault(nth=1, matching="INSERT"), orphan_seconds=600)
    with local.connect(faults=faults) as session:
        query_id = running_orphan(table(session))
        connection = session.connection
        assert connection.get_query_status(query_id) is QueryStatus.RUNNING
        assert value(session, "SELECT COUNT(*) FROM T") == 0
        assert "terminated" in value(session, f"SELECT SYSTEM$CANCEL_QUERY('{query_id}')")
        with pytest.raises(DatabaseError, match="SQL execution canceled"):
            results(session, query_id)
        assert value(session, INSERT) == 1
        assert value(session, "SELECT COUNT(*) FROM T") == 1


@pytest.mark.parametrize("seconds", [0, 0.05])
def test_an_orphan_does_its_work_after_its_client_is_gone(seconds: float) -> None:
    faults = Faults(orphaned_statements=Fault(nth=1, matching="INSERT"), orphan_seconds=seconds)
    with local.connect(faults=faults) as session:
        query_id = running_orphan(table(session))
        # Whoever knows its id can wait for it.
        assert results(session, query_id) == [(1,)]
        assert value(session, "SELECT COUNT(*) FROM T") == 1


def test_an_orphan_keeps_its_own_time_limit() -> None:
    faults = Faults(orphaned_statements=Fault(nth=1, matching="INSERT"), orphan_seconds=600)
    with local.connect(faults=faults) as session:
        table(session)
        with pytest.raises(OSError, match="Connection broken"):
            session.sql(INSERT).collect(statement_params={"STATEMENT_TIMEOUT_IN_SECONDS": 1})
        query_id = value(session, "SELECT QUERY_ID FROM SNOWFLAKE.ENGINE.FAULTS")
        with pytest.raises(DatabaseError) as raised:
            results(session, query_id)
        assert raised.value.errno == 630


def test_a_session_that_is_closed_takes_its_orphan_with_it() -> None:
    faults = Faults(orphaned_statements=Fault(nth=1, matching="INSERT"), orphan_seconds=600)
    with Engine(faults=faults) as engine, engine.session() as watching:
        table(watching)
        with engine.session() as session:
            query_id = running_orphan(session)
        deadline = time.monotonic() + _SECONDS
        while (status := watching.connection.get_query_status(query_id)) is QueryStatus.RUNNING:
            assert time.monotonic() < deadline
        assert status is QueryStatus.FAILED_WITH_ERROR
        assert value(watching, "SELECT COUNT(*) FROM T") == 0


def test_an_asynchronous_statement_can_be_orphaned_as_well() -> None:
    faults = Faults(orphaned_statements=Fault(nth=1, matching="INSERT"), orphan_seconds=0)
    with local.connect(faults=faults) as session:
        table(session)
        with pytest.raises(OSError, match="Connection broken"):
            session.sql(INSERT).collect_nowait()
        query_id = value(session, "SELECT QUERY_ID FROM SNOWFLAKE.ENGINE.FAULTS")
        assert results(session, query_id) == [(1,)]
        assert value(session, "SELECT COUNT(*) FROM T") == 1


def test_whoever_counts_the_faults_and_whoever_leaves_is_not_struck() -> None:
    with local.connect(faults=Faults(lost_answers=1.0)) as session:
        with pytest.raises(OSError, match="Connection broken"):
            session.sql("SELECT 1").collect()
        assert counted(session) == {"lost_answers": 1}
        assert value(session, 'SELECT COUNT(*) FROM "SNOWFLAKE"."ENGINE"."ASKED"') == 0


def test_a_struck_statement_can_lose_its_answer_as_well() -> None:
    faults = Faults(throttled=Fault(nth=1), lost_answers=Fault(nth=1))
    with local.connect(faults=faults) as session:
        with pytest.raises(OSError, match="Connection broken"):
            session.sql("SELECT AI_COMPLETE('llama3.1-8b', 'say hello')").collect()
        assert counted(session) == {"throttled": 1, "lost_answers": 1}


def test_which_answers_are_lost_is_the_seeds_choice() -> None:
    def lost(seed: int) -> list[int]:
        found = []
        with local.connect(faults=Faults(seed=seed, lost_answers=0.4)) as session:
            for number in range(25):
                try:
                    session.sql("SELECT ? AS A", params=[number]).collect()
                except OSError:
                    found.append(number)
        return found

    first = lost(7)
    assert 2 < len(first) < 20
    assert lost(7) == first
    assert lost(8) != first


def test_an_error_of_the_statement_itself_still_comes_through() -> None:
    with local.connect(faults=Faults(lost_answers=Fault(nth=2))) as session, pytest.raises(SnowparkSQLException):
        session.sql("SELECT * FROM NOT_THERE").collect()
