"""Completion, as a shell asks for it: of commands, of options, and of what an option takes."""

import pytest
from typer.testing import CliRunner

from cortex_tickets.cli import commands


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("cortex-tickets cl", ["classify"]),
        ("cortex-tickets job ", ["start", "status", "wait", "cancel", "list"]),
        ("cortex-tickets classify --chunk", ["--chunk-rows"]),
        ("cortex-tickets train --student ", ["auto", "fine-tune", "embedding"]),
    ],
)
def test_a_shell_is_offered_what_may_follow(typed: str, offered: list[str]) -> None:
    asked = {
        "_CORTEX_TICKETS_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(len(typed.split(" ")) - 1),
    }
    done = CliRunner().invoke(commands.app, [], prog_name="cortex-tickets", env=asked)
    assert (done.exit_code, done.output.split()) == (0, offered)
