"""TABLE(INFORMATION_SCHEMA.TASK_HISTORY(TASK_NAME => ..)): the runs of tasks, newest first."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.tasks.task_store import RUN_COLUMNS, RUNS

_FUNCTION = "TASK_HISTORY"


def show_history(statement: exp.Expr) -> None:
    """Write the engine's own table of runs in place of each call.

    Source:
        docs.snowflake.com/en/sql-reference/functions/task_history, read 2026-11-25. Of its arguments the engine knows
        TASK_NAME, a name without database and schema.

    Raises:
        NotImplementedError: For another argument.
    """
    for table in list(statement.find_all(exp.TableFromRows)):
        call = table.find(exp.Anonymous)
        if call is None or call.name.upper() != _FUNCTION:
            continue
        runs = exp.select(*RUN_COLUMNS).from_(RUNS).order_by("SCHEDULED_TIME DESC")
        for argument in call.expressions:
            if not isinstance(argument, exp.Kwarg) or argument.this.name.upper() != "TASK_NAME":
                raise NotImplementedError(f"{_FUNCTION} with another argument than TASK_NAME")
            runs = runs.where(exp.EQ(this=exp.column("NAME"), expression=argument.expression.copy()))
        table.replace(exp.Subquery(this=runs, alias=table.args.get("alias")))
