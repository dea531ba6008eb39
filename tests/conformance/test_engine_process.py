"""The engine in a process of its own, and at the end of this one."""

import json
import signal
import subprocess
import sys

import snowflake.connector
from snowflake.connector.cursor import SnowflakeCursor

_PYTHON = [sys.executable, "-W", "error"]
_SERVE = [*_PYTHON, "-m", "cortex_tickets.local"]


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
