"""Looks after one asynchronous statement: until it is over, or until whoever waits for it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol

from cortex_tickets.clock import Clock

logger = logging.getLogger("cortex_tickets")

_FIRST_PAUSE = 0.004
_SHARE_OF_ELAPSED = 0.05
"""A pause is this share of the time that the statement has taken, so that looking costs it at most that much."""
_LONGEST_PAUSE = 2.0
_SECONDS_TO_CANCEL = 30.0
"""So long a cancelled statement is waited for, to know that it is over."""


class StatementWatch(Protocol):
    """Whoever wants to know of a statement while it runs."""

    def sent(self, query_id: str) -> None:
        """Take note that the server has the statement, under this id."""
        ...

    def waiting(self) -> None:
        """Do what has to be done from time to time; an exception ends the waiting and cancels the statement."""
        ...


def looked_after(
    job: Any, watch: StatementWatch, *, turn: Callable[[], AbstractContextManager[object]], clock: Clock
) -> Any:
    """Return the rows of Snowpark's `AsyncJob` when it is over.

    Args:
        job: What `collect_nowait` returned: `query_id`, `is_done()`, `result("row")`, `cancel()`.
        watch: Is told of the id at once, and then again and again while the statement runs.
        turn: A context in which this thread may use the session.
        clock: What is slept on.
    """
    started = clock.monotonic()
    try:
        watch.sent(str(job.query_id))
        while not _in_turn(turn, job.is_done):
            watch.waiting()
            passed = clock.monotonic() - started
            clock.sleep(min(_LONGEST_PAUSE, max(_FIRST_PAUSE, passed * _SHARE_OF_ELAPSED)))
        return _in_turn(turn, lambda: job.result("row"))
    except BaseException:
        with suppress(Exception):  # what ended the waiting is what is told
            _cancel(job, turn, clock)
        raise


def _cancel(job: Any, turn: Callable[[], AbstractContextManager[object]], clock: Clock) -> None:
    """Stop the statement on the server, and wait until it is known to be over: finished, or cancelled."""
    if _in_turn(turn, job.is_done):
        return
    logger.info("cancelling statement %s on the server", job.query_id)
    _in_turn(turn, job.cancel)
    started = clock.monotonic()
    while not _in_turn(turn, job.is_done) and clock.monotonic() - started < _SECONDS_TO_CANCEL:
        clock.sleep(0.1)


def _in_turn(turn: Callable[[], AbstractContextManager[object]], call: Callable[[], Any]) -> Any:
    with turn():
        return call()
