"""EXPLAIN: a statement is compiled and not run; what comes back is DuckDB's plan of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from snowflake.connector.errors import ProgrammingError

from cortex_tickets.local.sql.compiled import Compiled
from cortex_tickets.local.sql.result import Result, rows_result
from cortex_tickets.local.sql.rewrites.bind_names import bound_values
from cortex_tickets.local.stages.context import Connect
from cortex_tickets.local.stages.words import unexpected

_EXPLAIN = re.compile(
    r"\s*EXPLAIN\s+(?:USING\s+(?P<form>TABULAR|JSON|TEXT)\s+)?(?P<statement>(?!USING\b)\S.*)", re.IGNORECASE | re.DOTALL
)
_USING = re.compile(r"\s*EXPLAIN\s+USING\s+(?P<word>\S+)", re.IGNORECASE)
_TABULAR = (
    *("step", "id", "parentOperators", "operation", "objects", "alias", "expressions"),
    *("partitionsTotal", "partitionsAssigned", "bytesAssigned"),
)


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN, ready to run.

    Attributes:
        form: TABULAR, JSON or TEXT.
        compiled: The statement that is explained.
        values: Its bound values.
    """

    form: str
    compiled: Compiled
    values: Sequence[object]

    def run(self, connect: Connect) -> Result:
        """The plan, in the columns of its form.

        Raises:
            ProgrammingError: 000002, for a statement that DuckDB has no plan of.
        """
        if not self.compiled.sql:
            raise ProgrammingError(msg="Unsupported feature 'EXPLAIN'.", errno=2, sqlstate="0A000")
        with connect(None) as duck:
            binds = bound_values(self.values, self.compiled.binds)
            plan = duck.execute(f"EXPLAIN {self.compiled.sql}", binds).fetchall()
        text = "\n".join(str(row[1]) for row in plan)
        if self.form == "TABULAR":
            row = ("1", "0", None, "Result", None, None, text, "0", "0", "0")
            return rows_result([(name, "VARCHAR") for name in _TABULAR], [row])
        content = json.dumps({"Operations": [[{"id": 0, "operation": "Result", "expressions": [text]}]]})
        return rows_result([("content", "VARCHAR")], [(content if self.form == "JSON" else text,)])


def explain(sql: str, compile_statement: Callable[[str], Compiled], values: Sequence[object]) -> Explain | None:
    """The statement, when it is an EXPLAIN; what is wrong with the explained statement is raised here.

    Raises:
        ProgrammingError: 001003, for a form that there is none of.

    Source:
        docs.snowflake.com/en/sql-reference/sql/explain, read 2026-11-25.
    """
    found = _EXPLAIN.fullmatch(sql)
    if found is None:
        if wrong := _USING.match(sql):
            raise unexpected(wrong["word"])
        return None
    return Explain((found["form"] or "TABULAR").upper(), compile_statement(found["statement"]), values)
