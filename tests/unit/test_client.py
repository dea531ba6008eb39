"""The one client: tags, time limits, retries, typed failures."""

import pytest

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import ConnectionLostError, ObjectNotFoundError, TransientCortexError
from cortex_tickets.testing import FakeClock, FakeSession, snowflake_error

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


def test_a_lost_connection_is_not_tried_again_because_nobody_knows_what_happened() -> None:
    operational = type("OperationalError", (Exception,), {"__module__": "snowflake.connector.errors"})
    session = FakeSession()
    session.answer("SELECT", operational("connection reset"))
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
