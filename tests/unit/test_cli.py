"""The command line: what it passes on, and how it tells of failures."""

import signal
import time
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner

from cortex_tickets import Preflight, local
from cortex_tickets.cli import commands, demo_command, opening, preflight_command, serve_command
from cortex_tickets.cli.demo import run_demo
from cortex_tickets.cli.demo_files import _write_rows
from cortex_tickets.errors import AccessDeniedError, InvalidInputError
from cortex_tickets.local import Fault, Faults
from cortex_tickets.testing import FakeSession


def test_the_demonstration_gets_its_folder_and_its_seed(mocker: MockerFixture) -> None:
    run = mocker.patch.object(demo_command, "run_demo", autospec=True)
    assert CliRunner().invoke(commands.app, ["demo"]).exit_code == 0
    run.assert_called_once_with(Path("demo-output"), seed=7, as_json=False)
    assert CliRunner().invoke(commands.app, ["demo", "--output", "x", "--seed", "3"]).exit_code == 0
    run.assert_called_with(Path("x"), seed=3, as_json=False)


@pytest.mark.parametrize("error", [InvalidInputError("no such folder"), AccessDeniedError("Snowflake: no privileges")])
def test_a_failure_is_one_message_on_standard_error_and_exit_code_two(mocker: MockerFixture, error: Exception) -> None:
    mocker.patch.object(demo_command, "run_demo", autospec=True, side_effect=error)
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"cortex-tickets: {error}\n"


def test_a_preflight_asks_the_connection_that_is_named_and_closes_it(mocker: MockerFixture) -> None:
    connect = mocker.patch.object(opening, "connect", autospec=True)
    session = connect.return_value
    look = mocker.patch.object(preflight_command, "look_at", autospec=True, return_value=mocker.sentinel.found)
    done = CliRunner().invoke(commands.app, ["preflight", "--connection", "mine", "--schema", "DB.S"])
    assert (done.exit_code, done.stdout) == (0, "sentinel.found\n")
    connect.assert_called_once_with("mine")
    look.assert_called_once_with(session, schema="DB.S")
    session.close.assert_called_once_with()


def test_a_preflight_that_is_refused_is_one_message_on_standard_error(mocker: MockerFixture) -> None:
    mocker.patch.object(opening, "connect", autospec=True, side_effect=InvalidInputError("no such connection"))
    done = CliRunner().invoke(commands.app, ["preflight", "--connection", "mine"])
    assert (done.exit_code, done.stdout, done.stderr) == (2, "", "cortex-tickets: no such connection\n")


def test_a_preflight_prints_json_on_request(mocker: MockerFixture) -> None:
    session = FakeSession()
    session.answer("", [])
    mocker.patch.object(opening, "connect", autospec=True, return_value=closed_later(session, mocker))
    done = CliRunner().invoke(commands.app, ["preflight", "--connection", "mine", "--json"])
    assert done.exit_code == 0
    assert Preflight.model_validate_json(done.stdout).check("price table").state == "yes"


def closed_later(session: FakeSession, mocker: MockerFixture) -> FakeSession:
    """The session with Snowpark's `close`."""
    mocker.patch.object(session, "close", create=True)
    return session


def test_a_folder_that_is_a_file_is_refused_before_anything_runs(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(InvalidInputError, match="cannot be used as the output folder"):
        run_demo(taken, seed=7)


@pytest.mark.parametrize("options", [[], ["--faults", "seed=7; throttled=2; thrott=1"]])
def test_a_bad_fault_profile_is_told_before_anything_starts(
    options: list[str], monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture
) -> None:
    start = mocker.patch.object(local, "Engine", create=True)
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "" if options else "seed=7; throttled=2; thrott=1")
    done = CliRunner().invoke(commands.app, ["serve", *options])
    assert (done.exit_code, done.stdout) == (2, "")
    first, *others = done.stderr.splitlines()
    assert first == "cortex-tickets: 2 problems:"
    under = "" if options else "CORTEX_TICKETS_FAULTS: "
    assert others[0] == f"- {under}throttled: rate=2.0 must be a share from 0 (never) to 1 (always)."
    assert others[1].startswith(f"- {under}'thrott' is no kind of fault. There are: seed, ")
    start.assert_not_called()


