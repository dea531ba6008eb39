"""The one client: tags, time limits, retries, typed failures."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.clock import SYSTEM_CLOCK
from cortex_tickets.errors import (
    CallError,
    ConnectionLostError,
    CortexError,
    InvalidInputError,
    ObjectNotFoundError,
    StatementTimeoutError,
    TransientCortexError,
)
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, snowflake_error

THROTTLED = snowflake_error("remote service error: '429 'too many requests''", 512513)


def client(session: FakeSession, clock: FakeClock | None = None) -> CortexClient:
    return CortexClient(session, tag="a tag", clock=clock or FakeClock())


def test_each_statement_carries_its_own_tag_and_limit() -> None:
    session = FakeSession()
    session.answer("SELECT", [{"A": 1}])
    assert client(session).rows(Statement("SELECT ?", ("x",)), timeout=2.3) == [{"A": 1}]
    (sent,) = session.sent
    assert sent.values == ("x",)
    assert sent.parameters == {"QUERY_TAG": "a tag", "STATEMENT_TIMEOUT_IN_SECONDS": 3}


@pytest.mark.parametrize(("timeout", "sent"), [(604_800, 604_800), (604_801, 604_800), (1e12, 604_800), (0.1, 1)])
def test_no_limit_is_longer_than_snowflake_takes(timeout: float, sent: int) -> None:
    session = FakeSession()
    session.answer("SELECT", [{"A": 1}])
    client(session).rows(Statement("SELECT 1"), timeout=timeout)
    client(session).rows(Statement("SELECT 1", repeatable=False), timeout=timeout)
    assert [statement.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for statement in session.sent] == [sent, sent]


def test_a_time_without_end_is_no_limit() -> None:
    session = FakeSession()
    session.answer("SELECT", [{"A": 1}])
    endless = client(session)
    endless.rows(Statement("SELECT 1"), timeout=float("inf"))
    assert endless.within(float("inf")) is endless
    endless.within(10).rows(Statement("SELECT 1"), timeout=float("inf"))
    first, second = session.sent
    assert "STATEMENT_TIMEOUT_IN_SECONDS" not in first.parameters
    assert second.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] == 10


def test_a_timeout_that_is_no_number_is_refused() -> None:
    session = FakeSession()
    with pytest.raises(InvalidInputError, match="timeout=nan must be a number of seconds"):
        client(session).rows(Statement("SELECT 1"), timeout=float("nan"))
    with pytest.raises(InvalidInputError, match="timeout=nan must be a number of seconds"):
        client(session).within(float("nan"))
    assert session.sent == []


def test_what_must_not_be_sent_twice_is_not_sent_too_late_either() -> None:
    # The lease that allows a job to be paid for may have run out while others used the session.
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", [{"A": 1}])

    class Queue:
        def __enter__(self) -> None:
            clock.sleep(60)

        def __exit__(self, *_: object) -> None:
            pass

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cortex_tickets._cortex.client.turn", lambda *_: Queue())
        with pytest.raises(StatementTimeoutError, match="time that was given is over"):
            client(session, clock).rows(Statement("SELECT CREATE", repeatable=False), timeout=60)
    assert session.sent == []


def test_a_passing_failure_is_tried_again() -> None:
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", THROTTLED, THROTTLED, [{"A": 1}])
    assert client(session, clock).value(Statement("SELECT 1")) == 1
    assert len(clock.slept) == 2
    assert 0.5 <= clock.slept[0] <= 1
    assert 1 <= clock.slept[1] <= 2


def test_retries_are_bounded_in_attempts_and_the_last_error_is_raised() -> None:
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", THROTTLED)
    with pytest.raises(TransientCortexError, match="too many requests"):
        client(session, clock).run("SELECT 1")
    assert len(session.sent) == RetryPolicy().max_attempts


def test_an_answer_that_breaks_its_schema_is_asked_for_once_more() -> None:
    session = FakeSession()
    words = "Request failed for external function COMPLETE with remote service error: '422 '{}''"
    session.answer("SELECT", snowflake_error(words.format("json mode output validation error: x"), 512513))
    with pytest.raises(TransientCortexError, match="json mode output validation error"):
        client(session).run("SELECT 1")
    assert len(session.sent) == 2


def test_retries_are_bounded_in_time() -> None:
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", THROTTLED)
    with pytest.raises(TransientCortexError):
        client(session, clock).rows(Statement("SELECT 1"), timeout=2)
    assert clock.monotonic() <= 2


def test_what_must_not_be_sent_twice_is_not() -> None:
    session = FakeSession()
    session.answer("SELECT", THROTTLED)
    with pytest.raises(TransientCortexError):
        client(session).rows(Statement("SELECT CREATE", repeatable=False))
    assert len(session.sent) == 1


def test_a_lasting_failure_is_raised_at_once() -> None:
    session = FakeSession()
    session.answer("SELECT", snowflake_error("Object 'T' does not exist", 2003, query_id="01ab"))
    with pytest.raises(ObjectNotFoundError) as raised:
        client(session).run("SELECT * FROM T")
    assert raised.value.query_id == "01ab"
    assert len(session.sent) == 1


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("OperationalError", "snowflake.connector.errors"),
        ("ChunkedEncodingError", "snowflake.connector.vendored.requests.exceptions"),
    ],
)
def test_a_lost_connection_is_not_tried_again_because_nobody_knows_what_happened(name: str, module: str) -> None:
    lost = type(name, (Exception,), {"__module__": module})
    session = FakeSession()
    session.answer("SELECT", lost("connection reset"))
    with pytest.raises(ConnectionLostError):
        client(session).run("SELECT 1")
    assert len(session.sent) == 1


def test_other_libraries_exceptions_pass_through() -> None:
    session = FakeSession()
    session.answer("SELECT", ZeroDivisionError("a bug"))
    with pytest.raises(ZeroDivisionError):
        client(session).run("SELECT 1")


def test_no_row_has_no_value() -> None:
    session = FakeSession()
    session.answer("SELECT", [])
    assert client(session).value(Statement("SELECT 1")) is None


def test_all_statements_of_a_client_with_a_deadline_share_its_time() -> None:
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", [{"A": 1}])
    limited = client(session, clock).within(10)
    limited.run("SELECT 1")
    clock.sleep(4)
    limited.tagged("another").rows(Statement("SELECT 2"), timeout=8)
    limited.rows(Statement("SELECT 3"), timeout=2)
    limits = [sent.parameters["STATEMENT_TIMEOUT_IN_SECONDS"] for sent in session.sent]
    assert limits == [10, 6, 2]
    clock.sleep(6)
    assert limited.seconds_left == 0
    with pytest.raises(StatementTimeoutError, match="time that was given is over"):
        limited.run("SELECT 4")
    assert len(session.sent) == 3


def test_a_deadline_is_never_put_off_and_cleaning_up_has_none() -> None:
    session, clock = FakeSession(), FakeClock()
    session.answer("SELECT", [{"A": 1}])
    limited = client(session, clock).within(10)
    assert limited.within(20) is limited
    assert limited.within(None) is limited
    assert limited.within(5).seconds_left == 5
    clock.sleep(10)
    limited.without_deadline().run("SELECT 1")
    assert "STATEMENT_TIMEOUT_IN_SECONDS" not in session.sent[0].parameters


def test_snowparks_rows_are_read_as_mappings() -> None:
    class Row:
        def as_dict(self) -> dict[str, int]:
            return {"A": 1}

    session = FakeSession()
    rows: Any = [Row()]
    session.answer("SELECT", rows)
    assert client(session).run("SELECT 1") == [{"A": 1}]


def test_an_error_that_is_ours_already_is_raised_as_it_is() -> None:
    session = FakeSession()
    ours = CallError("wrong", statement="SELECT 1")
    session.answer("SELECT", ours)
    with pytest.raises(CallError) as raised:
        client(session).run("SELECT 1")
    assert raised.value is ours


@pytest.mark.parametrize(("code", "expected"), [("002003", 2003), ("odd", None), (None, None), (-1, -1)])
def test_a_code_is_a_number_or_unknown(code: Any, expected: int | None) -> None:
    session = FakeSession()
    session.answer("SELECT", snowflake_error("Something failed", code))
    with pytest.raises(CortexError) as raised:
        client(session).run("SELECT 1")
    assert raised.value.code == expected


class OneCursor(FakeSession):
    """A session that, like Snowpark's without the account's parameter, cannot send two statements at once."""

    class Connection:
        _thread_safe_session_enabled = False

    def __init__(self) -> None:
        super().__init__()
        self._conn = self.Connection()
        self.busy = threading.Lock()

    def sql(self, query: str, params: Sequence[Any] | None = None, *args: Any, **kwargs: Any) -> Any:
        assert self.busy.acquire(blocking=False), "two threads use the session at once"
        lazy = super().sql(query, params, *args, **kwargs)
        session = self

        class Collecting:
            def collect(self, **parameters: Any) -> Any:
                try:
                    return lazy.collect(**parameters)
                finally:
                    session.busy.release()

        return Collecting()


class Holding:
    """One thread that is in the middle of a statement until it is told to go on."""

    def __init__(self, session: FakeSession) -> None:
        self.is_inside, self.may_go_on = threading.Event(), threading.Event()
        session.answer("SELECT LONG", self._answer)

    def _answer(self, _: SentStatement) -> list[dict[str, Any]]:
        self.is_inside.set()
        assert self.may_go_on.wait(30)
        return [{"A": "long"}]


def test_a_thread_whose_time_is_over_does_not_wait_for_the_session_any_longer() -> None:
    session = OneCursor()
    session.answer("SELECT 1", [{"A": 1}])
    holding = Holding(session)
    with ThreadPoolExecutor(2) as pool:
        long = pool.submit(client(session).value, Statement("SELECT LONG"))
        assert holding.is_inside.wait(30)
        brief = pool.submit(client(session).value, Statement("SELECT 1"), timeout=0.01)
        with pytest.raises(StatementTimeoutError, match="Other threads had the session"):
            brief.result(30)
        # The one's time limit is none of the other's.
        assert not long.done()
        holding.may_go_on.set()
        assert long.result(30) == "long"
    assert session.texts() == ["SELECT LONG"]
    assert client(session).value(Statement("SELECT 1"), timeout=0.01) == 1


def test_sessions_that_share_a_connection_take_turns_together() -> None:
    class Wrapped(FakeSession):
        def __init__(self, connection: object) -> None:
            super().__init__()
            self._conn = connection

    session = OneCursor()
    holding = Holding(session)
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(client(session).value, Statement("SELECT LONG"))
        assert holding.is_inside.wait(30)
        with pytest.raises(StatementTimeoutError):
            client(Wrapped(session._conn)).rows(Statement("SELECT 1"), timeout=0.01)
        holding.may_go_on.set()
        assert long.result(30) == "long"


def test_each_thread_has_its_own_limit_and_its_own_tag() -> None:
    session, together = FakeSession(), threading.Barrier(8)

    def answer(statement: SentStatement) -> list[dict[str, Any]]:
        together.wait(30)  # all eight are in the middle of their statements at once
        return [{"A": statement.values[0]}]

    session.answer("SELECT", answer)
    shared = client(session)

    def ask(worker: int) -> int:
        mine = shared.tagged(f"tag {worker}").within(worker * 10 if worker % 2 else None)
        return int(mine.value(Statement("SELECT ?", (worker,))))

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8))) == list(range(8))
    sent = {statement.values[0]: dict(statement.parameters) for statement in session.sent}
    assert sent == {
        worker: {"QUERY_TAG": f"tag {worker}"} | ({"STATEMENT_TIMEOUT_IN_SECONDS": worker * 10} if worker % 2 else {})
        for worker in range(8)
    }


def test_threads_take_turns_on_a_session_that_has_one_cursor() -> None:
    def slowly(statement: SentStatement) -> list[dict[str, Any]]:
        SYSTEM_CLOCK.sleep(0)  # no time passes, but another thread gets its chance
        return [{"A": statement.values[0]}]

    session = OneCursor()
    session.answer("SELECT", slowly)
    clients = [client(session), client(session)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: clients[n % 2].value(Statement("SELECT ?", (n,))), range(400)))
    assert found == list(range(400))
