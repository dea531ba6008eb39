"""A fault profile on an engine in a process of its own, and clients that are killed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.errors import ProgrammingError

_PYTHON = [sys.executable, "-W", "error"]
_CLI = [*_PYTHON, "-c", "from cortex_tickets.cli import main; main()", "serve", "--json"]
_MODULE = [*_PYTHON, "-m", "cortex_tickets.local"]
_SECONDS = 30
_CLIENT = """
import json, signal, sys
import snowflake.connector
connection = snowflake.connector.connect(**json.loads(sys.argv[1]))
try:
    connection.cursor().execute("INSERT INTO " + sys.argv[2] + " VALUES (1)")
    print("answered", flush=True)
except OSError:
    print("cut off", flush=True)
signal.pause()
"""


@contextmanager
def served(command: list[str], faults: str | None = None) -> Iterator[dict[str, Any]]:
    environment = {name: text for name, text in os.environ.items() if name != "CORTEX_TICKETS_FAULTS"}
    if faults is not None:
        environment["CORTEX_TICKETS_FAULTS"] = faults
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield json.loads(process.stdout.readline())
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=_SECONDS) == 0
            assert process.stderr.read() == ""
        finally:
            process.kill()


def rows(connection: Any, sql: str) -> Any:
    cursor = connection.cursor()
    cursor.execute(sql)
    return cursor.fetchall()


@pytest.mark.parametrize(
    ("command", "faults"),
    [
        (_CLI, "throttled=@2"),
        ([*_MODULE, "--faults", "throttled=@2"], "throttled=1"),
    ],
)
def test_the_environment_and_the_option_say_the_profile(command: list[str], faults: str | None) -> None:
    ask = "SELECT AI_COMPLETE('llama3.1-8b', 'say hello')"
    with served(command, faults) as parameters, snowflake.connector.connect(**parameters) as connection:
        assert rows(connection, ask) == [("say hello",)]
        with pytest.raises(ProgrammingError, match="throttled") as raised:
            rows(connection, ask)
        assert raised.value.errno == 512513
        assert rows(connection, ask) == [("say hello",)]
        assert rows(connection, "SELECT FAULT FROM SNOWFLAKE.ENGINE.FAULTS") == [("throttled",)]


@pytest.fixture(scope="module")
def bad_day() -> Iterator[dict[str, Any]]:
    faults = r"withheld_answers=@1 ~INTO HELD; orphaned_statements=@1 ~INTO LEFT_ALONE; orphan_seconds=0.5"
    with served(_MODULE, faults) as parameters:
        yield parameters


@contextmanager
def inserting(parameters: dict[str, Any], table: str) -> Iterator[subprocess.Popen[str]]:
    """A client in a process of its own that inserts a row, says how it went, and lives until it is killed."""
    command = [*_PYTHON, "-c", _CLIENT, json.dumps(parameters), table]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as client:
        try:
            yield client
        finally:
            client.kill()


def test_a_client_that_is_killed_between_commit_and_answer_has_done_its_work(bad_day: dict[str, Any]) -> None:
    with snowflake.connector.connect(**bad_day) as watching:
        rows(watching, "CREATE TABLE HELD (A INT)")
        with inserting(bad_day, "HELD") as client:
            deadline = time.monotonic() + _SECONDS
            while not rows(watching, "SELECT * FROM SNOWFLAKE.ENGINE.FAULTS WHERE FAULT = 'withheld_answers'"):
                assert time.monotonic() < deadline
            client.kill()
            assert client.stdout is not None
            assert client.stdout.read() == ""
        assert rows(watching, "SELECT COUNT(*) FROM HELD") == [(1,)]


def test_an_orphan_outlives_its_killed_client(bad_day: dict[str, Any]) -> None:
    with snowflake.connector.connect(**bad_day) as watching:
        rows(watching, "CREATE TABLE LEFT_ALONE (A INT)")
        with inserting(bad_day, "LEFT_ALONE") as client:
            assert client.stdout is not None
            assert client.stdout.readline() == "cut off\n"
            client.kill()
        orphans = "SELECT QUERY_ID FROM SNOWFLAKE.ENGINE.FAULTS WHERE FAULT = 'orphaned_statements'"
        ((query_id,),) = rows(watching, orphans)
        cursor = watching.cursor()
        cursor.get_results_from_sfqid(query_id)
        assert cursor.fetchall() == [(1,)]
        assert rows(watching, "SELECT COUNT(*) FROM LEFT_ALONE") == [(1,)]
