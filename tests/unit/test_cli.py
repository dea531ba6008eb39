"""The command line: what it passes on, and how it tells of failures."""

from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner

from cortex_tickets.cli import commands
from cortex_tickets.cli.demo import run_demo
from cortex_tickets.cli.demo_files import _write_rows
from cortex_tickets.errors import AccessDeniedError, InvalidInputError


def test_the_demonstration_gets_its_folder_and_its_seed(mocker: MockerFixture) -> None:
    run = mocker.patch.object(commands, "run_demo", autospec=True)
    assert CliRunner().invoke(commands.app, ["demo"]).exit_code == 0
    run.assert_called_once_with(Path("demo-output"), seed=7)
    assert CliRunner().invoke(commands.app, ["demo", "--output", "x", "--seed", "3"]).exit_code == 0
    run.assert_called_with(Path("x"), seed=3)


@pytest.mark.parametrize("error", [InvalidInputError("no such folder"), AccessDeniedError("Snowflake: no privileges")])
def test_a_failure_is_one_message_on_standard_error_and_exit_code_two(mocker: MockerFixture, error: Exception) -> None:
    mocker.patch.object(commands, "run_demo", autospec=True, side_effect=error)
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"cortex-tickets: {error}\n"


def test_a_folder_that_is_a_file_is_refused_before_anything_runs(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    with pytest.raises(InvalidInputError, match="cannot be used as the output folder"):
        run_demo(taken, seed=7)


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
