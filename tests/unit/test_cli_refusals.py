"""What is wrong with options and settings is told before a session is opened, all of it at once."""

from pathlib import Path
from typing import Any

import pytest
from pytest_mock import MockerFixture
from typer.testing import CliRunner

from cortex_tickets import local
from cortex_tickets.cli import commands, opening
from cortex_tickets.cli.settings_file import settable_keys, variable_name

LABELS = ["--label", "A", "--label", "B"]


@pytest.fixture(autouse=True)
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mocker: MockerFixture) -> Any:
    """What would open a session; nothing may call it."""
    monkeypatch.chdir(tmp_path)
    for keys, _ in settable_keys():
        monkeypatch.delenv(variable_name(keys), raising=False)
    mocker.patch.object(local, "connect", autospec=True, side_effect=AssertionError("the engine was started"))
    return mocker.patch.object(opening, "connect", autospec=True, side_effect=AssertionError("a session was opened"))


def problems_of(*words: str) -> list[str]:
    """What a command is refused for; it was opened nowhere."""
    done = CliRunner().invoke(commands.app, words)
    assert (done.exit_code, done.stdout) == (2, ""), done.output
    first, *others = done.stderr.removeprefix("cortex-tickets: ").splitlines()
    if not others:
        return [first]
    assert first == f"{len(others)} problems:"
    return [line.removeprefix("- ") for line in others]


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--budget", "-1"], "--budget -1 must be more than 0, or left out for no limit."),
        (["--budget", "0"], "--budget 0 must be more than 0, or left out for no limit."),
        (["--budget", "nan"], "--budget nan must be more than 0, or left out for no limit."),
        (["--timeout", "0"], "--timeout 0 must be more than 0 seconds, or left out for no limit."),
        (["--chunk-rows", "0"], "--chunk-rows 0 must be at least 1."),
        (["--into", "a b"], "--into: 'a b' is not a table name."),
        (["--table", "1;x"], "--table: '1;x' is not a table name."),
        (["--model", "tuned:X"], "'tuned:X' is no model. There are: "),
        (["--model", "heads:T@two"], "'heads:T@two' must end with a version's number, such as heads:T@2."),
        (["--model", "cascade:a"], "'cascade:a' must name two models with + between them"),
        (["--model", "scored:x+y"], "'scored:x+y' must be of a model and of an embedding student, in this order."),
        (["--label-set", "x.toml"], "--label and --label-set cannot be given together"),
        (["--connection", "c", "--path", "p"], "--connection and --path cannot be given together"),
        (["--config", "x.toml"], "x.toml cannot be read as settings (No such file or directory)."),
    ],
)
def test_classify_is_refused_before_an_estimate(options: list[str], problem: str) -> None:
    (told,) = problems_of("classify", *LABELS, "--yes", *options)
    assert told.startswith(problem)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    Path("cortex_tickets.toml").write_text("tabels = 3\n", encoding="utf-8")
    told = problems_of(
        "classify", "--label", "A", "--yes", "--budget", "-1", "--timeout", "0", "--chunk-rows", "0", "--into", "a b",
        "--model", "tuned:X",
    )  # fmt: skip
    assert told[:5] == [
        "--budget -1 must be more than 0, or left out for no limit.",
        "--timeout 0 must be more than 0 seconds, or left out for no limit.",
        "--chunk-rows 0 must be at least 1.",
        "cortex_tickets.toml: tabels is no key; did you mean tables?",
        "--label: a label set needs at least two labels, and this one has 1.",
    ]
    assert [line.partition(" is ")[0] for line in told[5:]] == ["--into: 'a b'", "'tuned:X'"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["classify"], "The model claude-sonnet-4-6 needs labels to choose from. Give --label twice or more"),
        (["classify", "--label", "A"], "--label: a label set needs at least two labels, and this one has 1."),
        (["classify", "--label", "A", "--label", "a"], "--label: the label 'a' equals 'A' but for case"),
        (["classify", "--label-set", "x.toml"], "x.toml cannot be read as a label file: No such file or directory."),
        (["train", "--platform-budget", "-2"], "--platform-budget -2 must be more than 0"),
        (["train", "--timeout", "-1"], "--timeout -1 must be more than 0 seconds"),
        (["train", "--training-set", "A", "--into", "B"], "leave one of them out"),
        (["train", "--heads", "a b"], "--heads: 'a b' is not a table name."),
        (["train", "--gold", "a b"], "--gold: 'a b' is not a table name."),
        (["job", "start"], "The embedded engine ends with this command, and a job with it: give --wait."),
        (["job", "start", "--wait", "--timeout", "0"], "--timeout 0 must be more than 0 seconds"),
        (["job", "wait", "ft_1", "--timeout", "0"], "--timeout 0 must be more than 0 seconds"),
        (["evaluate", "--budget", "0"], "--budget 0 must be more than 0"),
        (["evaluate", "--model", "x=tuned:X"], "'tuned:X' is no model."),
        (["reply", "--chunk-rows", "-3"], "--chunk-rows -3 must be at least 1."),
        (["reply", "--model", "a,,b"], "'a,,b' must be names of models with commas between them, each once."),
        (["reply", "--playbook", "x.toml"], "x.toml cannot be read as a playbook: No such file or directory."),
        (["load", "t.csv", "--timeout", "0"], "--timeout 0 must be more than 0 seconds"),
        (["load", "t.csv", "--delimiter", ";;"], "--delimiter ';;' must be one character, such as ',' or ';'."),
        (["load"], "load needs a CSV file, or --sample"),
        (["load", "--sample", "--gold"], "leave FILE, --table and --gold out"),
        (["preflight", "--schema", "a b"], "--schema: 'a b' is not a schema name."),
    ],
)
def test_every_command_is_refused_before_a_session_is_opened(words: list[str], problem: str) -> None:
    told = problems_of(*words)
    assert [line for line in told if problem in line], told


def test_evaluate_tells_limits_models_gates_and_report_at_once() -> None:
    told = problems_of(
        "evaluate", "--budget", "-1", "--model", "=x", "--require", "f1:x", "--report", "r.pdf", "--training-set", "a b"
    )
    assert [line.split()[0] for line in told] == ["--budget", "--model", "--require", "r.pdf", "--training-set:"]


def test_models_of_the_settings_that_are_not_asked_for_may_be_wrong() -> None:
    Path("cortex_tickets.toml").write_text('[models]\nx = "tuned:X"\ny = "cascade:x+y"\n', encoding="utf-8")
    (told,) = problems_of("classify", *LABELS, "--budget", "0")
    assert told.startswith("--budget 0")


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("max_epochs", "11", "training.max_epochs must be at most 10."),
        ("max_per_label", "0", "training.max_per_label must be at least 1."),
        ("platform_credits_per_million_tokens", "-1", "training.platform_credits_per_million_tokens must be"),
    ],
)
def test_numbers_of_the_settings_are_held_against_their_ranges(key: str, value: str, problem: str) -> None:
    Path("cortex_tickets.toml").write_text(f"[training]\n{key} = {value}\n", encoding="utf-8")
    (told,) = problems_of("train")
    assert told.startswith(f"cortex_tickets.toml: {problem}")


def test_a_table_that_is_none_is_told_with_where_it_was_said() -> None:
    Path("cortex_tickets.toml").write_text('[tables]\ntickets = "a b"\n[columns]\nid = ""\n', encoding="utf-8")
    (told,) = problems_of("classify", *LABELS)
    assert told.startswith("tables.tickets of the settings: 'a b' is not a table name.")
    (told,) = problems_of("classify", *LABELS, "--table", "T")
    assert told.startswith("columns of the settings: ")
