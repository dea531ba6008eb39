"""A model that Snowflake takes away while somebody works with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local.faults.fault import is_whole

Ending = Literal["LEGACY", "EOL"]


@dataclass(frozen=True, slots=True)
class RetiredModel:
    """A model that is refused from one statement on, as if Snowflake had retired it between two statements.

    From then on `SHOW CORTEX BASE MODELS` shows its new status too. A statement that is under way keeps its model.

    Raises:
        InvalidInputError: When it is made, with every problem.
    """

    model: str
    """Name of a base model in the catalog of the engine's day, any case."""
    from_statement: int = 1
    """The first statement that is refused, counted from 1 since the engine started, among the statements that ask this
    model for an answer or for a fine-tuning. 1 is: retired from the start."""
    status: Ending = "EOL"
    """`EOL`: gone, so that models tuned from it answer no more either. `LEGACY`: refused to new accounts, which every
    engine is; models tuned from it still answer."""

    def __post_init__(self) -> None:
        model: object = self.model  # whatever a caller gives
        problems = []
        if not isinstance(model, str) or not model.strip():
            problems.append(f"model={model!r} must be the name of a model.")
        if not is_whole(self.from_statement, least=1):
            problems.append(f"from_statement={self.from_statement!r} must be a whole number from 1.")
        if self.status not in ("LEGACY", "EOL"):
            problems.append(f"status={self.status!r} must be LEGACY or EOL.")
        if problems:
            raise InvalidInputError(problems)
