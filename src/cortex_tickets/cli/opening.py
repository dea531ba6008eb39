"""Opens what a command works with: the settings, with the options over them, and a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cortex_tickets import Budget, InvalidInputError, ModelPrice, TicketSource, connect, local
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.settings_file import read_settings
from cortex_tickets.records.table_name import TableName

_OPTIONAL = ("customer_name", "customer_email", "service_type", "contact_preference", "created_at")


def settled(config: Path | None, connection: str | None = None, path: Path | None = None) -> Settings:
    """Return the settings, with what the options say about the session over them.

    Raises:
        InvalidInputError: With every problem of the settings, or if both a connection and a folder were given.
    """
    if connection is not None and path is not None:
        raise InvalidInputError(
            "--connection and --path cannot be given together: only the embedded engine has a folder. Leave one out."
        )
    settings = read_settings(config)
    if connection is not None:
        return settings.model_copy(update={"connection": connection, "path": None})
    if path is not None:
        return settings.model_copy(update={"connection": None, "path": str(path)})
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Any]:
    """A session of the connection, or on the embedded engine; closed afterwards.

    Raises:
        InvalidInputError: If the connection or the folder cannot be opened.
        MissingExtraError: If the embedded engine is not installed.
    """
    session = (
        local.connect(settings.path, faults=local.Faults.from_environment())
        if settings.connection is None
        else connect(settings.connection)
    )
    try:
        yield session
    finally:
        session.close()


def is_engine(session: Any) -> bool:
    """Whether the session is the embedded engine's, which bills nothing."""
    return bool(getattr(session, "cortex_tickets_engine", False))


def source_of(settings: Settings, table: str | None) -> TicketSource:
    """Return the table of tickets with its columns.

    Raises:
        InvalidInputError: If a name is none.
    """
    place = "tables.tickets of the settings" if table is None else "--table"
    try:
        TableName.parse(table or settings.tables.tickets)
        place = "columns of the settings"
        # One that nobody named is used where the table has it; one that was named has to be there.
        named = settings.columns.model_dump(exclude_unset=True)
        columns = {role: (name or None) if role in _OPTIONAL else name for role, name in named.items()}
        return TicketSource(table=table or settings.tables.tickets, **columns)
    except InvalidInputError as error:
        plain = (problem.removeprefix("TicketSource: ") for problem in error.problems)
        raise InvalidInputError([f"{place}: {problem}" for problem in plain]) from None


def budget_of(settings: Settings, ai_credits: float | None, platform_credits: float | None = None) -> Budget | None:
    """Return the hard stop of options and settings; `None` for no limit.

    A model whose price nobody told counts as the dearest one that is listed.
    """
    ai = settings.budget.ai_credits if ai_credits is None else ai_credits
    platform = settings.budget.platform_credits if platform_credits is None else platform_credits
    if ai is None and platform is None:
        return None
    return Budget(ai_credits=ai, platform_credits=platform, unknown_price="dearest_listed")


def prices_of(settings: Settings) -> dict[str, ModelPrice]:
    """Return the prices that the settings give, by model."""
    return {name: ModelPrice(input=price.input, output=price.output) for name, price in settings.prices.items()}
