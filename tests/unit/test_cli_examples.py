"""The example in each help: there, right, and as it can be copied from a terminal."""

from textwrap import dedent

import pytest
from typer.testing import CliRunner

from command_lines import every_command, parsed, shown_lines, words_of
from cortex_tickets.cli import commands

WIDTH = 80
"""Columns of a terminal that nobody has widened."""


@pytest.mark.parametrize("called", every_command())
def test_each_help_has_an_example_that_runs_as_it_is_copied(called: str) -> None:
    lines = shown_lines(example_of(called))
    assert lines
    for line in lines:
        assert line.startswith(called)
        parsed(words_of(line))


@pytest.mark.parametrize("called", every_command())
def test_a_help_fits_a_terminal_of_eighty_columns(called: str) -> None:
    assert [line for line in help_of(called).splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize("called", ["cortex-tickets", "cortex-tickets job"])
def test_a_group_says_what_exit_codes_mean(called: str) -> None:
    text = " ".join(help_of(called).split())
    assert "Exit codes: 0 done, 1 a gate of `evaluate` is not met, 2 refused, 3 not all is done" in text


def test_what_a_group_says_of_its_commands_is_not_cut_off() -> None:
    assert "..." not in help_of("cortex-tickets").partition("Commands:")[2]


@pytest.mark.parametrize(
    "line",
    ["evaluate --no-worse- than", "classify --labl x", "nothing", "job begin", "train --student best", "serve x"],
)
def test_an_example_that_would_not_run_would_be_seen(line: str) -> None:
    with pytest.raises(Exception, match=r"No such|no such|Unexpected|unexpected|is not one of"):
        parsed(line.split())


def help_of(called: str) -> str:
    words = [*called.split()[1:], "--help"]
    return CliRunner().invoke(commands.app, words, prog_name="cortex-tickets", terminal_width=WIDTH).output


def example_of(called: str) -> str:
    """What stands under the heading in the help, as somebody marks it there to copy it."""
    return dedent(help_of(called).partition("\n  Example:\n")[2])
