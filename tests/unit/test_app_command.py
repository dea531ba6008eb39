"""`cortex-tickets app`: what it passes on to Streamlit and to the app, and how it refuses."""

import importlib.util
import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from streamlit.web import cli as streamlit_cli
from typer.testing import CliRunner

from cortex_tickets import local
from cortex_tickets.app.settings import LABELS, Settings
from cortex_tickets.cli.commands import app
from cortex_tickets.errors import InvalidInputError


@pytest.fixture(autouse=True)
def _environment_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))


@pytest.fixture(autouse=True)
def _nothing_is_opened(mocker: MockerFixture) -> None:
    mocker.patch("cortex_tickets.cli.app_command.require_free")
    mocker.patch("cortex_tickets.cli.app_command.connect")
    mocker.patch.object(local, "Engine", create=True)


def test_the_options_reach_streamlit_and_the_app(mocker: MockerFixture, tmp_path: Path) -> None:
    labels = tmp_path / "labels.toml"
    labels.write_text('[[labels]]\nname = "A"\n[[labels]]\nname = "B"\n', encoding="utf-8")
    run = mocker.patch.object(streamlit_cli, "main", return_value=0)
    given = ["--connection", "mine", "--table", "CASES", "--label-set", str(labels), "--port", "8600", "--no-browser"]
    assert CliRunner().invoke(app, ["app", *given]).exit_code == 0
    command, script, *options = run.call_args.kwargs["args"]
    assert (command, Path(script).name) == ("run", "streamlit_app.py")
    assert options == ["--server.port=8600", "--server.address=127.0.0.1", "--server.headless=true"]
    settings = Settings.from_environment(os.environ)
    assert (settings.connection, settings.tickets, settings.labels.names) == ("mine", "CASES", ("A", "B"))


def test_the_settings_file_names_tables_and_labels(
    mocker: MockerFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cortex_tickets.toml").write_text(
        'labels = ["A", "B"]\npath = "kept"\n[tables]\ntickets = "CASES"\nreplies = "LETTERS"\n'
        '[columns]\ntext = "BODY"\nservice_type = ""\n',
        encoding="utf-8",
    )
    mocker.patch.object(streamlit_cli, "main", return_value=0)
    assert CliRunner().invoke(app, ["app"]).exit_code == 0
    settings = Settings.from_environment(os.environ)
    assert (settings.tickets, settings.replies, settings.labels.names) == ("CASES", "LETTERS", ("A", "B"))
    assert settings.engine_path == str(tmp_path / "kept")
    assert settings.columns == {"text": "BODY", "service_type": None}


def test_without_options_the_app_is_on_the_embedded_engine_with_the_samples(mocker: MockerFixture) -> None:
    mocker.patch.object(streamlit_cli, "main", return_value=0)
    assert CliRunner().invoke(app, ["app"]).exit_code == 0
    settings = Settings.from_environment(os.environ)
    assert (settings.connection, settings.tickets, settings.engine_path) == (None, "SUPPORT_TICKETS", None)
    assert settings.labels.names == LABELS


def test_without_its_extra_the_command_names_it(mocker: MockerFixture) -> None:
    mocker.patch.object(importlib.util, "find_spec", return_value=None)
    mocker.patch("cortex_tickets.cli.app_command.find_spec", return_value=None)
    done = CliRunner().invoke(app, ["app"])
    assert done.exit_code == 2
    assert "pip install '.[app]'" in done.stderr


def test_a_file_of_labels_that_is_none_is_refused_before_anything_starts(mocker: MockerFixture, tmp_path: Path) -> None:
    run = mocker.patch.object(streamlit_cli, "main")
    done = CliRunner().invoke(app, ["app", "--label-set", str(tmp_path / "none.toml")])
    assert (done.exit_code, run.called) == (2, False)
    assert "cannot be read as a label file" in done.stderr


def test_a_port_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="is no port"):
        Settings.from_environment({"CORTEX_TICKETS_APP_ENGINE_PORT": "x"})
