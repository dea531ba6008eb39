"""Which statements stages answer, and how each is run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.stages.context import Connect, StageContext
from cortex_tickets.local.stages.copy_into import CopyInto
from cortex_tickets.local.stages.copy_statement import copied, is_location, parse_copy
from cortex_tickets.local.stages.statements import is_stage_statement, run_stage_statement
from cortex_tickets.local.stages.unload import Unload
from cortex_tickets.local.stages.unload_statement import parse_unload


class StageTask(Protocol):
    """A statement on stages, ready to run."""

    def run(self, connect: Connect) -> Result:
        """Run it."""


@dataclass(frozen=True, slots=True)
class FileTask:
    """A statement on stages that needs no table."""

    sql: str
    context: StageContext

    def run(self, connect: Connect) -> Result:
        """Run it."""
        del connect
        result = run_stage_statement(self.sql, self.context)
        if result is None:
            raise ProgrammingError(msg="SQL compilation error:\nsyntax error.", errno=1003, sqlstate="42000")
        return result


def stage_task(sql: str, context: StageContext) -> StageTask | None:
    """The task of a statement; `None` when it is none on stages."""
    if (text := copied(sql)) is not None:
        if is_location(text):
            return Unload(parse_unload(text, context.values), context)
        return CopyInto(parse_copy(text, context.values), context)
    return FileTask(sql, context) if is_stage_statement(sql) else None
