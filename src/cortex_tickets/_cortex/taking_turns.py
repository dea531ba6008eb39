"""Sessions that several threads share, although they cannot send two statements at once."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from cortex_tickets.session import Session

_locks: WeakKeyDictionary[Any, threading.RLock] = WeakKeyDictionary()
_locks_lock = threading.Lock()


def turn(session: Session) -> AbstractContextManager[object]:
    """Return a context in which this thread may use the session.

    A Snowpark session whose account has not turned on PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION has one cursor for
    all threads: they would read each other's answers. With such a session they take turns, in the whole process.
    """
    if _is_thread_safe(session):
        return nullcontext()
    with _locks_lock:
        return _locks.setdefault(session, threading.RLock())


def _is_thread_safe(session: Session) -> bool:
    # The only place where Snowpark says it; without the attribute it is another kind of session, or a later version.
    connection = getattr(session, "_conn", None)
    return getattr(connection, "_thread_safe_session_enabled", True) is not False
