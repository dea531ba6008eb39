"""The end of the app's process: its work is stopped and its run closed, and a server that is gone is not waited for."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cortex_tickets import local
from cortex_tickets.app.background import WorkBoard, stop_all_work
from served_engine import write_connections

APP = """
import sys, time
from cortex_tickets.app import opening
from cortex_tickets.app.asking import labelling
from cortex_tickets.app.background import WorkBoard
from cortex_tickets.app.settings import Settings

desk = opening.open_desk(Settings.from_environment({"CORTEX_TICKETS_APP_PATH": sys.argv[1]}))
model = "claude-sonnet-4-6"
task = labelling.label_task(desk, model, labelling.estimate_labels(desk, model), None)
work = WorkBoard().start("labels", "Labels", task)
while work.progress is None:
    time.sleep(0.01)
"""


def test_work_is_stopped_before_its_connection_is_closed(tmp_path: Path) -> None:
    # The first statement that asks is sent again after a second: the end of the process comes before its answer.
    environment = {**os.environ, "CORTEX_TICKETS_FAULTS": "too_many_requests=1 x1 cortex"}
    done = subprocess.run(
        [sys.executable, "-c", APP, tmp_path],
        env=environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    with local.connect(tmp_path) as session:
        states = session.sql("SELECT STATE, REASON FROM TICKET_LABELS_RUNS").collect()
        assert [tuple(row) for row in states] == [("INTERRUPTED", "StoppedByReader")]
        assert session.sql("SELECT HOLDER FROM TICKET_LABELS_LEASES").collect()[0][0] is None


CONNECTED = """
import sys
from cortex_tickets.app import opening
from cortex_tickets.app.settings import Settings

desk = opening.open_desk(Settings(connection="default"))
print(desk.rows("SELECT 1 AS ONE")[0]["ONE"], flush=True)
sys.stdin.readline()
"""


def test_a_session_whose_server_is_gone_does_not_keep_the_process(tmp_path: Path) -> None:
    with local.Engine() as engine:
        home = write_connections(engine, tmp_path / "home")
        app = subprocess.Popen(
            [sys.executable, "-c", CONNECTED],
            env={**os.environ, "SNOWFLAKE_HOME": str(home)}, cwd=tmp_path,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert app.stdout is not None
        assert app.stdout.readline() == "1\n"
    try:
        # Snowpark alone would ask for minutes.
        said = app.communicate("end\n", timeout=60)
    finally:
        app.kill()
    assert (app.returncode, *said) == (0, "", "")


def test_work_that_does_not_stop_in_time_is_told_in_a_line_and_not_waited_for(
    caplog: pytest.LogCaptureFixture,
) -> None:
    going_on = threading.Event()
    board = WorkBoard()
    works = [board.start(kind, f"Work {kind}", lambda _: str(going_on.wait(60))) for kind in ("a", "b")]
    try:
        stop_all_work(0.05)
    finally:
        going_on.set()
    assert sorted(line.getMessage() for line in caplog.records if line.name == "cortex_tickets") == [
        f"the app's work 'Work {kind}' did not stop within 0.05 s: its run is left open until its lease is over"
        for kind in ("a", "b")
    ]
    assert all(work.wait(60) for work in works)
