"""`cortex-tickets app`: what it passes on to Streamlit and to the app, and how it refuses."""

import importlib.util
import os
from pathlib import Path

import pytest
from pytest_mock import MockerFixture
from streamlit.web import cli as streamlit_cli
from typer.testing import CliRunner

from cortex_tickets import ModelPrice, local
from cortex_tickets.app.choices import Choices
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
    mocker.patch("cortex_tickets.cli.app_command.end_within")
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


SETTINGS = """
[models]
base = "llama3.1-8b"
student = "fine-tuned:TICKETS_LLAMA"
teacher = "mistral-large2, claude-haiku-4-5"
[prices."mistral-large2"]
input = 2.0
output = 6.0
[budget]
ai_credits = 0.5
platform_credits = 3.0
[training]
base_model = "mistral-7b"
seed = 11
max_per_label = 40
max_epochs = 5
platform_credits_per_million_tokens = 10.0
[replies]
model = "llama3.3-70b"
playbook = "playbook.toml"
campaign = "promote a plan that saves costs"
guardrails = true
"""
PLAYBOOK = """
tone = "dry"
signature = "The clerks"
[generic]
label = "anything else"
goal = "Say that it was read."
[[entries]]
label = "A"
goal = "Help."
"""


def test_the_settings_file_chooses_models_prices_limits_and_how_to_train_and_reply(
    mocker: MockerFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cortex_tickets.toml").write_text(SETTINGS, encoding="utf-8")
    Path("playbook.toml").write_text(PLAYBOOK, encoding="utf-8")
    mocker.patch.object(streamlit_cli, "main", return_value=0)
    done = CliRunner().invoke(app, ["app"])
    assert done.exit_code == 0, done.stderr
    settings = Settings.from_environment(os.environ)
    choices = settings.choices
    assert settings.labelling_models[:3] == ("mistral-large2, claude-haiku-4-5", "llama3.1-8b", "claude-sonnet-4-6")
    assert choices.prices == {"mistral-large2": ModelPrice(input=2, output=6)}
    assert (choices.ai_credits, choices.platform_credits, choices.platform_price) == (0.5, 3, 10)
    assert (settings.base_models[0], choices.seed, choices.max_per_label, choices.max_epochs) == (
        "mistral-7b",
        11,
        40,
        5,
    )
    assert (settings.writing_models[0], choices.campaign) == ("llama3.3-70b", "promote a plan that saves costs")
    assert choices.guardrails
    assert choices.playbook is not None
    assert choices.playbook.signature == "The clerks"


def test_what_the_settings_leave_out_is_left_to_the_app(mocker: MockerFixture) -> None:
    mocker.patch.object(streamlit_cli, "main", return_value=0)
    assert CliRunner().invoke(app, ["app"]).exit_code == 0
    assert Settings.from_environment(os.environ).choices == Choices()


def test_a_playbook_that_is_none_is_refused_before_anything_starts(
    mocker: MockerFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cortex_tickets.toml").write_text('[replies]\nplaybook = "none.toml"\n', encoding="utf-8")
    run = mocker.patch.object(streamlit_cli, "main")
    done = CliRunner().invoke(app, ["app"])
    assert (done.exit_code, run.called) == (2, False)
    assert "none.toml" in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ('[models]\nteacher = "claude-sonnet-4-6"\nstudent = "tuned:T"\n', "'tuned:T' is no model."),
        ('[models]\nteacher = "a, a"\n', "'a, a' must be names of models with commas between them, each once."),
        ('[replies]\nmodel = "a,,b"\n', "'a,,b' must be names of models with commas between them, each once."),
    ],
)
def test_a_model_of_the_settings_that_is_none_is_refused_before_the_app_starts(
    tmp_path: Path, mocker: MockerFixture, settings: str, told: str
) -> None:
    started = mocker.patch.object(streamlit_cli, "main", return_value=0)
    config = tmp_path / "cortex_tickets.toml"
    config.write_text(settings, encoding="utf-8")
    done = CliRunner().invoke(app, ["app", "--config", str(config)])
    assert (done.exit_code, started.called) == (2, False)
    assert told in done.stderr


@pytest.mark.parametrize(
    ("settings", "options", "told"),
    [
        ('[columns]\nid = "CASE NO"\n', [], "columns of the settings: 'CASE NO' is not a column name."),
        ('[columns]\ntext = ""\n', [], "columns of the settings: '' is not a column name."),
        ("", ["--table", "my table"], "--table: 'my table' is not a table name."),
        ('[tables]\ntickets = "a b"\n', [], "tables.tickets of the settings: 'a b' is not a table name."),
        ('[tables]\nreplies = "a b"\n', [], "tables.replies of the settings: 'a b' is not a table name."),
        ('[tables]\nlabels = "a b"\n', [], "tables.labels of the settings: 'a b' is not a table name."),
    ],
)
def test_a_name_that_is_none_is_refused_before_anything_starts(
    mocker: MockerFixture, tmp_path: Path, settings: str, options: list[str], told: str
) -> None:
    run = mocker.patch.object(streamlit_cli, "main")
    file = tmp_path / "s.toml"
    file.write_text(settings, encoding="utf-8")
    done = CliRunner().invoke(app, ["app", "--config", str(file), *options])
    assert (done.exit_code, run.called) == (2, False)
    assert told in " ".join(done.stderr.split())


def test_choices_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="seed: "):
        Settings.from_environment({"CORTEX_TICKETS_APP_CHOICES": '{"seed": "x"}'})


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
