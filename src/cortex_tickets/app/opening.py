"""Opens what the app works on: Snowflake's own session, a connection by name, or the embedded engine with samples."""

from __future__ import annotations

import atexit
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cortex_tickets import connect, load_gold, load_tickets, local, samples
from cortex_tickets.app.background import stop_all_work
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.settings import SAMPLE_TABLE, Settings
from cortex_tickets.app.shared_session import SharedSession
from cortex_tickets.session import Session

logger = logging.getLogger("cortex_tickets")
_TOKEN = Path("/snowflake/session/token")
"""Snowflake's container runtime puts a token here."""


def is_in_snowflake() -> bool:
    """Return whether this process is a Streamlit in Snowflake app, of either runtime."""
    return _TOKEN.exists() or find_spec("_snowflake") is not None


def open_desk(settings: Settings) -> Desk:
    """Return the desk that the settings name.

    On the embedded engine the sample tickets and their gold are loaded, where no other table was named: a misspelt name
    must not become a table.

    Raises:
        InvalidInputError: If the connection cannot be opened, or the engine's folder cannot be used.
        MissingExtraError: If the embedded engine is wanted, and its extra is not installed.
    """
    if settings.connection is None and is_in_snowflake():
        # A warehouse runtime has its one session for as long as it lives.
        session = SharedSession(snowflake_session(), None if _is_in_a_warehouse() else default_session)
        return Desk(session, settings, is_engine=False, opener=lambda: _beside(session), where="Snowflake")
    if settings.connection is not None:
        name = settings.connection
        return Desk(
            SharedSession(_closed_at_the_end(connect(name)), lambda: _closed_at_the_end(connect(name))),
            settings,
            is_engine=False,
            opener=lambda: _closed(connect(name)),
            where=f"Snowflake, connection {name}",
        )
    faults = local.Faults.from_environment()
    engine = local.Engine(settings.engine_path, port=settings.engine_port, faults=faults)
    session = SharedSession(engine.session(), engine.session)
    desk = Desk(
        session,
        settings,
        is_engine=True,
        opener=lambda: _closed(engine.session()),
        where=f"Embedded engine, port {engine.port}",
    )
    if settings.tickets == SAMPLE_TABLE:
        load_samples(desk)
    return desk


def load_samples(desk: Desk) -> None:
    """Write the packaged tickets and the label that a person gave to each, where no table of that name is yet."""
    if desk.columns(desk.settings.tickets) is None:
        with desk.own_session() as session:
            load_tickets(session, samples.support_tickets(), table=desk.settings.tickets)
            if desk.columns(desk.settings.gold) is None:
                load_gold(session, samples.gold_labels(), table=desk.settings.gold)


def snowflake_session() -> Any:
    """Return the session of a Streamlit in Snowflake app.

    Source:
        docs.snowflake.com/en/developer-guide/streamlit/app-development/secrets-and-configuration, read 2026-11-25:
        `get_active_session` is for warehouse runtimes, `st.connection("snowflake")` for container runtimes.
    """
    if _is_in_a_warehouse():
        from snowflake.snowpark.context import get_active_session  # noqa: PLC0415  takes a second; few need it

        return get_active_session()
    import streamlit as st  # noqa: PLC0415  only here: everything else about sessions lives without it

    return st.connection("snowflake").session()


def default_session() -> Any:
    """Return a new session of the default connection, which the container runtime mounts a file for.

    Source:
        docs.snowflake.com/en/developer-guide/streamlit/app-development/secrets-and-configuration, read 2026-11-25. It
        is what `st.connection("snowflake")` opens, too, once for all readers.
    """
    import snowflake.connector  # noqa: PLC0415  takes a second; few need it
    from snowflake.snowpark import Session  # noqa: PLC0415  the same

    # The default connection is taken only where `connect` is given nothing, so that binding by question marks, which
    # Snowpark needs, can be said here alone. Streamlit says the same.
    snowflake.connector.paramstyle = "qmark"
    return Session.builder.configs({"connection": snowflake.connector.connect()}).create()


def environment_settings() -> Settings:
    """Return the settings of this process's environment."""
    return Settings.from_environment(os.environ)


def _is_in_a_warehouse() -> bool:
    return find_spec("_snowflake") is not None and not _TOKEN.exists()


@contextmanager
def _beside(shared: Session) -> Iterator[Session]:
    """Give a session beside the pages' own; their own where there can be no other."""
    own = None if _is_in_a_warehouse() else _own_session()
    if own is None:
        yield shared
    else:
        with _closed(own):
            yield own


def _own_session() -> Any:
    try:
        return default_session()
    except Exception as error:  # noqa: BLE001  whatever it is, the pages' session is there
        # Its message may name account and user.
        logger.warning(
            "no connection can be opened for long work (%s): it shares the pages' session, and they wait for its "
            "statements",
            type(error).__name__,
        )
        return None


@contextmanager
def _closed(session: Any) -> Iterator[Session]:
    """Close a session after the block; where the process ends before, the work is stopped before the session is closed.

    The connector closes each connection at the end of the process, those opened last first: what stops the work has to
    be noted after it.
    """
    stop = partial(stop_all_work)  # one of its own: others may be noted meanwhile, or be taken off
    atexit.register(stop)
    try:
        yield session
    finally:
        atexit.unregister(stop)
        _close(session)


def _closed_at_the_end(session: Any) -> Session:
    """Return a session of the pages; the end of the process closes it, before Snowpark would in its own way."""
    atexit.register(_close, session)
    own: Session = session
    return own


def _close(session: Any) -> None:
    """Close a session that nobody needs any more: a failure here must not stand in place of what became of the work.

    Snowpark's own closing first has the server cancel what is under way, and asks one that is gone for minutes. It does
    not where the connection is closed already, which asks once.
    """
    try:
        session.connection.close(retry=False)
        session.close()
    except Exception as error:  # noqa: BLE001  whatever it is, nobody needs the session any more
        # Its message may name account and user.
        logger.warning("a session could not be closed: %s", type(error).__name__)
