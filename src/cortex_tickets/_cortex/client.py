"""Sends statements over the caller's session: tagged one by one, retried where that helps, failures typed.

The only code that calls the session.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Mapping
from typing import Any

from cortex_tickets._cortex.failures import typed_error
from cortex_tickets._cortex.known_failures import FailureClass, class_of_exception
from cortex_tickets._cortex.retry import DEFAULT_RETRY, RetryPolicy, with_retries
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.taking_turns import turn
from cortex_tickets._cortex.waiting import Deadline
from cortex_tickets._cortex.watching import FateUnknownError, StatementWatch, looked_after
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import ConnectionLostError, CortexError, InvalidInputError, StatementTimeoutError
from cortex_tickets.problems import seconds_problems
from cortex_tickets.session import Session

logger = logging.getLogger("cortex_tickets")

LONGEST_TIMEOUT = 604_800
"""Seconds, seven days: the most that Snowflake takes as STATEMENT_TIMEOUT_IN_SECONDS."""
Row = Mapping[str, Any]
"""One row of an answer: values by column name."""


class StatementMeter:
    """Adds up how long statements took, as their client saw it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seconds = 0.0

    @property
    def seconds(self) -> float:
        """Seconds of all statements so far."""
        return self._seconds

    def add(self, seconds: float) -> None:
        """Add a statement's seconds."""
        with self._lock:
            self._seconds += seconds


class CortexClient:
    """A session, and how its statements are tagged, timed and retried. Safe to share between threads."""

    def __init__(
        self,
        session: Session,
        *,
        tag: str = "cortex_tickets",
        clock: Clock = SYSTEM_CLOCK,
        retry: RetryPolicy = DEFAULT_RETRY,
        deadline: Deadline | None = None,
        meter: StatementMeter | None = None,
    ) -> None:
        self.session = session
        self.tag = tag
        self.clock = clock
        self.meter = StatementMeter() if meter is None else meter
        self._retry = retry
        self._deadline = deadline

    def tagged(self, tag: str) -> CortexClient:
        """Return a client over the same session whose statements carry another tag, and are metered anew."""
        return self._like(tag=tag, meter=StatementMeter())

    def within_given(self, timeout: float | None) -> CortexClient:
        """Return the same as `within` for a `timeout=` that a caller gave.

        Raises:
            InvalidInputError: If it is neither `None` nor a number of seconds above 0.
        """
        problems = seconds_problems(timeout)
        if problems:
            raise InvalidInputError(problems)
        return self.within(timeout)

    def within(self, seconds: float | None) -> CortexClient:
        """Return a client all of whose statements together must be over in `seconds` from now.

        An earlier deadline of this client stays the deadline; `None` and infinity set no new one.
        """
        seconds = _finite(seconds)
        left = self.seconds_left
        if seconds is None or (left is not None and left <= seconds):
            return self
        return self._like(deadline=Deadline(self.clock, seconds))

    def without_deadline(self) -> CortexClient:
        """Return a client for what has to be done even when the time is over, such as cleaning up."""
        return self._like(deadline=None)

    def with_retry(self, retry: RetryPolicy) -> CortexClient:
        """Return a client that tries passing failures again as `retry` says."""
        return self._like(retry=retry)

    def _like(self, **changes: Any) -> CortexClient:
        mine: dict[str, Any] = {
            "tag": self.tag,
            "clock": self.clock,
            "retry": self._retry,
            "deadline": self._deadline,
            "meter": self.meter,
        }
        return CortexClient(self.session, **{**mine, **changes})

    @property
    def seconds_left(self) -> float | None:
        """Seconds until the deadline, never negative; `None` if there is none."""
        return None if self._deadline is None else self._deadline.left

    def rows(
        self,
        statement: Statement,
        *,
        timeout: float | None = None,
        watch: StatementWatch | None = None,
        failed: Callable[[CortexError], None] | None = None,
    ) -> list[Row]:
        """Return the statement's rows.

        Args:
            statement: What to send.
            timeout: Seconds for the statement and its retries; `None` or infinity for the session's own limit.
            watch: Is told of the statement while it runs, which is then sent asynchronously: its query id is known,
                and the session is free between two looks. Whatever ends the waiting early (Ctrl-C among it) cancels
                the statement on the server. Only where `tried_asynchronously` has shown that the session can.
            failed: Is told of each try that failed, those that are tried again among them.

        Raises:
            InvalidInputError: If `timeout` is not a number.
            StatementTimeoutError: If the client's deadline is over; nothing is sent then.
            CortexError: Its subclass for what Snowflake said; a passing failure after the retries are used up.
        """
        left = self.seconds_left
        if left == 0.0:
            raise StatementTimeoutError("The time that was given is over", statement=statement.text)
        limits = [limit for limit in (_finite(timeout), left) if limit is not None]
        # A retry gets what the attempts before it left over, so that all of them together keep the limit.
        deadline = Deadline(self.clock, min(limits, default=None))

        def send() -> list[Row]:
            try:
                return self._send(statement, deadline, watch)
            except CortexError as error:
                if failed is not None:
                    failed(error)
                raise

        if not statement.repeatable:
            return send()
        return with_retries(
            send,
            policy=self._retry,
            clock=self.clock,
            timeout=min(limits, default=None),
        )

    def tried_asynchronously(self, statement: Statement) -> list[Row] | None:
        """Return the rows of a statement that is sent asynchronously, or `None` if this session cannot do so."""
        try:
            with turn(self.session):
                lazy = self.session.sql(statement.text, params=list(statement.values) or None)
                nowait = getattr(lazy, "collect_nowait", None)
                answer = None if nowait is None else nowait(statement_params={"QUERY_TAG": self.tag}).result("row")
        except NotImplementedError:  # Snowpark inside a stored procedure whose account has not turned it on
            return None
        except Exception as error:
            typed = _as_typed(error, statement)
            if typed is None:
                raise
            raise typed from None
        return None if answer is None else [_as_mapping(row) for row in answer]

    def value(self, statement: Statement, *, timeout: float | None = None) -> Any:
        """Return the first column of the only row, or `None` if there is no row."""
        found = self.rows(statement, timeout=timeout)
        return next(iter(found[0].values())) if found else None

    def run(self, text: str, *values: object) -> list[Row]:
        """Send a statement that needs no more than its text and values, and return its rows."""
        return self.rows(Statement(text, values))

    def _send(self, statement: Statement, deadline: Deadline, watch: StatementWatch | None) -> list[Row]:
        parameters: dict[str, object] = {"QUERY_TAG": self.tag}
        started = self.clock.monotonic()
        try:
            with turn(self.session, deadline.left):
                _refuse_if_late(statement, deadline)
                if deadline.left is not None:
                    seconds = max(1, math.ceil(deadline.left))
                    parameters["STATEMENT_TIMEOUT_IN_SECONDS"] = min(LONGEST_TIMEOUT, seconds)
                # Snowpark takes None, not an empty list, for "no values".
                lazy = self.session.sql(statement.text, params=list(statement.values) or None)
                send = lazy.collect if watch is None else lazy.collect_nowait
                answer = send(statement_params=parameters)
            if watch is not None:
                answer = looked_after(answer, watch, turn=lambda: turn(self.session), clock=self.clock)
        except Exception as error:
            typed = _as_typed(error, statement)
            if typed is None:
                raise
            # Whoever can do something about it is told by the exception; some failures are expected.
            logger.debug("statement failed: %s (query %s)", type(typed).__name__, typed.query_id)
            raise typed from None
        finally:
            self.meter.add(self.clock.monotonic() - started)
        rows = [_as_mapping(row) for row in answer]
        logger.debug("statement took %.3f s, %d rows", self.clock.monotonic() - started, len(rows))
        return rows


