"""One session for all readers of the app: their statements take turns."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from cortex_tickets.session import Session


class _Statement:
    def __init__(self, statement: Any, turn: threading.RLock) -> None:
        self._statement = statement
        self._turn = turn

    def collect(self, *args: Any, **kwargs: Any) -> Any:
        with self._turn:
            return self._statement.collect(*args, **kwargs)


class SharedSession:
    """A Snowpark session whose statements take turns.

    Each reader of a Streamlit app has a thread, and Snowpark's own session has one cursor for all threads unless the
    account has turned that off: they would read each other's answers.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._turn = threading.RLock()

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        """Return the session's own lazy statement; it waits for its turn when it is collected."""
        with self._turn:
            return _Statement(self._session.sql(query, params, *args, **kwargs), self._turn)
