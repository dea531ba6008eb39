"""The app as a Streamlit in Snowflake app on the container runtime: its folder, and the statements that make it.

Source, all read 2026-11-25:
https://docs.snowflake.com/en/sql-reference/sql/create-streamlit,
https://docs.snowflake.com/en/sql-reference/sql/alter-streamlit,
https://docs.snowflake.com/en/developer-guide/streamlit/app-development/dependency-management,
https://docs.snowflake.com/en/developer-guide/streamlit/app-development/runtime-environments,
https://docs.snowflake.com/en/developer-guide/streamlit/object-management/privileges.
"""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._deployment.app_folder import AppFolder
from cortex_tickets._deployment.place import ROLE, Place
from cortex_tickets.records.table_name import TableName
from cortex_tickets.sql_comments import as_comments, comment

VIEWERS = "<viewers>"
"""Stands for the role of those who use the app."""
_RUNTIME = "SYSTEM$ST_CONTAINER_RUNTIME_PY3_11"
"""The container runtime, named since the default has changed (bundle 2026_06) and is not the same in all regions."""


@dataclass(frozen=True, slots=True)
class App:
    """What a Streamlit app is made of."""

    place: Place
    name: TableName
    folder: AppFolder
    compute_pool: str
    """As Snowflake stores it."""
    warehouse: str
    """The same."""
    title: str
    repository: TableName | None
    """The artifact repository that packages come from."""
    integration: str | None
    """An external access integration instead."""

    def statements(self) -> list[str]:
        """Return what makes it, in order."""
        made = [
            self.place.stage_statement(),
            *self.place.put_statements(self.folder.files, self.folder.staged_as, root=self.folder.root),
            self._app(),
        ]
        if self.repository is not None:
            made.append(f"ALTER STREAMLIT {self.name.sql} SET ARTIFACT_REPOSITORIES = ({self.repository.sql})")
        return [*made, f"ALTER STREAMLIT {self.name.sql} ADD LIVE VERSION FROM LAST"]

    def teardown(self) -> list[str]:
        """Return what ends it."""
        return [f"DROP STREAMLIT IF EXISTS {self.name.sql}"]

    def privileges(self) -> list[str]:
        """Return what its owner needs to make it, and what those who use it need."""
        rights = [
            *self.place.owner_grants("STREAMLIT"),
            f"USAGE ON COMPUTE POOL {TableName((self.compute_pool,)).sql}",
            f"USAGE ON WAREHOUSE {TableName((self.warehouse,)).sql}",
        ]
        if self.repository is not None:
            rights.append("DATABASE ROLE SNOWFLAKE.PYPI_REPOSITORY_USER")
        if self.integration is not None:
            rights.append(f"USAGE ON INTEGRATION {TableName((self.integration,)).sql}")
        database = TableName(self.place.schema.parts[:1])
        return [
            *(f"GRANT {right} TO ROLE {ROLE}" for right in rights),
            f"GRANT USAGE ON DATABASE {database.sql} TO ROLE {VIEWERS}",
            f"GRANT USAGE ON SCHEMA {self.place.schema.sql} TO ROLE {VIEWERS}",
            f"GRANT USAGE ON STREAMLIT {self.name.sql} TO ROLE {VIEWERS}",
        ]

    def document(self) -> str:
        """Return all of it as one file."""
        stage, *puts = self.statements()[: 1 + len(self.folder.files)]
        made = self.statements()[1 + len(self.folder.files) :]
        sections = [
            [
                comment(f"{self.name}: the app of {self.folder.wheel.name}, on Streamlit's container runtime."),
                comment(
                    "It runs with the rights of its owner: whoever may use it sees the tickets that the owner sees. "
                    "CREATE OR REPLACE drops the grants of its users, so grant them again."
                ),
                comment("Written by cortex_tickets.export_app, and documented only: never tried on an account."),
            ],
            [
                comment(f"What its owner, {ROLE}, and its users, {VIEWERS}, need."),
                *as_comments(self.privileges()),
            ],
            [
                comment("1. The stage, and the app's files on it. PUT needs a client on this machine."),
                *(f"{statement};" for statement in (stage, *puts)),
            ],
            [comment("2. The app, and its first version."), *(f"{statement};" for statement in made)],
            [comment("To end it. Stage and tables stay."), *as_comments(self.teardown())],
        ]
        return "\n\n".join("\n".join(lines) for lines in sections) + "\n"

    def _app(self) -> str:
        options = [
            f"FROM {literal(self.place.staged(self.folder.staged_as))}",
            f"MAIN_FILE = {literal(self.folder.main_file)}",
            f"QUERY_WAREHOUSE = {TableName((self.warehouse,)).sql}",
            f"RUNTIME_NAME = {literal(_RUNTIME)}",
            f"COMPUTE_POOL = {TableName((self.compute_pool,)).sql}",
            f"COMMENT = {literal(self.folder.wheel.name)}",
            f"TITLE = {literal(self.title)}",
        ]
        if self.integration is not None:
            options.append(f"EXTERNAL_ACCESS_INTEGRATIONS = ({TableName((self.integration,)).sql})")
        lines = "\n".join(f"  {option}" for option in options)
        return f"CREATE OR REPLACE STREAMLIT {self.name.sql}\n{lines}"
