"""The end of a server that has work under way: the run is closed, so that whoever starts it again need not wait."""

import os
import subprocess
import sys
from pathlib import Path

from cortex_tickets import local

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
