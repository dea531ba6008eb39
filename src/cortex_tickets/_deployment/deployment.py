"""The record of what was prepared for Snowflake and not yet sent."""

from __future__ import annotations

from pathlib import Path

from cortex_tickets.records.record import Received


class Deployment(Received):
    """Files for a stage, and the SQL that makes an object of them. Nothing of it was sent."""

    name: str
    """The procedure or the app, with database and schema."""
    stage: str
    """The stage that the files go to, with database and schema."""
    task: str | None
    """The task that calls the procedure, with database and schema; `None` where there is none."""
    files: tuple[Path, ...]
    """What goes onto the stage, on this machine."""
    path: Path
    """The file that has `sql`."""
    statements: tuple[str, ...]
    """What makes it, in order: the stage, a PUT for each file, the object. Sent again they put the new in the place of
    the old. PUT needs a client on this machine (a Snowpark session, SnowSQL, `snow sql`): Snowsight has none."""
    start: str | None
    """What lets the task run, and so what begins to bill; `None` where there is no task."""
    teardown: tuple[str, ...]
    """What ends it, in order. Stage and tables stay."""
    privileges: tuple[str, ...]
    """What an administrator grants to the owner, for whom `<role>` stands. What the procedure or the app does with
    tickets and models needs more."""
    sql: str
    """All of it as one file for a reviewer. As it stands it makes the object: grants, start and end are comments."""

    def __str__(self) -> str:
        n_files = f"{len(self.files)} file{'' if len(self.files) == 1 else 's'}"
        calls = "" if self.task is None else f", called by {self.task}"
        return f"{self.name}{calls}: {n_files} for {self.stage}; read {self.path} before you send it"
