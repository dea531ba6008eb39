"""Connects to an account by the name of a connection in Snowflake's own `connections.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cortex_tickets.errors import InvalidInputError

if TYPE_CHECKING:
    from snowflake.snowpark import Session


def connect(connection: str) -> Session:
    """Return a Snowpark session to the account that `connection` names.

    In a Snowflake Notebook use `snowflake.snowpark.context.get_active_session()` instead; without an account,
    `cortex_tickets.local.connect()`. Opens a connection; nothing is billed.

    Args:
        connection: A connection's name in Snowflake's `connections.toml`, which is where passwords and keys belong.

    Returns:
        A new session; close it with `session.close()`, or use it in a `with` statement.

    Raises:
        InvalidInputError: If there is no such connection, or its entry cannot be used.

    Source:
        [Connecting using the connections.toml file](https://docs.snowflake.com/en/developer-guide/python-connector/python-connector-connect),
        read 2026-11-22.
    """
    # Importing Snowpark takes about a second, and most of this package does without it.
    from snowflake.connector.errors import Error  # noqa: PLC0415  as said above
    from snowflake.snowpark import Session  # noqa: PLC0415  the same

    if not connection.strip():
        raise InvalidInputError("connect needs the name of a connection in Snowflake's connections.toml.")
    try:
        session: Session = Session.builder.config("connection_name", connection).create()
    except Error as error:
        # The connector's message may hold an account's or a user's name; its first line is what tells the cause.
        reason = (str(getattr(error, "raw_msg", None) or error) or type(error).__name__).splitlines()[0]
        raise InvalidInputError(
            f"The connection {connection!r} cannot be opened: {reason.rstrip('.')}. "
            "Check its entry in Snowflake's connections.toml (`snow connection list` shows what is there)."
        ) from error
    return session
