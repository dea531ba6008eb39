"""Writes a file as a whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cortex_tickets.errors import InvalidInputError


def checked_path(path: str | os.PathLike[str], suffixes: tuple[str, ...]) -> Path:
    """Return the path if it can be written to.

    Raises:
        InvalidInputError: If its ending is not one of `suffixes`, or its folder is not there.
    """
    target = Path(path)
    problems = []
    if target.suffix.lower() not in suffixes:
        problems.append(f"{str(target)!r} ends in {target.suffix or 'nothing'!r}; expected {' or '.join(suffixes)}.")
    if not target.parent.is_dir():
        problems.append(f"The folder {str(target.parent)!r} does not exist; make it first.")
    elif target.is_dir():
        problems.append(f"{str(target)!r} is a folder; give a file's name.")
    if problems:
        raise InvalidInputError(problems)
    return target


def write_whole(target: Path, text: str, *, overwrite: bool = True, is_private: bool = False) -> None:
    """Write the text beside the target and rename it: a reader never sees half a file.

    A private file is one that nobody but its owner may read.

    Raises:
        InvalidInputError: If there is such a file and `overwrite` is false.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.chmod(0o600 if is_private else 0o644)
        if overwrite:
            temporary.replace(target)
        else:
            _put_where_nothing_is(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)


def _put_where_nothing_is(temporary: Path, target: Path) -> None:
    # A link is made only where there is no file, and that in one step; a rename would replace one.
    try:
        target.hardlink_to(temporary)
    except FileExistsError:
        raise InvalidInputError(
            f"{str(target)!r} is there already. Give another path, or overwrite=True to put this in its place."
        ) from None
