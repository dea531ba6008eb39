"""How the command line fails: which exit code, what it says, and what it keeps to itself."""

import errno
import io
from contextlib import nullcontext
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
    TransientCortexError,
)
from cortex_tickets.cli import commands, demo_command, exit_codes
from cortex_tickets.cli.asking import confirm_price, price_lines
from cortex_tickets.cli.exit_codes import MEANINGS, ExitCode, say_on_interruption
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


def test_why_a_run_is_incomplete_is_told_in_options_too(failing: Any) -> None:
    reason = "the budget would be crossed; give a larger budget or a smaller chunk_rows"
    failing.side_effect = IncompleteRunError(run_id="r", n_left=1, reason=reason)
    assert "give a larger budget or a smaller --chunk-rows)" in CliRunner().invoke(commands.app, ["demo"]).stderr


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


def test_ctrl_c_says_how_to_go_on(failing: Any) -> None:
    failing.side_effect = KeyboardInterrupt
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.stdout) == (ExitCode.INTERRUPTED, "")
    assert done.stderr == (
        "cortex-tickets: Interrupted. What was answered and written stands; the same command goes on from there.\n"
    )


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
    mocker.patch("os.dup2", autospec=True)  # the test's own standard output stays
    mocker.patch("os.open", autospec=True)
    failing.side_effect = BrokenPipeError(errno.EPIPE, "Broken pipe")
    done = CliRunner().invoke(commands.app, ["demo"])
    assert (done.exit_code, done.output) == (ExitCode.PIPE_CLOSED, "")


def test_a_command_that_is_none_is_told_what_is_like_it() -> None:
    done = CliRunner().invoke(commands.app, ["evalute"])
    assert (done.exit_code, done.stdout) == (ExitCode.REFUSED, "")
    assert "Did you mean 'evaluate'?" in done.stderr


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
