"""Opens what a command works with: the settings, with the options over them, and a session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from cortex_tickets import Budget, InvalidInputError, ModelPrice, TicketSource, connect, local
from cortex_tickets.cli.exit_codes import say_on_failure, say_on_interruption, say_what_is_kept
from cortex_tickets.cli.settings import Settings
from cortex_tickets.cli.settings_file import read_settings
from cortex_tickets.records.table_name import TableName

_KEPT_NOWHERE = "Kept nowhere: this engine ends with the command. Give --path FOLDER or --connection NAME to keep it."
_NOTHING_KEPT = "Nothing was kept: the engine ended with the command, and the same command begins anew."
_BEGAN_EMPTY = (
    "Neither --path nor --connection was given, so this engine began empty: what another command wrote is not there."
)
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


@contextmanager
def opened_to_keep(ctx: typer.Context, settings: Settings, *, reads: bool = True) -> Iterator[Any]:
    """A session as `opened` has it, and what is true of an engine in memory is said: it keeps nothing.

    Args:
        ctx: The command.
        settings: Where the session is.
        reads: Whether the command works on what others wrote, which is not there in memory.

    Raises:
        InvalidInputError: If the connection or the folder cannot be opened.
        MissingExtraError: If the embedded engine is not installed.
    """
    in_memory = settings.connection is None and settings.path is None
    with opened(settings) as session:
        if in_memory:
            typer.echo(_KEPT_NOWHERE, err=True)
            say_on_interruption(ctx, _NOTHING_KEPT)
            say_on_failure(ctx, _BEGAN_EMPTY if reads else None)
        yield session
    say_on_failure(ctx, None)
    say_what_is_kept(ctx, _NOTHING_KEPT if in_memory else "What was answered and written is kept.")


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
