"""How a pipeline runs: where, how often, for how long, and how much one run may ask."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.lease import LONGEST_SECONDS, MARGIN_SECONDS
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.records.table_name import TableName

LONGEST_RUN = LONGEST_SECONDS - MARGIN_SECONDS
"""Seconds that a run may take unless told otherwise: as long as a run of this package between two signs of life."""
_FEWEST_RUN_SECONDS = 60
_FEWEST_SECONDS_BETWEEN = 10
_MOST_SECONDS = 604_800
"""Seven days: the most that Snowflake takes as a task's time limit, and as the least time between two runs."""


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """How a pipeline runs.

    Raises:
        InvalidInputError: With everything that is wrong.
    """

    warehouse: str | None
    """Warehouse of the task; `None` for compute that Snowflake manages."""
    max_texts: int
    """Distinct texts that one run may ask; a run that would ask more fails before it asks any."""
    seconds_between_runs: int
    """The least time between two runs."""
    timeout: int
    """Seconds after which Snowflake stops a run."""
    retry_errors_after: int | None
    """Seconds after which a text that came back with an error is asked again; `None` for never."""
    suspend_after_failures: int
    """Failed runs in a row after which Snowflake suspends the task."""

    def __post_init__(self) -> None:
        problems = Problems()
        problems.add(whole_number_problems("max_texts", self.max_texts, least=1))
        problems.add(_within("seconds_between_runs", self.seconds_between_runs, _FEWEST_SECONDS_BETWEEN))
        problems.add(_within("timeout", self.timeout, _FEWEST_RUN_SECONDS))
        problems.add(whole_number_problems("suspend_after_failures", self.suspend_after_failures, least=1))
        if self.retry_errors_after is not None:
            problems.add(whole_number_problems("retry_errors_after", self.retry_errors_after, least=0))
        if self.warehouse is not None:
            with problems:
                _warehouse(self.warehouse)
        problems.require_none()

    @property
    def lease_seconds(self) -> int:
        """How long the task's lease lasts: Snowflake has stopped the run a minute before it is over."""
        return self.timeout + MARGIN_SECONDS

    @property
    def warehouse_sql(self) -> str | None:
        """The warehouse as it stands in a statement."""
        return None if self.warehouse is None else _warehouse(self.warehouse).sql


def _warehouse(name: str) -> TableName:
    found = TableName.parse(name, role="warehouse")
    if len(found.parts) > 1:
        raise InvalidInputError(f"warehouse={name!r} has {len(found.parts)} parts; a warehouse's name has one.")
    return found


def _within(name: str, value: object, least: int) -> list[str]:
    problems = whole_number_problems(name, value, least=least)
    if not problems and isinstance(value, int) and value > _MOST_SECONDS:
        problems = [f"{name}={value} must be at most {_MOST_SECONDS} seconds: Snowflake takes no more."]
    return problems
