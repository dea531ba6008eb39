"""The reader of the app's output goes away, as `head` does: the app goes on, and ends when it is told."""

import os
import signal
import socket
import subprocess
import sys
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest

START = "import sys; from cortex_tickets.cli import main; sys.argv[0] = 'cortex-tickets'; main()"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_an_app_whose_output_nobody_reads_any_more_ends_when_it_is_told(
    number: signal.Signals, code: int, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CORTEX_TICKETS_")}
    with subprocess.Popen(
        [sys.executable, "-c", START, "app", "--no-browser", "--port", str(port)],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as app:
        try:
            assert app.stdout is not None
            assert any("URL:" in line for line in app.stdout)
            app.stdout.close()
            # Streamlit handles signals from before its first answer on.
            asked = HTTPConnection("127.0.0.1", port, timeout=60)
            asked.request("GET", "/_stcore/health")
            assert asked.getresponse().status == HTTPStatus.OK
            asked.close()
            app.send_signal(number)
            assert app.wait(60) == code
        finally:
            app.kill()
