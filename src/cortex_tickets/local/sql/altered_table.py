"""CREATE OR ALTER TABLE over a table that is there: its rows stay, its columns become those of the statement."""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.sql.temporary_objects import Name, quoted

_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_ALTERED = "ENGINE$ALTERED"
_CREATES = re.compile(r"CREATE\s+OR\s+ALTER\s+(?:(?:TRANSIENT|LOCAL|GLOBAL)\s+)*(?P<kind>\w+)", re.IGNORECASE)
_COLUMNS = """
SELECT column_name, data_type FROM duckdb_columns()
WHERE database_name = $d AND schema_name = $s AND table_name = $t ORDER BY column_index
"""


def mark_or_alter(create: exp.Expr, head: str) -> None:
    """Say in the tree of a CREATE OR ALTER that nothing is replaced; sqlglot reads both the same.

    Raises:
        ProgrammingError: 000002, for what is neither table nor view.
    """
    found = _CREATES.match(head)
    if found is None or not isinstance(create, exp.Create):
        return
    kind = found["kind"].upper()
    if kind == "VIEW":
        return  # a view has no rows: it is replaced
    if kind != "TABLE":
        raise unsupported(f"CREATE OR ALTER {kind}", "it alters tables and views alone")
    if not isinstance(create.this, exp.Schema) or create.args.get("expression") or create.args.get("clone"):
        raise unsupported("CREATE OR ALTER TABLE without a list of columns", "it has none to alter the table to")
    create.set("replace", value=False)
    create.set("or_alter", value=True)


def alter_to(duck: DuckConnection, stored: Name, define: Callable[[exp.Create], str], create: exp.Create) -> None:
    """Give a stored table the columns of a definition; what is dropped loses its values, what is new has its default.

    The table is made anew beside the old one and takes its rows and its name in one transaction.

    Args:
        duck: Where it runs, with no transaction open.
        stored: The table.
        define: DuckDB's text of a definition.
        create: The definition, in the form in which DuckDB takes it.

    Raises:
        ProgrammingError: 000002, for a column of another type, or one that counts by itself.

    Source:
        docs.snowflake.com/en/sql-reference/sql/create-table, "CREATE OR ALTER TABLE", read 2026-11-25.
    """
    if create.find(exp.AutoIncrementColumnConstraint, exp.GeneratedAsIdentityColumnConstraint):
        raise unsupported("CREATE OR ALTER TABLE with a column that counts by itself", "it would count anew")
    beside = (*stored[:2], _ALTERED)
    made = create.copy()
    for key, part in zip(("catalog", "db", "this"), beside, strict=True):
        made.this.this.set(key, exp.to_identifier(part, quoted=True))
    duck.begin()
    try:
        duck.execute(define(made))
        old, new = dict(_columns(duck, stored)), _columns(duck, beside)
        _check(old, new)
        shared = ", ".join(quoted((name,)) for name, _ in new if name in old)
        if shared:
            duck.execute(f"INSERT INTO {quoted(beside)} ({shared}) SELECT {shared} FROM {quoted(stored)}")
        duck.execute(f"DROP TABLE {quoted(stored)}")
        duck.execute(f"ALTER TABLE {quoted(beside)} RENAME TO {quoted(stored[2:])}")
    except BaseException:
        duck.rollback()
        raise
    duck.commit()


def _columns(duck: DuckConnection, table: Name) -> list[tuple[str, str]]:
    names = {"d": table[0], "s": table[1], "t": table[2]}
    return [(str(row[0]), str(row[1])) for row in duck.rows(_COLUMNS, names)]


def _check(old: dict[str, str], new: list[tuple[str, str]]) -> None:
    for name, kind in new:
        if name in old and not _holds(kind, old[name]):
            raise unsupported(f"CREATE OR ALTER TABLE with another type for {name}", "it keeps the types of columns")


def _holds(wider: str, kind: str) -> bool:
    """Whether every value of a type fits into another: the same, or a longer number of the same scale."""
    found, wanted = _DECIMAL.fullmatch(kind), _DECIMAL.fullmatch(wider)
    if found and wanted:
        return found[2] == wanted[2] and int(found[1]) <= int(wanted[1])
    return wider == kind
