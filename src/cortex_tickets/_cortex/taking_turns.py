"""Sessions that several threads share, although they cannot send two statements at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from cortex_tickets.errors import StatementTimeoutError
from cortex_tickets.session import Session

_locks: WeakKeyDictionary[Any, threading.RLock] = WeakKeyDictionary()
_locks_lock = threading.Lock()


def turn(session: Session, seconds: float | None = None) -> AbstractContextManager[object]:
    """Return a context in which this thread may use the session.

    A Snowpark session whose account has not turned on PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION has one cursor for
    all threads: they would read each other's answers. With such a session they take turns, in the whole process.

    Args:
        session: The session. Several that share a connection take turns together.
        seconds: How long to wait for the turn; `None` for as long as it takes.

    Raises:
        StatementTimeoutError: On entering, if other threads had the session all the time; nothing was sent.
    """
    connection = getattr(session, "_conn", None)
    if _is_thread_safe(connection):
        return nullcontext()
    with _locks_lock:
        lock = _locks.setdefault(connection, threading.RLock())
    return _held(lock, seconds)


@contextmanager
def _held(lock: threading.RLock, seconds: float | None) -> Iterator[None]:
    if not lock.acquire(timeout=-1 if seconds is None else min(seconds, threading.TIMEOUT_MAX)):
        raise StatementTimeoutError("Other threads had the session for all the time that was given")
    try:
        yield
    finally:
        lock.release()


def _is_thread_safe(connection: object) -> bool:
    # The only place where Snowpark says it; without the attribute it is another kind of session, or a later version.
    return getattr(connection, "_thread_safe_session_enabled", True) is not False
