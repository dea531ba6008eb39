"""INSERT .. VALUES (?, ?) for many bound rows as one INSERT .. SELECT over them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
from sqlglot import exp

from cortex_tickets.local.sql.rewrites.bind_names import PREFIX

TABLE = "engine_bound_rows"


def over_bound_rows(statement: exp.Expr) -> exp.Insert | None:
    """The statement with its one row of values read from the table of bound rows; `None` if it has no such row."""
    if not isinstance(statement, exp.Insert) or not isinstance(statement.expression, exp.Values):
        return None
    rows = statement.expression.expressions
    if len(rows) != 1 or not isinstance(rows[0], exp.Tuple):
        return None
    select = exp.select(*[value.copy() for value in rows[0].expressions]).from_(
        exp.Table(this=exp.to_identifier(TABLE, quoted=True))
    )
    if not any(isinstance(node, exp.Placeholder) for node in select.walk()):
        return None
    for placeholder in list(select.find_all(exp.Placeholder)):
        placeholder.replace(exp.column(exp.to_identifier(placeholder.name, quoted=True)))
    many = statement.copy()
    many.set("expression", select)
    return many


def bound_rows_table(rows: Sequence[Sequence[object]]) -> pa.Table:
    """The bound rows, a column per placeholder."""
    columns = zip(*rows, strict=True)
    return pa.table({f"{PREFIX}{number}": list(values) for number, values in enumerate(columns, start=1)})
