"""The doubles that the package gives to tests of code that uses it."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cortex_tickets import InvalidInputError, TicketClassifier
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.clock import SYSTEM_CLOCK, Clock, SystemClock
from cortex_tickets.errors import CortexError
from cortex_tickets.session import Session
from cortex_tickets.testing import FakeClock, FakeSession, SentStatement, rows, snowflake_error


def test_a_fake_session_is_a_session_and_remembers_what_was_sent() -> None:
    session = FakeSession()
    assert isinstance(session, Session)
    session.answer("select", rows([{"A": 1}]))
    lazy = session.sql("SELECT ?", params=["x"])
    assert session.sent == []
    assert lazy.collect(statement_params={"QUERY_TAG": "t"}) == [{"A": 1}]
    assert session.sent == [SentStatement("SELECT ?", ("x",), {"QUERY_TAG": "t"})]
    assert session.texts() == ["SELECT ?"]


def test_the_newest_rule_wins_and_the_last_answer_is_repeated() -> None:
    session = FakeSession()
    session.answer("SELECT", [{"A": "old"}])
    session.answer("SELECT 2", [{"A": 1}], [{"A": 2}])
    assert [session.sql("SELECT 2").collect()[0]["A"] for _ in range(3)] == [1, 2, 2]
    assert session.sql("SELECT 3").collect() == [{"A": "old"}]


def test_an_answer_may_be_an_exception_or_a_function_of_the_statement() -> None:
    def doubled(statement: SentStatement) -> list[Mapping[str, Any]]:
        return [{"A": statement.values[0] * 2}]

    session = FakeSession()
    session.answer("SELECT", ZeroDivisionError("once"), doubled)
    with pytest.raises(ZeroDivisionError):
        session.sql("SELECT ?", [1]).collect()
    assert session.sql("SELECT ?", [21]).collect() == [{"A": 42}]


def test_a_statement_without_an_answer_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="has no answer for: SELECT 1"):
        FakeSession().sql("SELECT 1").collect()


def test_a_rule_without_an_answer_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="needs at least one answer"):
        FakeSession().answer("SELECT")


def test_threads_share_a_session_and_each_answer_is_given_once() -> None:
    session = FakeSession()
    session.answer("SELECT", *([{"N": n}] for n in range(801)))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: session.sql("SELECT 1").collect()[0]["N"], range(800)))
    assert sorted(found) == list(range(800))


def test_a_fake_clock_stands_until_somebody_sleeps() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock: Clock = FakeClock(start)
    assert (clock.monotonic(), clock.now()) == (0.0, start)
    clock.sleep(90)
    assert (clock.monotonic(), clock.now()) == (90.0, start + timedelta(seconds=90))


def test_the_real_clock_is_in_utc_and_never_goes_back() -> None:
    assert isinstance(SYSTEM_CLOCK, SystemClock)
    before = SYSTEM_CLOCK.monotonic()
    SYSTEM_CLOCK.sleep(0)
    assert SYSTEM_CLOCK.monotonic() >= before
    assert SYSTEM_CLOCK.now().tzinfo is UTC


def test_a_lookalike_error_becomes_a_typed_one() -> None:
    session = FakeSession()
    session.answer("SELECT", snowflake_error("Division by zero", 100051, query_id="01ab"))
    with pytest.raises(CortexError) as raised:
        CortexClient(session).run("SELECT 1/0")
    assert (raised.value.code, raised.value.query_id) == (100051, "01ab")


def test_a_users_code_is_tested_without_an_account() -> None:
    session = FakeSession()
    answer = {"LABEL": "Lost phone", "OUTCOME": "valid", "ANSWER": "Lost phone", "ERROR": None, "REPAIR": None}
    session.answer("AI_COMPLETE", [{**answer, "INPUT_TOKENS": 9, "OUTPUT_TOKENS": 1}])
    classifier = TicketClassifier(session, labels=["Roaming fees", "Lost phone"], model="llama3.1-8b")
    assert classifier.classify("It is gone.").label == "Lost phone"
