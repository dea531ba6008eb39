"""A stored procedure that imports this package from a stage, and the task that calls it.

Source of the grammar, all read 2026-11-25:
https://docs.snowflake.com/en/sql-reference/sql/create-procedure,
https://docs.snowflake.com/en/sql-reference/sql/create-task,
https://docs.snowflake.com/en/developer-guide/upload-dependencies,
https://docs.snowflake.com/en/developer-guide/udf/python/udf-python-packages.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._deployment.handler import FUNCTION, Handler
from cortex_tickets._deployment.package_files import BROUGHT_ALONG, PACKAGE
from cortex_tickets._deployment.place import ROLE, Place
from cortex_tickets._deployment.task_settings import TaskSettings
from cortex_tickets.records.table_name import TableName
from cortex_tickets.sql_comments import as_comments, comment

_FOLDER = "packages"
_TASK_SUFFIX = "_TASK"
_RETRIES = 0


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a stored procedure is made of."""

    place: Place
    name: TableName
    handler: Handler
    archive: Path
    python: str
    """Version of Python, `3.11`."""
    repository: TableName | None
    """The artifact repository that packages come from; `None` for the account's default."""
    schedule: TaskSettings | None

    @property
    def task(self) -> TableName:
        """What the task is called."""
        return self.name.sibling(_TASK_SUFFIX)

    def statements(self) -> list[str]:
        """Return what makes it, in order."""
        made = [
            self.place.stage_statement(),
            *self.place.put_statements([self.archive], _FOLDER, root=self.archive.parent),
            self._procedure(),
        ]
        return made if self.schedule is None else [*made, self._task(self.schedule)]

    def start(self) -> str | None:
        """Return what lets the task run."""
        return None if self.schedule is None else f"ALTER TASK {self.task.sql} RESUME"

    def teardown(self) -> list[str]:
        """Return what ends it."""
        task = [] if self.schedule is None else [
            f"ALTER TASK IF EXISTS {self.task.sql} SUSPEND",
            f"DROP TASK IF EXISTS {self.task.sql}",
        ]  # fmt: skip
        return [*task, f"DROP PROCEDURE IF EXISTS {self.name.sql}()"]

    def privileges(self) -> list[str]:
        """Return what its owner needs to make it and to run its task."""
        rights = self.place.owner_grants("PROCEDURE", *([] if self.schedule is None else ["TASK"]))
        if self.schedule is not None:
            compute = self.schedule.warehouse_sql
            managed = "EXECUTE MANAGED TASK ON ACCOUNT"
            rights += [managed if compute is None else f"USAGE ON WAREHOUSE {compute}", "EXECUTE TASK ON ACCOUNT"]
        if self.repository is not None:
            rights.append("DATABASE ROLE SNOWFLAKE.PYPI_REPOSITORY_USER")
        return [f"GRANT {right} TO ROLE {ROLE}" for right in rights]

    def document(self) -> str:
        """Return all of it as one file."""
        stage, archive, procedure, *task = (f"{statement};" for statement in self.statements())
        sections = [
            [
                comment(f"{self.name} runs {FUNCTION}(session) of {self.handler.path.name} inside Snowflake."),
                comment(f"It imports {PACKAGE} and {BROUGHT_ALONG} from {self.archive.name} on {self.place.stage}."),
                comment(
                    "It runs with the rights of its caller, who is the task's owner where the task calls it: only so "
                    "may it make the temporary table that a ledger's work list is."
                ),
                comment("Written by cortex_tickets.export_procedure, and documented only: never tried on an account."),
            ],
            [
                comment(f"What its owner, {ROLE}, needs to make it. What the handler does needs more."),
                *as_comments(self.privileges()),
            ],
            [comment("1. The stage, and the package on it. PUT needs a client on this machine."), stage, archive],
            [comment("2. The procedure."), procedure],
        ]
        if task:
            sections += [
                [comment("3. The task. It is made suspended: nothing runs, nothing is billed before step 4."), *task],
                [comment("4. Start it, when the rest has been read."), *as_comments([self.start() or ""])],
            ]
        sections.append([comment("To end it. Stage and tables stay."), *as_comments(self.teardown())])
        return "\n\n".join("\n".join(lines) for lines in sections) + "\n"

    def _procedure(self) -> str:
        archive = literal(self.place.staged(_FOLDER, self.archive.name))
        about = f"{FUNCTION}(session) of {self.handler.path.name}, with {self.archive.name}"
        packages = ", ".join(literal(requirement) for requirement in _requirements())
        options = [
            "RETURNS VARCHAR",
            "LANGUAGE PYTHON",
            f"RUNTIME_VERSION = {literal(self.python)}",
            *([] if self.repository is None else [f"ARTIFACT_REPOSITORY = {self.repository.sql}"]),
            f"PACKAGES = ({packages})",
            f"IMPORTS = ({archive})",
            f"HANDLER = {literal(FUNCTION)}",
            f"COMMENT = {literal(about)}",
            "EXECUTE AS CALLER",
        ]
        lines = "\n".join(f"  {option}" for option in options)
        return f"CREATE OR REPLACE PROCEDURE {self.name.sql}()\n{lines}\nAS $$\n{self.handler.source}\n$$"

    def _task(self, settings: TaskSettings) -> str:
        options = [
            *([] if settings.warehouse_sql is None else [f"WAREHOUSE = {settings.warehouse_sql}"]),
            f"SCHEDULE = {literal(' '.join(settings.schedule.split()))}",
            # Two runs of a task never overlap: that is the default, written down because a second one would be refused.
            "OVERLAP_POLICY = NO_OVERLAP",
            f"USER_TASK_TIMEOUT_MS = {settings.timeout * 1000}",
            f"SUSPEND_TASK_AFTER_NUM_FAILURES = {settings.suspend_after_failures}",
            f"COMMENT = {literal(f'Calls {self.name}')}",
            f"TASK_AUTO_RETRY_ATTEMPTS = {_RETRIES}",
        ]
        lines = "\n".join(f"  {option}" for option in options)
        return f"CREATE OR REPLACE TASK {self.task.sql}\n{lines}\nAS\nCALL {self.name.sql}()"


def _requirements() -> list[str]:
    """What Snowflake brings: this package's own requirements, without what stands in the archive and in extras."""
    stated = [text for text in metadata.requires(PACKAGE) or [] if "extra ==" not in text]
    return sorted(text.replace(" ", "") for text in stated if not text.startswith(BROUGHT_ALONG))
