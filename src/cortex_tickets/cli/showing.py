"""Shows results on standard output, for people or for machines, and everything else on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import BaseModel

from cortex_tickets import InvalidInputError, TableRun
from cortex_tickets.cli.exit_codes import ExitCode
from cortex_tickets.cli.wording import in_options


def show(result: BaseModel | Mapping[str, Any], text: object, *, as_json: bool) -> None:
    """Print the result: as one JSON object, or as text for people."""
    if as_json:
        typer.echo(json.dumps(_plain(result), indent=2))
    else:
        typer.echo(in_options(text))


def show_run(run: TableRun, *, as_json: bool) -> None:
    """Print a table run's record; leave with the code of an incomplete one if it is that."""
    show(run, run, as_json=as_json)
    if not run.is_complete:
        note(f"cortex-tickets: not all is done ({run.reason}). The same command goes on from there.")
        sys.exit(ExitCode.INCOMPLETE)


def note(text: object) -> None:
    """Say something to people, on standard error."""
    typer.echo(in_options(text), err=True)


def is_watched() -> bool:
    """Whether somebody sees a bar: standard error is a terminal."""
    return sys.stderr.isatty()


def require_writable(path: Path, suffixes: Sequence[str]) -> None:
    """Check a file's name before anything is paid for what shall stand in it.

    Raises:
        InvalidInputError: If it ends otherwise, or its folder is not there.
    """
    if path.suffix.lower() not in suffixes:
        raise InvalidInputError(f"{path} must end with {' or '.join(suffixes)}.")
    if not path.absolute().parent.is_dir():
        raise InvalidInputError(f"The folder of {path} is not there. Make it first, or give another file.")


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value
