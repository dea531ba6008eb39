"""Command lines as they are shown, and whether the command that they name takes them."""

import shlex
from collections.abc import Iterator
from typing import Any

import typer

from cortex_tickets.cli.commands import app


def every_command() -> dict[str, Any]:
    """The commands and the groups by what they are called, such as `cortex-tickets job start`."""
    return dict(_named("cortex-tickets", typer.main.get_command(app)))


def shown_lines(block: str) -> list[str]:
    """The command lines of a shown block; a line that ends with a backslash goes on in the next."""
    return [line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def parsed(words: list[str]) -> Any:
    """Parse the words after `cortex-tickets` as the process would, and run nothing.

    Raises:
        click's UsageError: If there is no such command or option, or a value is of the wrong kind.
    """
    command: Any = typer.main.get_command(app)
    context, left = None, words
    while True:
        for parameter in command.params:
            parameter.callback = None  # it would do its work at once: --install-completion writes to the shell's set-up
        context = command.make_context(command.name, left, parent=context, resilient_parsing=False)
        left = [*context._protected_args, *context.args]
        if not hasattr(command, "commands") or not left:
            return context
        name, command, left = command.resolve_command(context, left)
        assert command is not None, name


def words_of(line: str) -> list[str]:
    """The words of a `cortex-tickets` line, without the first."""
    first, *words = shlex.split(line, comments=True)
    assert first == "cortex-tickets", line
    return words


def _named(called: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield called, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _named(f"{called} {name}", inner)
