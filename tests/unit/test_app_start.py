"""`cortex-tickets app` before and after Streamlit runs: what cannot work is refused, and the exit codes are ours."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from pytest_mock import MockerFixture
from streamlit.web import cli as streamlit_cli
from typer.testing import CliRunner

from cortex_tickets import InvalidInputError, local
from cortex_tickets.cli.commands import app
from cortex_tickets.cli.exit_codes import ExitCode


@pytest.fixture(autouse=True)
def _environment_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setenv("SNOWFLAKE_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def end(mocker: MockerFixture) -> Any:
    """What would end this process, whatever still waits in it."""
    return mocker.patch("cortex_tickets.cli.app_command.end_within", autospec=True)


@pytest.fixture
def streamlit(mocker: MockerFixture) -> Any:
    """Streamlit, which would serve until it is told to stop."""
    return mocker.patch.object(streamlit_cli, "main", return_value=None)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody listens already."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number: int = server.getsockname()[1]
        return number


def refused(streamlit: Any, *options: str) -> str:
    done = CliRunner().invoke(app, ["app", "--no-browser", *options])
    assert (done.exit_code, done.stdout, streamlit.called) == (ExitCode.REFUSED, "", False)
    return done.stderr


def test_what_takes_a_while_is_told_before_it(streamlit: Any, port: int, mocker: MockerFixture) -> None:
    """Nothing else is printed while the engine, or the connection, is opened and closed once."""
    mocker.patch.object(local, "Engine", create=True, side_effect=InvalidInputError("engine"))
    said = refused(streamlit, "--port", str(port))
    assert said == "Opening the embedded engine, to see that it can be opened ...\ncortex-tickets: engine\n"
    mocker.patch("cortex_tickets.cli.app_command.connect", side_effect=InvalidInputError("mine"))
    said = refused(streamlit, "--port", str(port), "--connection", "mine")
    assert said == "Opening the connection mine, to see that it can be opened ...\ncortex-tickets: mine\n"


@pytest.mark.parametrize(
    ("what_streamlit_does", "code"), [(KeyboardInterrupt, ExitCode.INTERRUPTED), (None, ExitCode.DONE)]
)
def test_an_app_on_a_connection_ends_in_a_bounded_time(
    what_streamlit_does: Any, code: ExitCode, streamlit: Any, end: Any, mocker: MockerFixture
) -> None:
    """The session of its pages is closed at the process's end, maybe against a server that does not answer."""
    for name in ("connect", "require_free"):
        mocker.patch(f"cortex_tickets.cli.app_command.{name}")
    streamlit.side_effect = what_streamlit_does
    done = CliRunner().invoke(app, ["app", "--connection", "mine"])
    assert done.exit_code == code
    end.assert_called_once_with(15.0, code)
    assert ("The app stops: its work ends and its connection is closed, within 15 s." in done.stderr) == bool(code)
    assert "has stopped" not in done.stderr


def test_a_process_that_waits_at_its_end_is_ended() -> None:
    program = (
        "import atexit, threading; from cortex_tickets.cli.interruption import end_within; "
        "atexit.register(threading.Event().wait); print('said'); end_within(0.2, 130)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "said\n", "")


def test_a_port_that_is_taken_is_refused(streamlit: Any, taken: int, port: int) -> None:
    assert f"--port {taken} is taken: another program listens there." in refused(streamlit, "--port", str(taken))
    engine = refused(streamlit, "--port", str(port), "--engine-port", str(taken))
    assert f"--engine-port {taken} is taken" in engine
    both = refused(streamlit, "--port", str(port), "--engine-port", str(port))
    assert f"--port and --engine-port are both {port}" in both


def test_an_address_of_another_machine_is_refused(streamlit: Any, port: int) -> None:
    # An address of the block for documentation, which no machine has.
    said = refused(streamlit, "--port", str(port), "--address", "192.0.2.1")
    assert f"Nothing can listen at 192.0.2.1, port {port}: " in said


def test_a_connection_that_is_none_is_refused(streamlit: Any, port: int) -> None:
    assert "The connection 'nosuch' cannot be opened" in refused(
        streamlit, "--port", str(port), "--connection", "nosuch"
    )


def test_a_folder_that_is_none_is_refused(streamlit: Any, port: int, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in ("file", "file/below"):
        assert "An engine keeps its data in a folder" in refused(streamlit, "--port", str(port), "--path", path)
    said = refused(streamlit, "--port", str(port), "--path", "x" * 300)
    assert "cannot be made: File name too long." in said


@pytest.mark.parametrize(
    ("what_streamlit_does", "code"),
    [
        (lambda **_: signal.raise_signal(signal.SIGINT), ExitCode.INTERRUPTED),
        (click.exceptions.Abort, ExitCode.INTERRUPTED),
        (KeyboardInterrupt, ExitCode.INTERRUPTED),
        (SystemExit(1), ExitCode.REFUSED),
        (SystemExit(0), ExitCode.DONE),
        (None, ExitCode.DONE),
    ],
)
def test_the_exit_code_is_one_of_ours(
    what_streamlit_does: Any, code: ExitCode, streamlit: Any, port: int, mocker: MockerFixture
) -> None:
    mocker.patch.object(local, "Engine", create=True)
    streamlit.side_effect = what_streamlit_does
    # Streamlit's own handler, which stops the server and tells nobody.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        done = CliRunner().invoke(app, ["app", "--port", str(port)])
    finally:
        signal.signal(signal.SIGINT, before)
    assert (done.exit_code, streamlit.called) == (code, True)
    assert {
        ExitCode.INTERRUPTED: "Interrupted. The app has stopped.",
        ExitCode.REFUSED: "Streamlit cannot start the app; it says why above.",
    }.get(code, "") in done.stderr
