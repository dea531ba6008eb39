"""The app in a browser: the command starts it, Chromium clicks, and a second session reads what came of it."""

import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright
from snowflake.snowpark import Session

from browser.reader import Reader

PICTURES = Path(__file__).parents[2] / "docs" / "img"
_SECONDS_TO_STOP = 60
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_START = "import sys; from cortex_tickets.cli import main; sys.argv[0] = 'cortex-tickets'; main()"


class RunningApp:
    """The app's process: where it is, and how to look into its tables from outside."""

    def __init__(self, port: int, engine_port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._engine_port = engine_port

    def second_session(self) -> Any:
        """A session that the app knows nothing of, on the same engine."""
        return Session.builder.configs(
            {
                "user": "engine",
                "password": "engine",
                "account": "embedded",
                "protocol": "http",
                "host": "127.0.0.1",
                "port": self._engine_port,
                "database": "CORTEX_TICKETS",
                "schema": "PUBLIC",
                "session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False},
            }
        ).create()


@pytest.fixture(scope="session")
def running_app() -> Iterator[RunningApp]:
    port, engine_port = _free_port(), _free_port()
    # The first job hangs, so that there is one to watch, to find again and to cancel; the next one ends. The model is
    # busy at first, so that labelling is under way for some seconds, and somebody can press Stop.
    environment = {**os.environ, "CORTEX_TICKETS_FAULTS": "hung_jobs=@1; too_many_requests=1 x3 cortex"}
    environment.pop("CORTEX_TICKETS_LLM_URL", None)
    options = ["app", "--no-browser", "--port", str(port), "--engine-port", str(engine_port)]
    with subprocess.Popen(
        [sys.executable, "-c", _START, *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = ""
        for line in process.stdout:
            said += line
            if "URL:" in line:
                break
        else:
            pytest.fail(f"the app did not start:\n{said}")
        # Somebody has to read what it says: it stands still when the pipe is full.
        reading = threading.Thread(target=process.stdout.read, daemon=True)
        reading.start()
        yield RunningApp(port, engine_port)
        process.terminate()
        process.wait(_SECONDS_TO_STOP)
        reading.join()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = next((path for path in map(shutil.which, _BROWSERS) if path), None)
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=found)
        except Error as error:
            pytest.fail(
                f"No browser can be started ({str(error).splitlines()[0]}). Install Chromium, so that `chromium` is on "
                "the PATH, or run: playwright install chromium"
            )
        yield started
        started.close()


@pytest.fixture
def reader(browser: Browser, running_app: RunningApp, request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Somebody with a browser. With --update-examples the pictures of the documentation are taken anew."""
    pictures = PICTURES if request.config.getoption("update_examples") else None
    with Reader(browser, running_app.url, pictures) as made:
        yield made


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
