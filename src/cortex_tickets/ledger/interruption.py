"""SIGTERM as an exception, while a run is under way: what has to be cleaned up is, and the process still ends."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_EXIT_CODE = 128 + signal.SIGTERM


@contextmanager
def termination_raised() -> Iterator[None]:
    """Let SIGTERM raise SystemExit while the block runs, where nobody else handles it.

    Only the main thread can do so. A handler that the caller's program has set stays as it is.
    """
    is_ours = (
        threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )
    if not is_ours:
        yield
        return
    signal.signal(signal.SIGTERM, _raise)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _raise(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(_EXIT_CODE)
