"""The engine in a process of its own, and at the end of this one."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import snowflake.connector
from snowflake.connector.cursor import SnowflakeCursor

from conformance.model_server import ModelServer, Reply, said

_PYTHON = [sys.executable, "-W", "error"]
_COMMAND = [*_PYTHON, "-c", "from cortex_tickets.cli import main; main()", "serve"]
_SERVE = [*_PYTHON, "-m", "cortex_tickets.local"]


@pytest.mark.works("Python connector", "From another process")
def test_a_plain_connector_works_from_another_process_and_the_engine_stops_when_asked() -> None:
    with subprocess.Popen(_SERVE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as engine:
        assert engine.stdout is not None
        assert engine.stderr is not None
        parameters = json.loads(engine.stdout.readline())
        connection = snowflake.connector.connect(**parameters)
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE T (A INT, B VARCHAR)")
        cursor.executemany("INSERT INTO T VALUES (%s, %s)", [(1, "a"), (2, "b")])
        assert isinstance(cursor.execute("SELECT COUNT(*) FROM T"), SnowflakeCursor)
        assert cursor.fetchall() == [(2,)]
        connection.close()
        engine.send_signal(signal.SIGTERM)
        assert engine.wait(timeout=30) == 0
        assert engine.stderr.read() == ""


def test_a_program_that_closes_nothing_ends_quietly() -> None:
    program = "from cortex_tickets import local; s = local.connect(); print(s.sql('SELECT 1 AS A').collect())"
    done = subprocess.run([*_PYTHON, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[Row(A=1)]", "")


def command_by_connection(home: Path, entry: str) -> str:
    """Run a command on the served engine, by the entry that was printed."""
    home.mkdir()
    (home / "connections.toml").touch(mode=0o600)  # the connector complains of what others may read
    (home / "connections.toml").write_text(entry, encoding="utf-8")
    done = subprocess.run(
        [*_COMMAND[:-1], "job", "list", "--connection", "engine"],
        env={**os.environ, "SNOWFLAKE_HOME": str(home)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    return done.stdout + done.stderr


@pytest.mark.works("Python connector", "`cortex-tickets serve [--path] [--port]`")
def test_serve_prints_what_can_be_pasted_and_keeps_tables(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*_COMMAND, "--path", str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as served:
        assert served.stdout is not None
        assert served.stderr is not None
        printed = "".join(iter(served.stdout.readline, "Ctrl-C stops the engine.\n"))
        pasted: dict[str, Any] = {}
        python, _, entry = printed.partition("\nFor `--connection engine`")
        exec(python.partition("of it:\n")[2], pasted)  # noqa: S102 - it is printed to be run
        with pasted["connection"] as connection:
            connection.cursor().execute("CREATE TABLE KEPT AS SELECT 41 AS A")
        listed = command_by_connection(tmp_path / "home", entry.partition("\n\n")[2])
        served.send_signal(signal.SIGINT)
        assert served.wait(timeout=30) == 130  # as the page of the command line says of Ctrl-C
        assert served.stderr.read() == "cortex-tickets: Interrupted. The engine has stopped.\n"
    assert listed == "There are no jobs.\n"
    with subprocess.Popen([*_COMMAND, "--path", str(tmp_path), "--json"], stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        parameters = json.loads(served.stdout.readline())
        with snowflake.connector.connect(**parameters) as connection:
            cursor = connection.cursor()
            assert cursor.execute("SELECT A + 1 FROM KEPT") is cursor
            assert cursor.fetchall() == [(42,)]
        served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=30) == 0


@pytest.mark.works("Sessions and state", "`SNOWFLAKE.ENGINE.ASKED` after the engine was killed, with a path")
def test_what_a_killed_engine_has_asked_is_in_the_log_of_the_next(tmp_path: Path) -> None:
    def serve(**environment: str) -> subprocess.Popen[str]:
        command = [*_COMMAND, "--path", str(tmp_path), "--json"]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **environment})

    arrived, goes_on = threading.Event(), threading.Event()

    def hang(body: dict[str, Any]) -> Reply:
        if "never answered" in body["messages"][-1]["content"]:
            arrived.set()
            goes_on.wait(30)
        return said("an answer")

    server = ModelServer()
    server.reply = hang
    with serve(CORTEX_TICKETS_LLM_URL=server.url) as served:
        assert served.stdout is not None
        cursor = snowflake.connector.connect(**json.loads(served.stdout.readline())).cursor()
        cursor.execute(
            "CREATE TABLE A AS SELECT COLUMN1 AS T, AI_COMPLETE('llama3.1-8b', COLUMN1) AS A "
            "FROM VALUES ('one'), ('two')"
        )
        cursor.execute_async("CREATE TABLE B AS SELECT AI_COMPLETE('llama3.1-8b', 'never answered') AS A")
        assert arrived.wait(30)
        served.kill()
        goes_on.set()
    server.close()
    with serve() as served:
        assert served.stdout is not None
        cursor = snowflake.connector.connect(**json.loads(served.stdout.readline())).cursor()
        cursor.execute("SELECT TEXT, OUTPUT_TOKENS > 0 FROM SNOWFLAKE.ENGINE.ASKED ORDER BY TEXT")
        assert cursor.fetchall() == [("never answered", False), ("one", True), ("two", True)]
        cursor.execute("SELECT T, A FROM A ORDER BY T")
        assert cursor.fetchall() == [("one", "an answer"), ("two", "an answer")]
        served.send_signal(signal.SIGTERM)
        assert served.wait(timeout=30) == 0


def test_serve_says_that_the_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*_COMMAND, "--port", port], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr.startswith("cortex-tickets: the engine cannot start")
