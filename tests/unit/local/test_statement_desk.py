"""Statements that are over are remembered within a bound, at no cost to those that come after them."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from cortex_tickets.local.sql.past_results import PastResults
from cortex_tickets.local.wire import statement_desk
from cortex_tickets.local.wire.statement import Statement
from cortex_tickets.local.wire.statement_desk import StatementDesk


@dataclass
class Table:
    """As much as the desk asks of a result's table, and how often it did."""

    size: int
    asked: int = 0

    @property
    def nbytes(self) -> int:
        self.asked += 1
        return self.size


@dataclass
class Result:
    table: Table = field(default_factory=lambda: Table(100))


class OpenGate:
    """Lets every statement pass."""

    def arrived(self, *_: object) -> None:
        """Nothing is to be lost."""


class ResultPool:
    """Ends each statement at once, with the result that is due."""

    def __init__(self) -> None:
        self.due: Statement | None = None

    def submit(self, _: object) -> None:
        assert self.due is not None
        self.due.finish(Result(), None)  # type: ignore[arg-type] # as much of a result as is asked for


@dataclass
class Session:
    session_id: int = 1
    user: str = "U"
    database: str = "D"
    schema: str = "S"
    parameters: dict[str, str] = field(default_factory=dict)
    past_results: PastResults = field(default_factory=PastResults)


def run(desk: StatementDesk, pool: ResultPool, n_statements: int) -> list[Any]:
    """Starts statements one after the other; each is over before the next."""
    statements = []
    for number in range(n_statements):
        pool.due = Statement(f"SELECT {number}", Session())  # type: ignore[arg-type] # as much of a session as is asked for
        statements.append(desk.start(pool.due, f"request {number}"))
    return statements


@pytest.fixture
def desk_and_pool() -> tuple[StatementDesk, ResultPool]:
    pool = ResultPool()
    desk = StatementDesk(None, pool, OpenGate(), None, lambda: None)  # type: ignore[arg-type] # nothing is compiled or run here
    return desk, pool


def test_the_size_of_a_result_is_reckoned_once(desk_and_pool: tuple[StatementDesk, ResultPool]) -> None:
    statements = run(*desk_and_pool, 50)
    assert [statement.result.table.asked for statement in statements] == [1] * 50


def test_the_oldest_results_go_when_the_bound_is_passed(
    desk_and_pool: tuple[StatementDesk, ResultPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_desk, "_MOST_KEPT_BYTES", 1_000)
    statements = run(*desk_and_pool, 50)
    assert [statement.result is not None for statement in statements] == [False] * 40 + [True] * 10
