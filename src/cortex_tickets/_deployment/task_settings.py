"""When a task calls the procedure, and for how long."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets._deployment.place import single_name
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.records.table_name import TableName

_EVERY = re.compile(r"(?P<number>[1-9]\d*) *(?P<unit>H|HOURS?|M|MINUTES?|S|SECONDS?)", re.IGNORECASE)
_CRON = re.compile(r"USING +CRON(?: +[-0-9A-Za-z*,/?#]+){5} +[A-Za-z_]+(?:/[-A-Za-z_+0-9]+)*", re.IGNORECASE)
_SECONDS = {"H": 3600, "M": 60, "S": 1}
_FEWEST_SECONDS, _MOST_SECONDS = 10, 691_200
"""Ten seconds to eight days."""
_LONGEST_RUN = 604_800
_FEWEST_RUN = 60


@dataclass(frozen=True, slots=True)
class TaskSettings:
    """When a task calls the procedure, and for how long.

    Raises:
        InvalidInputError: With everything that is wrong.

    Source:
        https://docs.snowflake.com/en/sql-reference/sql/create-task, read 2026-11-25.
    """

    schedule: str
    """As Snowflake takes it: `60 MINUTES`, or `USING CRON 0 6 * * * UTC`."""
    warehouse: str | None
    """The task's warehouse; `None` for compute that Snowflake manages."""
    timeout: int
    """Seconds after which Snowflake stops a run."""
    suspend_after_failures: int
    """Failed runs in a row after which Snowflake suspends the task."""

    def __post_init__(self) -> None:
        problems = Problems()
        problems.add(_schedule_problems(self.schedule))
        unfit = whole_number_problems("timeout", self.timeout, least=_FEWEST_RUN)
        problems.add(unfit)
        if not unfit and self.timeout > _LONGEST_RUN:
            problems.add([f"timeout={self.timeout} must be at most {_LONGEST_RUN} seconds: Snowflake takes no more."])
        problems.add(whole_number_problems("suspend_after_failures", self.suspend_after_failures, least=1))
        if self.warehouse is not None:
            with problems:
                single_name(self.warehouse, "warehouse")
        problems.require_none()

    @property
    def warehouse_sql(self) -> str | None:
        """The warehouse as it stands in a statement."""
        return None if self.warehouse is None else TableName((single_name(self.warehouse, "warehouse"),)).sql


def _schedule_problems(given: object) -> list[str]:
    wanted = "Expected such as '60 MINUTES' (10 seconds to 8 days), or 'USING CRON 0 6 * * * UTC'."
    if not isinstance(given, str):
        return [f"schedule must be text, not a {type(given).__name__}. {wanted}"]
    if _CRON.fullmatch(given.strip()):
        return []
    every = _EVERY.fullmatch(given.strip())
    if every and _FEWEST_SECONDS <= int(every["number"]) * _SECONDS[every["unit"][0].upper()] <= _MOST_SECONDS:
        return []
    return [f"schedule={given!r} is none that a task takes. {wanted}"]