def _finite(seconds: float | None) -> float | None:
    if seconds is not None and math.isnan(seconds):
        raise InvalidInputError("timeout=nan must be a number of seconds, or None for no limit.")
    return None if seconds == math.inf else seconds


def _refuse_if_late(statement: Statement, deadline: Deadline) -> None:
    """Raise if others had the session all the time: what allowed this to be sent once may hold no more."""
    if deadline.is_over and not statement.repeatable:
        raise StatementTimeoutError("The time that was given is over", statement=statement.text)


def _as_mapping(row: Any) -> Row:
    return row if isinstance(row, Mapping) else row.as_dict()


def _as_typed(error: Exception, statement: Statement) -> CortexError | None:
    """Return a Snowflake library's exception as ours, or `None` if it is no such exception.

    They are known by their attributes and their module, so that neither library has to be imported.
    """
    if isinstance(error, CortexError):
        return error
    if isinstance(error, FateUnknownError):
        cause = type(error.__cause__).__name__
        return ConnectionLostError(f"No look at the statement came through: {cause}", statement=statement.text)
    if not type(error).__module__.startswith("snowflake."):
        return None
    code = getattr(error, "sql_error_code", None) or getattr(error, "errno", None)
    message = getattr(error, "raw_message", None) or getattr(error, "raw_msg", None) or str(error)
    query_id = getattr(error, "sfqid", None)
    code = int(code) if isinstance(code, int | str) and str(code).lstrip("-").isdigit() else None
    kind = class_of_exception(type(error))
    if statement.writes and kind is FailureClass.RETRY:
        kind = FailureClass.CONNECTION  # the way to the server failed, and not the statement: it may have done its work
    if kind is FailureClass.CONNECTION:
        message = f"{type(error).__name__}"  # what else it says may be of any form
    return typed_error(str(message), code=code, query_id=query_id, statement=statement.text, kind=kind)
