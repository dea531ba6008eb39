"""Opening the files of an engine's folder, or saying in one sentence why they cannot be."""

from __future__ import annotations

from pathlib import Path

import duckdb

from cortex_tickets.local.sql.instance import Instance


def open_instance(path: Path | None) -> Instance:
    """The instance over `path`, made if it is missing.

    Raises:
        InvalidInputError: When the path is no folder, cannot be made or used as one, or its engine is open already.
    """
    from cortex_tickets.errors import InvalidInputError  # noqa: PLC0415 - the engine stands alone but for this

    if path is not None:
        try:
            # Only its owner may look into it: it has the tickets, and every text that a model was asked.
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise InvalidInputError(f"An engine keeps its data in a folder, and {path} is none.") from None
        except OSError as error:
            raise InvalidInputError(f"The folder {path} cannot be made: {error.strerror}.") from None
    try:
        return Instance(path)
    except duckdb.ResourceInUseException:
        raise InvalidInputError(
            f"The engine at {path} is open already in this process: give it as engine= to connect."
        ) from None
    except duckdb.IOException as error:
        if "set lock on file" not in str(error):
            reason = str(error).splitlines()[0].removeprefix("IO Error: ").rstrip(".!")
            raise InvalidInputError(f"The engine at {path} cannot be opened: {reason}.") from error
        raise InvalidInputError(
            f"The engine at {path} is in use by another process: one process at a time has its files open. To share "
            f"it, end that process, start `python -m cortex_tickets.local --path {path}`, and connect every process "
            "with the line that it prints."
        ) from None
