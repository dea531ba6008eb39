"""All sessions of an engine, by token."""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from cortex_tickets.local.sql.instance import Instance
from cortex_tickets.local.sql.session import DATABASE, EngineSession
from cortex_tickets.local.sql.table_locks import TableLocks

SCHEMA = "PUBLIC"


class SessionDesk:
    """Opens, finds and ends sessions.

    Args:
        instance: What they all work on.
        when_unused: Called when the last open session has ended.
    """

    def __init__(self, instance: Instance, when_unused: Callable[[], None]) -> None:
        self._instance = instance
        self._when_unused = when_unused
        self._locks = TableLocks()
        self._lock = threading.Lock()
        self._sessions: dict[str, EngineSession] = {}
        # Never given twice, also not by an engine that was started again over the same files.
        self._numbers = itertools.count(time.time_ns() // 1_000)

    def open(
        self,
        *,
        user: str,
        database: str | None = None,
        schema: str | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> tuple[str, EngineSession]:
        """A new session and its token; a database or schema that is missing is made."""
        session = self.open_unlisted(user=user, database=database, schema=schema)
        for name, value in (parameters or {}).items():
            session.parameters[str(name).upper()] = str(value)
        session.has_autocommit = str((parameters or {}).get("AUTOCOMMIT", True)).lower() != "false"
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[token] = session
        return token, session

    def open_unlisted(self, *, user: str, database: str | None, schema: str | None) -> EngineSession:
        """A session that no client holds: the engine's own."""
        database, schema = database or DATABASE, schema or SCHEMA
        with self._lock:
            self._instance.ensure_database(database, schema)
            return EngineSession(
                self._instance,
                self._instance.root,
                self._locks,
                session_id=next(self._numbers),
                user=user,
                database=database,
                schema=schema,
                db_path=self._instance.folder,
            )

    def find(self, token: str) -> EngineSession | None:
        """The session of a token."""
        return self._sessions.get(token)

    def end(self, token: str) -> None:
        """End a session; an unknown token is none."""
        with self._lock:
            session = self._sessions.pop(token, None)
            is_last = session is not None and not self._sessions
        if session is not None:
            session.end()
        if is_last:
            self._when_unused()

    def close(self) -> None:
        """End what is open."""
        with self._lock:
            sessions, self._sessions = list(self._sessions.values()), {}
        for session in sessions:
            session.end()
