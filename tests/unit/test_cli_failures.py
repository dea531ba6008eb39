"""How the command line fails: which exit code, what it says, and what it keeps to itself."""

import errno
import io
import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import typer
from pytest_mock import MockerFixture
from typer.testing import CliRunner

from cortex_tickets import (
    CortexTicketsError,
    Estimate,
    FineTuneFailedError,
    FineTuneTimeoutError,
    IncompleteRunError,
    InvalidInputError,
    LedgerInUseError,
    MissingExtraError,
    RequirementError,
    StatementTimeoutError,
    TableRun,
    TrainingSetBuilder,
    TransientCortexError,
    local,
)
from cortex_tickets.cli import commands, demo_command, exit_codes, load_command, train_command
from cortex_tickets.cli.asking import confirm_price, price_lines
from cortex_tickets.cli.exit_codes import MEANINGS, ExitCode, say_on_interruption
from cortex_tickets.cli.settings_file import settable_keys, variable_name
from cortex_tickets.testing import FakeSession

TICKET = "my card number is 4111"


@pytest.fixture
def failing(mocker: MockerFixture) -> Any:
    """A command that raises what the test says."""
    return mocker.patch.object(demo_command, "run_demo", autospec=True)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequirementError(["accuracy"]), ExitCode.GATE_FAILED),
        (InvalidInputError("wrong"), ExitCode.REFUSED),
        (MissingExtraError("local"), ExitCode.REFUSED),
        (TransientCortexError("throttled"), ExitCode.REFUSED),
        (LedgerInUseError(into="L", holder=None, since=None, until=None), ExitCode.REFUSED),
        (FineTuneFailedError("failed", detail=None), ExitCode.REFUSED),
        (IncompleteRunError(run_id="r", n_left=1, reason="budget"), ExitCode.INCOMPLETE),
        (FineTuneTimeoutError("still running"), ExitCode.INCOMPLETE),
        (StatementTimeoutError("The time that was given is over"), ExitCode.INCOMPLETE),
    ],
)
def test_every_error_is_its_own_words_and_a_code(failing: Any, error: CortexTicketsError, code: ExitCode) -> None:
    failing.side_effect = error
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (code, "")
    said = str(error).partition(". Call run.resume()")[0].partition(" Give a longer timeout=")[0]
    assert done.stderr.startswith(f"cortex-tickets: {said}")


def test_an_incomplete_run_says_what_to_do_on_the_command_line(failing: Any) -> None:
    failing.side_effect = IncompleteRunError(run_id="r", n_left=1, reason="budget")
    assert CliRunner().invoke(commands.app, ["demo"]).stderr == (
        "cortex-tickets: Run r is incomplete: 1 ticket rows have no answer (budget). Run what labels them again, with "
        "more --budget or --timeout, or give --allow-incomplete to use what is there.\n"
    )


@pytest.mark.usefixtures("loading")
def test_why_a_run_is_incomplete_is_told_in_options_too(mocker: MockerFixture) -> None:
    failing = mocker.patch("cortex_tickets.cli.reply_command.TableRun.load")
    reason = "the budget would be crossed; give a larger budget or a smaller chunk_rows"
    failing.side_effect = IncompleteRunError(run_id="r", n_left=1, reason=reason)
    assert "give a larger budget or a smaller --chunk-rows)" in CliRunner().invoke(commands.app, ["reply"]).stderr


