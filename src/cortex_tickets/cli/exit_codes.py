"""The exit codes, and the group of commands that turns what a command raises into one of them."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import typer
from pydantic import ValidationError
from typer.core import TyperGroup

from cortex_tickets import CortexTicketsError, IncompleteRunError, RequirementError
from cortex_tickets.cli.closed_output import drop_output
from cortex_tickets.cli.interruption import interruption_sent_again
from cortex_tickets.cli.plain_words import in_plain_words
from cortex_tickets.cli.wording import in_options

TRACEBACK_VARIABLE = "CORTEX_TICKETS_TRACEBACK"
_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""What every error of usage is one of. Typer has its own copy of Click from some version on, and names it otherwise."""
_RESUME = "cortex_tickets.cli.resume"
_CAUSE = "cortex_tickets.cli.cause"
_KEPT = "cortex_tickets.cli.kept"
_GOES_ON = "What was answered and written stands; the same command goes on from there."


class ExitCode(IntEnum):
    """What a command's exit code says."""

    DONE = 0
    GATE_FAILED = 1
    REFUSED = 2
    INCOMPLETE = 3
    FAULT = 70
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: Mapping[ExitCode, str] = {
    ExitCode.DONE: "done",
    ExitCode.GATE_FAILED: "`evaluate` measured, and a gate is not met; the figures are printed",
    ExitCode.REFUSED: "the input or the service refused, or a price was not confirmed; standard error says why",
    ExitCode.INCOMPLETE: (
        "not all is done, or nothing yet: the budget, `--timeout` or a time limit of the account ran out; what is done "
        "is kept, and the same command goes on"
    ),
    ExitCode.FAULT: "a fault in this package; standard error says where, and a bug report is welcome",
    ExitCode.INTERRUPTED: "Ctrl-C; standard error says how to go on",
    ExitCode.PIPE_CLOSED: "whoever read the output closed it, as `head` does",
}


class CommandGroup(TyperGroup):
    """The commands together: every failure is one message on standard error and an exit code, without a traceback."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Read the options. Some, such as `--help` and `--version`, print and leave at once."""
        try:
            return super().make_context(*args, **kwargs)
        except OSError as error:
            _leave_without_output(error, {})

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was given."""
        try:
            with interruption_sent_again():
                return super().invoke(ctx)
        except CortexTicketsError as error:
            _leave(_with_cause(_message_of(error, ctx), ctx.meta), _code_of(error))
        except KeyboardInterrupt:
            _leave(f"Interrupted. {ctx.meta.get(_RESUME, _GOES_ON)}", ExitCode.INTERRUPTED)
        except OSError as error:
            _leave_without_output(error, ctx.meta)
        except _USAGE_ERROR as error:
            _say_plainly(error)
            raise
        except (typer.Exit, typer.Abort):
            raise  # typer tells these itself, as it does errors of usage
        except Exception as error:  # noqa: BLE001  told as what it is: a fault of this package
            _leave_with_fault(error)


def say_on_interruption(ctx: typer.Context, sentence: str) -> None:
    """Say `sentence` if the command is interrupted from now on: how to go on."""
    ctx.meta[_RESUME] = sentence


def say_on_failure(ctx: typer.Context, sentence: str | None) -> None:
    """Add `sentence` to what is said if the command fails from now on; `None` for no longer."""
    ctx.meta[_CAUSE] = sentence


def say_what_is_kept(ctx: typer.Context, sentence: str) -> None:
    """Say `sentence` if the result cannot be printed: what became of the work."""
    ctx.meta[_KEPT] = sentence


def _with_cause(message: str, meta: Mapping[str, Any]) -> str:
    cause = meta.get(_CAUSE)
    if not cause:
        return message
    between = "\n" if "\n" in message else " "  # a list of problems ends with its own line
    return f"{message}{between}{cause}"


def _message_of(error: CortexTicketsError, ctx: Any) -> str:
    command = ctx.command.commands.get(ctx.invoked_subcommand)
    has_chunk_rows = command is not None and any(option.name == "chunk_rows" for option in command.params)
    if not isinstance(error, IncompleteRunError):
        return in_options(error, has_chunk_rows=has_chunk_rows)
    # The error's own advice is for programs.
    return in_options(
        f"Run {error.run_id} is incomplete: {error.n_left} ticket rows have no answer ({error.reason}). Run what "
        "labels them again, with more --budget or --timeout, or give --allow-incomplete to use what is there.",
        has_chunk_rows=has_chunk_rows,
    )


def _code_of(error: CortexTicketsError) -> ExitCode:
    if isinstance(error, RequirementError):
        return ExitCode.GATE_FAILED
    if isinstance(error, IncompleteRunError | TimeoutError):  # of a statement, or of waiting for a job
        return ExitCode.INCOMPLETE
    return ExitCode.REFUSED


def _say_plainly(error: Any) -> None:
    """Put the value and our words into an error about an option, where Typer has Pydantic's."""
    if isinstance(error.__cause__, ValidationError):
        found = error.__cause__.errors(include_url=False)[0]
        words = in_plain_words(dict(found))
        error.message = f"{found['input']!r} {words}." if words.startswith("must ") else f"{words}."


def _leave(message: str, code: ExitCode) -> NoReturn:
    with suppress(BrokenPipeError):  # the code says what happened where nobody reads standard error any more
        typer.echo(f"cortex-tickets: {message}", err=True)
    sys.exit(code)


def _leave_with_fault(error: Exception) -> NoReturn:
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error, file=sys.stderr)
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "cortex_tickets" in Path(frame.filename).parts] or list(frames)
    where = f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else "an unknown place"
    # The error's own text may quote a ticket, so it is not shown unasked.
    _leave(
        f"a fault in this package: {type(error).__name__} at {where}. Set {TRACEBACK_VARIABLE}=1 to see the traceback, "
        "which may hold ticket text.",
        ExitCode.FAULT,
    )


def _leave_without_output(error: OSError, meta: Mapping[str, Any]) -> NoReturn:
    """Leave after an operating system's error: of a closed pipe, of standard output, or of something else."""
    if error.errno == errno.EPIPE:
        drop_output()
        sys.exit(ExitCode.PIPE_CLOSED)
    if not _is_of_output(error):
        _leave_with_fault(error)
    drop_output()
    kept = meta.get(_KEPT)
    _leave(
        f"standard output cannot be written: {error.strerror}.{f' {kept}' if kept else ''}",
        ExitCode.REFUSED,
    )


def _is_of_output(error: OSError) -> bool:
    """Whether it came of printing: everything is printed by `typer.echo`, which writes nothing but a stream."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and frames[-1].name == typer.echo.__name__
