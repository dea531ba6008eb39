"""The record of a pipeline that was written and not yet sent."""

from __future__ import annotations

import os
from pathlib import Path

from cortex_tickets.file_writing import checked_path, write_whole
from cortex_tickets.records.record import Received


class Pipeline(Received):
    """SQL that labels new tickets inside Snowflake: a stream, and a task that it triggers. Nothing of it was sent."""

    stream: str
    """The stream on the tickets, with database and schema."""
    task: str
    """The task, with database and schema."""
    source: str
    """The tickets' table or view, with database and schema."""
    into: str
    """The ledger, with database and schema."""
    model: str
    """The model that is asked."""
    classifier_hash: str
    """Everything that could change an answer; the ledger's rows carry it."""
    statements: tuple[str, ...]
    """What makes the pipeline, in order: the ledger's tables, the stream, the task, which is suspended. Sent again they
    change nothing but the task, which is made anew and suspended."""
    start: str
    """What lets the task run, and so what begins to bill."""
    teardown: tuple[str, ...]
    """What ends the pipeline, in order. The ledger stays."""
    privileges: tuple[str, ...]
    """What an administrator grants to the task's owner; `<role>` stands for that."""
    sql: str
    """All of it as one file for a reviewer. As it stands it makes the pipeline: start, end and grants are comments."""

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write `sql` to a file, whole or not at all, and return its path.

        Args:
            path: Where; it ends in `.sql`, and its folder is there.
            overwrite: Whether a file that is there already may be replaced.

        Raises:
            InvalidInputError: If the path is none that can be written, or there is a file and `overwrite` is false.
        """
        target = checked_path(path, (".sql",))
        write_whole(target, self.sql, overwrite=overwrite)
        return target

    def __str__(self) -> str:
        return f"{self.stream} and {self.task}: {self.source} into {self.into} with {self.model}"