def test_a_fault_is_told_by_its_place_and_not_by_its_text(failing: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORTEX_TICKETS_TRACEBACK", raising=False)
    failing.side_effect = KeyError(TICKET)
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (ExitCode.FAULT, "")
    assert done.stderr.startswith("cortex-tickets: a fault in this package: KeyError at ")
    assert TICKET not in done.stderr
    monkeypatch.setenv("CORTEX_TICKETS_TRACEBACK", "1")
    shown = CliRunner().invoke(commands.app, ["demo"]).stderr
    assert "Traceback" in shown
    assert TICKET in shown


def test_an_operating_systems_error_is_a_fault_too(failing: Any) -> None:
    failing.side_effect = OSError(errno.ENOSPC, "No space left on device")
    assert CliRunner().invoke(commands.app, ["demo"]).exit_code == ExitCode.FAULT


@pytest.fixture
def loading(mocker: MockerFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What `load FILE` calls, on a session that nobody opens."""
    monkeypatch.chdir(tmp_path)
    for keys, _ in settable_keys():
        monkeypatch.delenv(variable_name(keys), raising=False)
    mocker.patch.object(local, "connect", autospec=True)
    return mocker.patch.object(load_command, "load_tickets", autospec=True)


def test_ctrl_c_says_how_to_go_on(loading: Any) -> None:
    loading.side_effect = KeyboardInterrupt
    done = CliRunner().invoke(commands.app, ["load", "x.csv", "--path", "engine"])
    assert (done.exit_code, done.stdout) == (ExitCode.INTERRUPTED, "")
    assert done.stderr == (
        "cortex-tickets: Interrupted. What was answered and written stands; the same command goes on from there.\n"
    )


def test_ctrl_c_on_an_engine_in_memory_does_not_say_that_anything_stands(loading: Any) -> None:
    loading.side_effect = KeyboardInterrupt
    done = CliRunner().invoke(commands.app, ["load", "x.csv"])
    assert done.stderr.splitlines()[-1] == (
        "cortex-tickets: Interrupted. Nothing was kept: the engine ended with the command, and the same command begins "
        "anew."
    )


@pytest.mark.parametrize(
    ("interrupted", "said"),
    [
        ("build", "Nothing of a training set counts before it is whole; the same command builds it."),
        ("price", "The training set stands; the same command finds it again."),
    ],
)
def test_ctrl_c_while_training_says_what_there_is_of_the_training_set(
    loading: Any, mocker: MockerFixture, interrupted: str, said: str
) -> None:
    del loading
    mocker.patch.object(TableRun, "load", autospec=True)
    build = mocker.patch.object(TrainingSetBuilder, "build", autospec=True)
    price = mocker.patch.object(train_command, "confirm_price", autospec=True)
    {"build": build, "price": price}[interrupted].side_effect = KeyboardInterrupt
    done = CliRunner().invoke(commands.app, ["train", "--path", "engine"])
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (
        ExitCode.INTERRUPTED,
        f"cortex-tickets: Interrupted. {said}",
    )


def test_ctrl_c_in_the_demonstration_says_what_is_left_of_it(failing: Any) -> None:
    failing.side_effect = KeyboardInterrupt
    assert CliRunner().invoke(commands.app, ["demo", "--output", "shown"]).stderr == (
        "cortex-tickets: Interrupted. Nothing was kept but the files that stand in shown already; the same command "
        "begins anew.\n"
    )


KEPT_NOWHERE = "Kept nowhere: this engine ends with the command. Give --path FOLDER or --connection NAME to keep it."


def test_a_command_that_keeps_nothing_says_so_and_one_that_keeps_does_not(loading: Any) -> None:
    loading.return_value = {}
    done = CliRunner().invoke(commands.app, ["load", "x.csv", "--json"])
    assert (done.exit_code, json.loads(done.stdout), done.stderr) == (0, {"loaded": [{}]}, f"{KEPT_NOWHERE}\n")
    assert CliRunner().invoke(commands.app, ["load", "x.csv", "--path", "engine"]).stderr == ""


@pytest.mark.parametrize(
    ("words", "opens"),
    [
        (["train"], "train_command.TableRun.load"),
        (["reply"], "reply_command.TableRun.load"),
        (["evaluate", "--model", "claude-sonnet-4-6"], "evaluate_command.TrainingSet.load"),
        (["classify", "--label", "A", "--label", "B"], "classify_command.ModelSpecs"),
        (["job", "status", "ft_1"], "job_commands.FineTuneJob.attach"),
        (["job", "cancel", "ft_1"], "job_commands.FineTuneJob.attach"),
        (["job", "wait", "ft_1"], "job_commands.FineTuneJob.attach"),
        (["job", "start", "--wait"], "job_commands.TrainingSet.load"),
        (["job", "list"], "job_commands.FineTuneJob.list"),
    ],
)
@pytest.mark.usefixtures("loading")
def test_what_is_not_there_because_nothing_is_kept_is_told_as_that(
    words: list[str], opens: str, mocker: MockerFixture
) -> None:
    mocker.patch(f"cortex_tickets.cli.{opens}", side_effect=InvalidInputError("T is not there."))
    cause = (
        "Neither --path nor --connection was given, so this engine began empty: "
        "what another command wrote is not there."
    )
    done = CliRunner().invoke(commands.app, words)
    assert (done.exit_code, done.stdout) == (ExitCode.REFUSED, "")
    assert done.stderr == f"{KEPT_NOWHERE}\ncortex-tickets: T is not there. {cause}\n"
    kept = CliRunner().invoke(commands.app, [*words, "--path", "engine"])
    assert kept.stderr == "cortex-tickets: T is not there.\n"


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["--path", "engine"], "What was answered and written is kept."),
        ([], "Nothing was kept: the engine ended with the command, and the same command begins anew."),
    ],
)
def test_an_output_that_cannot_be_written_is_no_fault(
    options: list[str], kept: str, loading: Any, mocker: MockerFixture
) -> None:
    loading.return_value = {}
    dropped = mocker.patch.object(exit_codes, "drop_output", autospec=True)

    def echo(text: str, *, err: bool = False) -> None:
        if not err:
            raise OSError(errno.ENOSPC, "No space left on device")
        sys.stderr.write(f"{text}\n")

    mocker.patch.object(typer, "echo", echo)
    done = CliRunner().invoke(commands.app, ["load", "x.csv", *options])
    assert done.exit_code == ExitCode.REFUSED
    assert done.stderr.endswith(f"cortex-tickets: standard output cannot be written: No space left on device. {kept}\n")
    dropped.assert_called_once_with()


def test_a_limit_that_a_command_has_not_is_not_advised(loading: Any) -> None:
    reason = "the budget would be crossed; give a larger budget or a smaller chunk_rows"
    loading.side_effect = IncompleteRunError(run_id="r", n_left=1, reason=reason)
    said = CliRunner().invoke(commands.app, ["load", "x.csv"]).stderr
    assert "give a larger budget)" in said
    assert "chunk" not in said


def test_a_command_may_say_itself_how_to_go_on() -> None:
    app = typer.Typer(cls=exit_codes.CommandGroup)

    @app.callback()
    def root() -> None:
        """Hold the commands together."""

    @app.command()
    def wait(ctx: typer.Context) -> None:
        """Be interrupted."""
        say_on_interruption(ctx, "The job goes on.")
        raise KeyboardInterrupt

    assert CliRunner().invoke(app, ["wait"]).stderr == "cortex-tickets: Interrupted. The job goes on.\n"


def test_a_pipe_that_closes_is_no_fault(failing: Any, mocker: MockerFixture) -> None:
    mocker.patch.object(exit_codes, "drop_output", autospec=True)  # the test's own standard output stays
    failing.side_effect = BrokenPipeError(errno.EPIPE, "Broken pipe")
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.output) == (ExitCode.PIPE_CLOSED, "")


def test_an_exit_code_is_the_same_where_nobody_reads_standard_error(failing: Any, mocker: MockerFixture) -> None:
    mocker.patch.object(typer, "echo", side_effect=BrokenPipeError(errno.EPIPE, "Broken pipe"))
    failing.side_effect = KeyboardInterrupt
    assert CliRunner().invoke(commands.app, ["demo"]).exit_code == ExitCode.INTERRUPTED


def test_a_command_that_is_none_is_told_what_is_like_it() -> None:
    done = CliRunner().invoke(commands.app, ["evalute"])
    assert (done.exit_code, done.stdout) == (ExitCode.REFUSED, "")
    assert "Did you mean 'evaluate'?" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["classify", "--chunk-rows", "abc"], "Invalid value for '--chunk-rows': 'abc' must be a whole number."),
        (["job", "start", "--budget", "1,5"], "No such option: --budget"),
        (["classify", "--budget", "1,5"], "Invalid value for '--budget': '1,5' must be a number."),
        (
            ["train", "--student", "x"],
            "Invalid value for '--student': 'x' is not one of 'auto', 'fine-tune', 'embedding'.",
        ),
    ],
)
def test_a_value_that_an_option_does_not_take_is_one_error_that_says_what_it_takes(words: list[str], told: str) -> None:
    done = CliRunner().invoke(commands.app, words)
    assert (done.exit_code, done.stdout) == (ExitCode.REFUSED, "")
    usage, what_to_do, _, error = done.stderr.splitlines()
    assert error.startswith(f"Error: {told}")
    assert usage.startswith("Usage: ")
    assert what_to_do.endswith(" -h' for help.")


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)


def test_the_version_is_shown() -> None:
    done = CliRunner().invoke(commands.app, ["--version"])
    assert (done.exit_code, done.stdout.split()[0]) == (0, "cortex-tickets")


class Terminal(io.StringIO):
    """A stream that somebody types on or reads."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("typed", "agrees"), [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False), ("", False)]
)
def test_a_terminal_is_asked_and_only_yes_is_yes(
    typed: str,
    agrees: bool,  # noqa: FBT001  pytest gives it by name
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    seen = Terminal()
    monkeypatch.setattr("sys.stdin", Terminal(typed))
    monkeypatch.setattr("sys.stderr", seen)
    refused = nullcontext() if agrees else pytest.raises(InvalidInputError, match="the price was not confirmed")
    with refused:
        confirm_price(FakeSession(), ["5 AI credits"], is_confirmed=False)
    assert seen.getvalue() == "estimate: 5 AI credits\nGo on? [y/N]: "
    assert capsys.readouterr().out == ""


def test_a_question_that_nobody_sees_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with pytest.raises(InvalidInputError, match="there is no terminal to ask on"):
        confirm_price(FakeSession(), ["5 AI credits"], is_confirmed=False)


def test_nothing_that_costs_and_a_price_that_was_agreed_to_ask_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Terminal()
    monkeypatch.setattr("sys.stderr", seen)
    confirm_price(FakeSession(), [], is_confirmed=False)
    confirm_price(FakeSession(), ["5 AI credits"], is_confirmed=True)
    assert seen.getvalue() == "estimate: 5 AI credits\n"


def test_an_unknown_price_says_where_to_give_it() -> None:
    values: dict[str, Any] = {
        "n_tickets": 5, "n_texts": 3, "input_tokens": 1200, "output_tokens": 9, "output_tokens_at_most": 12,
        "model": "m", "ai_credits": None, "ai_credits_at_most": None, "dollars": None, "dollars_per_ai_credit": 2.0,
        "price_date": "2026-11-22",
    }  # fmt: skip
    (line,) = price_lines(Estimate(**values), of="student")
    assert line == (
        "student: 5 tickets, 3 distinct texts to ask m: 1,200 tokens in, about 9 out; price unknown: give it in the "
        'settings, as prices."m"; prices of 2026-11-22, warehouse time not included'
    )
    assert list(price_lines(Estimate(**{**values, "n_texts": 0}))) == []
