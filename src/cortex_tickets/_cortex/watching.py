"""Looks after one asynchronous statement: until it is over, or until whoever waits for it is stopped."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

from cortex_tickets.clock import Clock

logger = logging.getLogger("cortex_tickets")

_FIRST_PAUSE = 0.004
_SHARE_OF_ELAPSED = 0.1
"""A pause is this share of the time that the statement has taken, so that looking costs it at most that much."""
_SHARE_WHEN_DUE = 0.02
"""The same where it is known when the statement is due: looks are few before that, and close to each other after it."""
_SHARE_OF_EXPECTED = 0.85
_LONGEST_PAUSE = 2.0
_SECONDS_TO_CANCEL = 30.0
"""So long a cancelled statement is waited for, to know that it is over."""
_MOST_MISSED_LOOKS = 20
"""Looks that may fail one after the other. A look says nothing of the statement if it does not come through."""


class StatementWatch(Protocol):
    """Whoever wants to know of a statement while it runs."""

    @property
    def expected_seconds(self) -> float | None:
        """How long the statement will take, about; `None` if nobody knows."""
        ...

    def sent(self, query_id: str) -> None:
        """Take note that the server has the statement, under this id. What fails here must not be raised."""
        ...

    def waiting(self) -> None:
        """Do what has to be done from time to time; an exception ends the waiting and cancels the statement."""
        ...

    def over(self) -> None:
        """Take note that the server works on the statement no more, whatever came of it."""
        ...


class FateUnknownError(Exception):
    """Nobody can tell what became of a statement that the server has; its cause is why."""


def looked_after(
    job: Any, watch: StatementWatch, *, turn: Callable[[], AbstractContextManager[object]], clock: Clock
) -> Any:
    """Return the rows of Snowpark's `AsyncJob` when it is over.

    Args:
        job: What `collect_nowait` returned: `query_id`, `is_done()`, `result("row")`, `cancel()`.
        watch: Is told of the id at once, then again and again while the statement runs, and when it is over.
        turn: A context in which this thread may use the session.
        clock: What is slept on.

    Raises:
        FateUnknownError: If one look after the other fails.
    """
    started = clock.monotonic()
    try:
        watch.sent(str(job.query_id))
        for is_done in _looks(job, turn):
            if is_done:
                break
            watch.waiting()
            clock.sleep(_pause(clock.monotonic() - started, watch.expected_seconds))
    except BaseException as error:
        if not isinstance(error, FateUnknownError):
            _cancel(job, watch, turn, clock)
        raise
    watch.over()
    with turn():
        return job.result("row")


def _pause(passed: float, expected: float | None) -> float:
    if expected is None:
        return min(_LONGEST_PAUSE, max(_FIRST_PAUSE, passed * _SHARE_OF_ELAPSED))
    until_due = expected * _SHARE_OF_EXPECTED - passed
    return min(_LONGEST_PAUSE, max(_FIRST_PAUSE, until_due, passed * _SHARE_WHEN_DUE))


def _looks(job: Any, turn: Callable[[], AbstractContextManager[object]]) -> Iterator[bool]:
    """Yield whether the statement is over, look after look.

    Raises:
        FateUnknownError: If one look after the other fails.
    """
    missed = 0
    while True:
        is_done, error = _look(job, turn)
        missed = missed + 1 if error else 0
        if missed > _MOST_MISSED_LOOKS:
            raise FateUnknownError from error
        yield is_done


def _look(job: Any, turn: Callable[[], AbstractContextManager[object]]) -> tuple[bool, Exception | None]:
    try:
        with turn():
            return bool(job.is_done()), None
    except Exception as error:  # noqa: BLE001  whatever a look failed with, the statement did not
        logger.debug("a look at statement %s failed: %s", job.query_id, type(error).__name__)
        return False, error


def _cancel(job: Any, watch: StatementWatch, turn: Callable[[], AbstractContextManager[object]], clock: Clock) -> None:
    """Stop the statement on the server, and wait until it is known to be over: finished, or cancelled."""
    if not _look(job, turn)[0]:
        logger.info("cancelling statement %s on the server", job.query_id)
        try:
            with turn():
                job.cancel()
        except Exception as error:  # noqa: BLE001  what ended the waiting is what is told
            logger.debug("statement %s could not be cancelled: %s", job.query_id, type(error).__name__)
        started = clock.monotonic()
        while not _look(job, turn)[0]:
            if clock.monotonic() - started >= _SECONDS_TO_CANCEL:
                return
            clock.sleep(0.1)
    watch.over()
