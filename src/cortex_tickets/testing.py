"""Doubles for tests of code that uses this package: a session that answers from a script, a clock that is set.

Nothing here reaches a network. For tests that need real answers, use the embedded engine (`cortex_tickets.local`).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cortex_tickets.errors import InvalidInputError

Rows = Sequence[Mapping[str, Any]]
Answer = Rows | Exception | Callable[["SentStatement"], "Rows"]


@dataclass(frozen=True, slots=True)
class SentStatement:
    """A statement that was sent: its text, the bound values, and how it was collected."""

    text: str
    """The SQL, with `?` where a value is bound."""
    values: tuple[Any, ...] = ()
    """The bound values, in order."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """What it was collected with, such as QUERY_TAG; empty without."""


class FakeSession:
    """A session that answers each statement from rules, and remembers what was sent.

    Rules are tried in the order in which they were added, the newest first. A rule's answers are used one after
    the other; the last one is repeated. Safe to share between threads.

    Args:
        is_asynchronous: Whether statements have `collect_nowait`, too, as Snowpark's have. Such a statement is done at
            the look `n_looks`, and answers when its result is asked for.

    Attributes:
        sent: The statements that were sent, in order.
        cancelled: The query ids of asynchronous statements that were cancelled.
        n_looks: Looks at asynchronous statements after which one is done; 1 for at once.

    Examples:
        >>> session = FakeSession()
        >>> session.answer("SELECT 1", [{"ONE": 1}])
        >>> session.sql("SELECT 1").collect()
        [{'ONE': 1}]
        >>> [statement.text for statement in session.sent]
        ['SELECT 1']
    """

    def __init__(self, *, is_asynchronous: bool = False) -> None:
        self.sent: list[SentStatement] = []
        self.cancelled: list[str] = []
        self.n_looks = 2
        self._is_asynchronous = is_asynchronous
        self._rules: list[tuple[re.Pattern[str], list[Answer]]] = []
        self._lock = threading.Lock()

    def answer(self, pattern: str, *answers: Answer) -> None:
        """Answer statements whose text matches the regular expression with rows, an exception, or a function.

        Raises:
            InvalidInputError: If no answer is given.
        """
        if not answers:
            raise InvalidInputError(f"The rule {pattern!r} needs at least one answer; [] answers with no rows.")
        self._rules.insert(0, (re.compile(pattern, re.IGNORECASE | re.DOTALL), list(answers)))

    def sql(self, query: str, params: Sequence[Any] | None = None, *_args: Any, **_kwargs: Any) -> Any:
        """Return a lazy statement, as Snowpark does."""
        kind = _FakeAsynchronousStatement if self._is_asynchronous else _FakeStatement
        return kind(self, query, tuple(params or ()))

    def texts(self) -> list[str]:
        """Return the texts of the statements that were sent, in order."""
        return [statement.text for statement in self.sent]

    def _collect(self, statement: SentStatement) -> Rows:
        with self._lock:
            self.sent.append(statement)
            answer = self._next_answer(statement.text)
        if isinstance(answer, Exception):
            raise answer
        return answer(statement) if callable(answer) else answer

    def _next_answer(self, text: str) -> Answer:
        for pattern, answers in self._rules:
            if pattern.search(text):
                return answers.pop(0) if len(answers) > 1 else answers[0]
        raise AssertionError(f"FakeSession has no answer for: {text[:400]}")


@dataclass(frozen=True, slots=True)
class _FakeStatement:
    session: FakeSession
    query: str
    params: tuple[Any, ...]

    def collect(self, *_args: Any, **kwargs: Any) -> Rows:
        parameters = kwargs.get("statement_params") or {}
        return self.session._collect(SentStatement(self.query, self.params, dict(parameters)))  # noqa: SLF001  same module


@dataclass(frozen=True, slots=True)
class _FakeAsynchronousStatement(_FakeStatement):
    def collect_nowait(self, *_args: Any, **kwargs: Any) -> _FakeJob:
        parameters = kwargs.get("statement_params") or {}
        return _FakeJob(self.session, SentStatement(self.query, self.params, dict(parameters)))


class _FakeJob:
    """A statement that runs, as Snowpark's `AsyncJob`."""

    def __init__(self, session: FakeSession, statement: SentStatement) -> None:
        self.query_id = f"query-{len(session.sent) + 1}"
        self._session = session
        self._statement = statement
        self._looks = 0

    def is_done(self) -> bool:
        self._looks += 1
        return self._looks >= self._session.n_looks or self.query_id in self._session.cancelled

    def result(self, _kind: str | None = None) -> Rows:
        return self._session._collect(self._statement)  # noqa: SLF001  same module

    def cancel(self) -> None:
        self._session.cancelled.append(self.query_id)


class FakeClock:
    """A clock that stands until somebody sleeps.

    Args:
        start: The date and time that it shows at first, in UTC.

    Attributes:
        slept: The seconds of each sleep, in order.
    """

    def __init__(self, start: datetime = datetime(2026, 11, 23, tzinfo=UTC)) -> None:
        self._start = start
        self._passed = 0.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._passed

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.slept.append(seconds)
        self._passed += seconds

    def now(self) -> datetime:
        """The date and time that the clock shows."""
        return self._start + timedelta(seconds=self._passed)


def snowflake_error(message: str, code: int, *, query_id: str = "01c0ffee-0000-0000") -> Exception:
    """Return an exception that looks like Snowpark's own, for a rule of `FakeSession`.

    Args:
        message: What Snowflake says; it decides what kind of `CortexError` becomes of it.
        code: Snowflake's error code, such as 100351.
        query_id: The id of the statement that failed.
    """
    error = _SnowparkLookalike(message)
    error.raw_message = message
    error.sql_error_code = code
    error.sfqid = query_id
    return error


class _SnowparkLookalike(Exception):  # noqa: N818  named for what it imitates
    raw_message: str
    sql_error_code: int
    sfqid: str


# The client knows the libraries' exceptions by their module, so that it need not import them.
_SnowparkLookalike.__module__ = "snowflake.snowpark.exceptions"


def rows(values: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the values as the rows of an answer."""
    return list(values)
