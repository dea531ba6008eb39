"""One session for all readers of the app: their statements take turns, and it is opened anew where it has ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any

from cortex_tickets.app.session_lost import SessionLostError
from cortex_tickets.session import Session

logger = logging.getLogger("cortex_tickets")
_ENDED = frozenset({390111, 390112, 390113, 390114, 250002, 1402, 1404})
"""Codes that say that the session had ended before the statement came: it was not run, and can be sent again.

390111 to 390114 are Snowflake's (no such session, its tokens expired), 250002 the connector's (the connection is
closed), 1402 and 1404 Snowpark's. After any other failure of a connection nobody knows whether the statement ran.
"""


class _Statement:
    def __init__(self, shared: SharedSession, *args: Any, **kwargs: Any) -> None:
        self._shared = shared
        self._given = args, kwargs

    def collect(self, *args: Any, **kwargs: Any) -> Any:
        given, named = self._given
        return self._shared.answer(lambda session: session.sql(*given, **named).collect(*args, **kwargs))


class SharedSession:
    """A Snowpark session whose statements take turns, and that outlives what Snowflake does to it.

    Each reader of a Streamlit app has a thread, and Snowpark's own session has one cursor for all threads unless the
    account has turned that off: they would read each other's answers. And an app runs for weeks, while Snowflake ends a
    session that has had nothing to do for four hours, or for as long as a policy says.

    Args:
        session: The session to begin with.
        reopen: Opens another one like it, once for each time that Snowflake has ended the session; `None` where there
            can be no other.

    Source:
        docs.snowflake.com/user-guide/session-policies, read 2026-11-25.
    """

    def __init__(self, session: Session, reopen: Callable[[], Session] | None = None) -> None:
        self._session = session
        self._reopen = reopen
        self._turn = threading.RLock()

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        """Return a lazy statement; it waits for its turn when it is collected.

        Collecting it raises `SessionLostError` where the session has ended and no other one can be opened.
        """
        return _Statement(self, query, params, *args, **kwargs)

    def answer(self, send: Callable[[Session], Any]) -> Any:
        """Return what a statement gives, in its turn; sent once more where the session had ended before it."""
        with self._turn:
            try:
                return send(self._session)
            except Exception as error:
                if self._reopen is None or not _ENDED & _codes(error):
                    raise
                logger.info("the app's session has ended (%s): another one is opened", type(error).__name__)
                self._session = _opened(self._reopen)
                return send(self._session)


def _opened(reopen: Callable[[], Session]) -> Session:
    try:
        return reopen()
    except Exception as error:
        # Its message may name account and user.
        logger.warning("no other session can be opened: %s", type(error).__name__)
        raise SessionLostError(type(error.__cause__ or error).__name__) from error


def _codes(error: Exception) -> frozenset[int]:
    """Return the codes of an exception of Snowpark or the connector, which have three names for them."""
    named = (str(getattr(error, name, "")) for name in ("sql_error_code", "error_code", "errno"))
    return frozenset(int(code) for code in named if code.isdecimal())
