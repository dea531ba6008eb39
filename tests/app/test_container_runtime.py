"""Streamlit in Snowflake's container runtime: long work has a connection of its own, by the default one."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.model_server import ModelServer, said
from cortex_tickets import local
from served_engine import write_connections

SECONDS = 60
APP = """
import json, sys, threading
from pathlib import Path
from cortex_tickets.app import opening
from cortex_tickets.app.asking import labelling, overview
from cortex_tickets.app.background import WorkBoard
from cortex_tickets.app.settings import Settings

opening._TOKEN = Path(sys.argv[1])
desk = opening.open_desk(Settings())
opening.load_samples(desk)
model = "claude-sonnet-4-6"
task = labelling.label_task(desk, model, labelling.estimate_labels(desk, model), None)
work = WorkBoard().start("labels", "Labels", task)
sys.stdin.readline()
seen = []
page = threading.Thread(target=lambda: seen.append(overview.counts(desk, "none").n_tickets), daemon=True)
page.start()
page.join(20)
print(json.dumps({"seen": seen, "is_over": work.is_over, "is_engine": desk.is_engine}), flush=True)
sys.stdin.readline()
work.wait(60)
print(json.dumps({"state": work.state, "said": work.said}), flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def model() -> Iterator[ModelServer]:
    server = ModelServer()
    yield server
    server.close()


@pytest.fixture
def engine(model: ModelServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[local.Engine]:
    monkeypatch.setenv("CORTEX_TICKETS_LLM_URL", model.url)
    with local.Engine() as started:
        yield started


def n_sessions(engine: local.Engine) -> int:
    return len(engine._sessions._sessions)


def test_a_page_is_answered_while_a_statement_of_long_work_is_under_way(
    model: ModelServer, engine: local.Engine, tmp_path: Path
) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def reply(_body: Any) -> Any:
        asked.set()
        goes_on.wait(SECONDS)
        return said(json.dumps({"label": "Lost phone"}))

    model.reply = reply
    token = tmp_path / "token"
    token.touch()
    home = write_connections(engine, tmp_path / "home")
    with subprocess.Popen(
        [sys.executable, "-c", APP, token],
        env={**os.environ, "SNOWFLAKE_HOME": str(home)},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as app:
        assert app.stdin is not None
        assert app.stdout is not None
        try:
            assert asked.wait(SECONDS)
            during = n_sessions(engine)
            print("look at a page", file=app.stdin, flush=True)
            page = json.loads(app.stdout.readline())
        finally:
            goes_on.set()
        print("wait for the end", file=app.stdin, flush=True)
        work = json.loads(app.stdout.readline())
        after = n_sessions(engine)
        app.stdin.close()
    assert page == {"seen": [151], "is_over": False, "is_engine": False}
    assert work["state"] == "done", work["said"]
    assert (during, after) == (2, 1)
