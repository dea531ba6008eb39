"""How a run goes about its work, as its caller wants it."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets._cortex.prices import PriceTable
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.operation import Operation
from cortex_tickets.problems import seconds_problems, whole_number_problems
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget

CHUNK_ROWS = 25_000
"""Distinct texts that one statement asks, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """How a run goes about its work.

    Raises:
        InvalidInputError: With everything that is wrong with them.
    """

    operation: Operation
    """What is asked; a budget needs the prices of its models."""
    budget: Budget | None
    prices: PriceTable
    chunk_rows: int = CHUNK_ROWS
    timeout: float | None = None
    """Seconds for the whole run; a chunk that is under way when they are over is stopped, and counts as not asked."""
    listener: RowListener | None = None
    """Is told, after each chunk, how far the run is."""
    query_tag: str | None = None
    """Query tag of its statements where it goes on with another run's work; `None` for one of its own."""

    def __post_init__(self) -> None:
        problems = [*whole_number_problems("chunk_rows", self.chunk_rows, least=1), *seconds_problems(self.timeout)]
        given: object = self.budget
        if isinstance(given, Budget):
            problems += self._budget_problems(given)
        elif given is not None:
            problems.append(f"budget={given!r} is no Budget. Write budget=Budget(ai_credits=...).")
        if problems:
            raise InvalidInputError(problems)

    def _budget_problems(self, budget: Budget) -> list[str]:
        if budget.ai_credits is None:
            return ["This is paid in AI credits, and the budget limits none: give Budget(ai_credits=...)."]
        if budget.unknown_price == "dearest_listed":
            return []
        return [
            f"The price of {model} is unknown, and a budget needs it: give "
            f"prices={{{model!r}: ModelPrice(input=..., output=...)}}, in AI credits per million tokens."
            for model in self.operation.candidates
            if self.prices.price(model) is None
        ]