def test_the_engine_gets_the_profile_of_the_option_or_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture
) -> None:
    start = mocker.patch.object(local, "Engine", create=True, side_effect=InvalidInputError("enough"))
    monkeypatch.setenv("CORTEX_TICKETS_FAULTS", "throttled=0.5")
    CliRunner().invoke(commands.app, ["serve"])
    start.assert_called_with(None, as_of=None, port=0, faults=Faults(throttled=0.5))
    CliRunner().invoke(commands.app, ["serve", "--faults", "timeouts=@1"])
    start.assert_called_with(None, as_of=None, port=0, faults=Faults(timeouts=Fault(nth=1)))
    monkeypatch.delenv("CORTEX_TICKETS_FAULTS")
    CliRunner().invoke(commands.app, ["serve", "--as-of", "2024-08-01"])
    start.assert_called_with(None, as_of="2024-08-01", port=0, faults=None)
    CliRunner().invoke(commands.app, ["serve"])
    start.assert_called_with(None, as_of=None, port=0, faults=None)


@pytest.mark.parametrize(
    ("command", "least"),
    [(["serve", "--port"], 0), (["app", "--port"], 1), (["app", "--engine-port"], 0)],
)
@pytest.mark.parametrize("port", ["-1", "65536", "99999"])
def test_a_number_that_is_no_port_is_refused_with_the_range(command: list[str], least: int, port: str) -> None:
    done = CliRunner().invoke(commands.app, [*command, port])
    assert (done.exit_code, done.stdout) == (2, "")
    assert f"{command[-1]} {port} is no port: give a number from {least} to 65535" in done.stderr


def test_the_engine_is_served_on_the_folder_of_the_settings_or_of_the_option(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture
) -> None:
    start = mocker.patch.object(local, "Engine", create=True, side_effect=OSError(98, "Address already in use"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CORTEX_TICKETS_FAULTS", raising=False)
    Path("cortex_tickets.toml").write_text('path = "kept"\n', encoding="utf-8")
    done = CliRunner().invoke(commands.app, ["serve", "--port", "8085"])
    assert (done.exit_code, done.stderr) == (2, "cortex-tickets: the engine cannot start: Address already in use\n")
    start.assert_called_with(Path("kept"), as_of=None, port=8085, faults=None)
    CliRunner().invoke(commands.app, ["serve", "--path", "other"])
    start.assert_called_with(Path("other"), as_of=None, port=0, faults=None)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_ctrl_c_ends_the_served_engine_with_130_and_sigterm_with_0(
    number: signal.Signals, code: int, mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CORTEX_TICKETS_FAULTS", raising=False)
    engine = mocker.patch.object(local, "Engine", create=True).return_value
    engine.connection_parameters = {"port": 1}
    before = [signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)]
    waited = mocker.patch.object(serve_command, "threading").Event.return_value.wait
    waited.side_effect = lambda: signal.raise_signal(number)
    try:
        done = CliRunner().invoke(commands.app, ["serve", "--json"])
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert (done.exit_code, done.stdout) == (code, '{"port": 1}\n')
    assert ("Interrupted. The engine has stopped." in done.stderr) == (code == 130)
    engine.__exit__.assert_called_once()


def test_without_a_command_the_help_is_shown() -> None:
    done = CliRunner().invoke(commands.app, [])
    assert "demo" in done.output
    assert "Support tickets to labels" in done.output


def test_a_table_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    _write_rows(tmp_path / "a.csv", ("A", "B"), [("é,", None), ('"', 1)])
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == 'A,B\n"é,",\n"""",1\n'
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    with pytest.raises(InvalidInputError, match=r"b\.csv cannot be written \(No such file or directory\)"):
        _write_rows(tmp_path / "gone" / "b.csv", ("A",), [])


class _Finalized:
    def __init__(self, error: type[BaseException] | None = None) -> None:
        self._error = error

    def __del__(self) -> None:
        if self._error is None:
            signal.raise_signal(signal.SIGINT)
        else:
            raise self._error


def test_ctrl_c_that_comes_while_a_finalizer_runs_is_not_lost(mocker: MockerFixture) -> None:
    def run(*_: object, **__: object) -> None:
        _Finalized()
        time.sleep(60)

    mocker.patch.object(demo_command, "run_demo", autospec=True, side_effect=run)
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (130, "")
    assert done.stderr.startswith("cortex-tickets: Interrupted. ")


def test_what_else_a_finalizer_raises_is_told_as_ever(mocker: MockerFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[type[BaseException]] = []
    monkeypatch.setattr("sys.unraisablehook", lambda unraisable: told.append(unraisable.exc_type))
    mocker.patch.object(demo_command, "run_demo", autospec=True, side_effect=lambda *_, **__: _Finalized(LookupError))
    assert CliRunner().invoke(commands.app, ["demo"]).exit_code == 0
    assert told == [LookupError]
