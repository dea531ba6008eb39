"""Prepares what runs inside Snowflake: files for a stage, and reviewable SQL. Nothing here connects or sends.

It is part of the package, and not a script beside it, because it packs the package itself: whoever has installed it can
put exactly that into Snowflake, without a checkout, a wheel or an index.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

from cortex_tickets._deployment.app import App
from cortex_tickets._deployment.app_folder import label_text, write_app_folder
from cortex_tickets._deployment.archive import write_wheel, write_zip
from cortex_tickets._deployment.deployment import Deployment
from cortex_tickets._deployment.handler import Handler, read_handler
from cortex_tickets._deployment.place import Place, single_name
from cortex_tickets._deployment.procedure import Procedure
from cortex_tickets._deployment.task_settings import TaskSettings
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.file_writing import write_whole
from cortex_tickets.problems import Problems
from cortex_tickets.records.table_name import TableName

__all__ = ["Deployment", "export_app", "export_package", "export_procedure"]

_PYTHON = re.compile(r"3\.(?:1[1-4])")
_LONGEST_RUN = 3600
_STAGE = "CORTEX_TICKETS"
_PYPI = "snowflake.snowpark.pypi_shared_repository"
"""Snowflake's own repository of public packages; PUBLIC may use it unless that was taken away."""


def export_package(folder: str | os.PathLike[str], *, form: Literal["zip", "wheel"] = "zip") -> Path:
    """Return a file of this package as it is installed here, for a stage or a workspace.

    Equal contents give equal bytes. Nothing is sent.

    Args:
        folder: Where to write it; made if it is not there.
        form: `zip` has tenacity in it, too, and is imported as it is: by a procedure's IMPORTS, or from `sys.path` of a
            notebook without a package index. `wheel` is what `pip install` takes.

    Raises:
        InvalidInputError: If the folder cannot be used, or the form is none of the two.

    Examples:
        >>> import tempfile
        >>> export_package(tempfile.mkdtemp(), form="wheel").name
        'cortex_tickets-0.1.0-py3-none-any.whl'

    Source:
        [Making dependencies available](https://docs.snowflake.com/en/developer-guide/upload-dependencies), read
        2026-11-25.
    """
    if form not in ("zip", "wheel"):
        raise InvalidInputError(f"form={form!r} must be 'zip' or 'wheel'.")
    return (write_zip if form == "zip" else write_wheel)(_made(folder))


def export_procedure(
    handler: str | os.PathLike[str],
    *,
    folder: str | os.PathLike[str],
    schema: str,
    name: str | None = None,
    stage: str = _STAGE,
    schedule: str | None = None,
    warehouse: str | None = None,
    timeout: int = _LONGEST_RUN,
    suspend_after_failures: int = 3,
    python: str = "3.11",
    artifact_repository: str | None = None,
) -> Deployment:
    """Return a stored procedure that runs your Python file inside Snowflake, with a task that calls it on a schedule.

    The file has `main(session)`, which Snowflake calls with its own Snowpark session, and what it returns is shown as
    text. The package goes along as a zip, so that neither an index nor an image needs to have it. Nothing is sent.

    Args:
        handler: The Python file. Its text stands in the statement, where a reviewer reads it.
        folder: Where to write the zip and the SQL; made if it is not there.
        schema: Where procedure, task and stage are made: database and schema.
        name: The procedure; `None` for the file's name. The task has `_TASK` behind it.
        stage: The stage that the zip goes to; made if it is not there.
        schedule: When the task calls it, as Snowflake takes it: `60 MINUTES`, or `USING CRON 0 6 * * * UTC`. `None` for
            no task.
        warehouse: The task's warehouse; `None` for compute that Snowflake manages.
        timeout: Seconds after which Snowflake stops a run of the task, 60 to 604,800.
        suspend_after_failures: Failed runs in a row after which Snowflake suspends the task.
        python: Version of Python in Snowflake, `3.11` to `3.14`.
        artifact_repository: Where Snowflake takes snowpark and pydantic from, such as
            `snowflake.snowpark.pypi_shared_repository`; `None` for the account's default.

    Returns:
        The statements, and the whole as one text for a reviewer, which also stands in the folder.

    Raises:
        InvalidInputError: With every problem: a file that cannot be read or has no `main(session)`, a name that is
            none, a schedule or a setting out of its range.

    Source:
        [CREATE PROCEDURE](https://docs.snowflake.com/en/sql-reference/sql/create-procedure) and
        [Limitations](https://docs.snowflake.com/en/developer-guide/stored-procedure/python/procedure-python-limitations)
        (no temporary tables with owner's rights, so the procedure has its caller's), read 2026-11-25.
    """
    problems = Problems()
    place = task = code = repository = None
    with problems:
        place = Place.of(schema, stage)
    with problems:
        code = read_handler(handler)
    if schedule is not None:
        with problems:
            task = TaskSettings(schedule, warehouse, timeout, suspend_after_failures)
    with problems:
        repository = None if artifact_repository is None else TableName.parse(artifact_repository, role="repository")
    if not _PYTHON.fullmatch(str(python)):
        problems.add([f"python={python!r} must be a version of Snowflake's procedures from '3.11' to '3.14'."])
    chosen = _procedure_name(name, code, problems)
    problems.require_none()
    if place is None or code is None:
        raise AssertionError("whatever is missing is a problem")
    target = _made(folder)
    made = Procedure(place, place.named(chosen, "procedure"), code, write_zip(target), python, repository, task)
    return _saved(
        target / f"{code.path.stem}.sql",
        name=str(made.name),
        stage=str(place.stage),
        task=None if task is None else str(made.task),
        files=(made.archive,),
        statements=tuple(made.statements()),
        start=made.start(),
        teardown=tuple(made.teardown()),
        privileges=tuple(made.privileges()),
        sql=made.document(),
    )


def export_app(
    folder: str | os.PathLike[str],
    *,
    schema: str,
    compute_pool: str,
    warehouse: str,
    name: str = "CORTEX_TICKETS_APP",
    stage: str = _STAGE,
    title: str = "Support tickets",
    tickets: str | None = None,
    labels: str | os.PathLike[str] | None = None,
    artifact_repository: str | None = _PYPI,
    external_access: str | None = None,
) -> Deployment:
    """Return the app as a Streamlit in Snowflake app on the container runtime: its folder, and the SQL that makes it.

    The folder has what starts the app, its requirements, and this package as a wheel. Nothing is sent.

    Args:
        folder: Where to write it; made if it is not there. The app's files stand in a folder `app` of it.
        schema: Where the app and its stage are made: database and schema.
        compute_pool: What runs the app's code, and bills while it does.
        warehouse: What runs its queries.
        name: The app.
        stage: The stage that its files go to; made if it is not there.
        title: What Snowsight shows.
        tickets: The table of tickets; `None` for SUPPORT_TICKETS in the app's schema.
        labels: A TOML file of the labels, as for `LabelSet.from_toml`; `None` for those of the sample tickets.
        artifact_repository: Where Snowflake takes Streamlit and the other requirements from. `None` for none: then an
            integration is needed, since the image alone does not have all of them.
        external_access: An external access integration for a package index instead.

    Returns:
        The statements, and the whole as one text for a reviewer, which also stands in the folder.

    Raises:
        InvalidInputError: With every problem: a name that is none, labels that cannot be used, no source of packages.

    Source:
        [CREATE STREAMLIT](https://docs.snowflake.com/en/sql-reference/sql/create-streamlit) and
        [Dependencies](https://docs.snowflake.com/en/developer-guide/streamlit/app-development/dependency-management),
        read 2026-11-25. How a repository is attached stands on neither page; the form is that of published projects.
    """
    problems = Problems()
    place = app = pool = house = repository = integration = given_labels = None
    with problems:
        place = Place.of(schema, stage)
    with problems:
        app = single_name(name, "app")
    with problems:
        pool = single_name(compute_pool, "compute_pool")
    with problems:
        house = single_name(warehouse, "warehouse")
    with problems:
        repository = None if artifact_repository is None else TableName.parse(artifact_repository, role="repository")
    with problems:
        integration = None if external_access is None else single_name(external_access, "integration")
    with problems:
        given_labels = None if labels is None else label_text(labels)
    if tickets is not None:
        with problems:
            TableName.parse(tickets)
    if artifact_repository is None and external_access is None:
        problems.add(["The app needs a source of packages: give artifact_repository= or external_access=."])
    if not title.strip():
        problems.add(["title= must be text."])
    problems.require_none()
    if place is None or app is None or pool is None or house is None:
        raise AssertionError("whatever is missing is a problem")
    target = _made(folder)
    written = write_app_folder(_made(target / "app"), tickets=tickets, labels=given_labels)
    made = App(place, place.named(name, "app"), written, pool, house, title, repository, integration)
    return _saved(
        target / "app.sql",
        name=str(made.name),
        stage=str(place.stage),
        task=None,
        files=written.files,
        statements=tuple(made.statements()),
        start=None,
        teardown=tuple(made.teardown()),
        privileges=tuple(made.privileges()),
        sql=made.document(),
    )


def _procedure_name(name: str | None, handler: Handler | None, problems: Problems) -> str:
    if name is None:
        return "" if handler is None else handler.name
    with problems:
        single_name(name, "procedure")
    return name


def _made(folder: str | os.PathLike[str]) -> Path:
    """Return the folder, which is there then."""
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(f"folder={str(target)!r} cannot be made: {error.strerror or error}.") from None
    return target


def _saved(path: Path, **fields: object) -> Deployment:
    made = Deployment.model_validate({**fields, "path": path})
    write_whole(path, made.sql)
    return made
