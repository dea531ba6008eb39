"""ALTER TABLE .. SWAP WITH: two tables change names, rows and all, at once."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.duck_connection import DuckConnection
from cortex_tickets.local.sql.refusals import unsupported
from cortex_tickets.local.sql.temporary_objects import Name, quoted

_BETWEEN = "ENGINE$SWAPPED"
_NOTED = "_fs_global._fs_information_schema._fs_columns_ext"
_IS = "ext_table_catalog = $d AND ext_table_schema = $s AND ext_table_name = $t"


def swapped_with(alter: exp.Expr) -> exp.Table | None:
    """The other table of a SWAP WITH; `None` for any other statement."""
    if not isinstance(alter, exp.Alter):
        return None
    for action in alter.args.get("actions") or []:
        if isinstance(action, exp.SwapTable) and isinstance(action.this, exp.Table):
            return action.this
    return None


def swap(duck: DuckConnection, one: Name, other: Name) -> None:
    """Change the names of two stored tables.

    Raises:
        ProgrammingError: 000002, for tables of two schemas.

    Source:
        docs.snowflake.com/en/sql-reference/sql/alter-table, read 2026-11-25.
    """
    if one[:2] != other[:2]:
        raise unsupported("SWAP WITH a table of another schema", "DuckDB moves no table between schemas")
    between: Name = (one[0], one[1], _BETWEEN)
    duck.begin()
    try:
        for old, new in ((one, between), (other, one), (between, other)):
            duck.execute(f"ALTER TABLE {quoted(old)} RENAME TO {quoted(new[2:])}")
    except BaseException:
        duck.rollback()
        raise
    duck.commit()
    # What is noted of columns beside the tables, in another database.
    for old, new in ((one, between), (other, one), (between, other)):
        names = {"d": old[0], "s": old[1], "t": old[2], "new": new[2]}
        duck.execute(f"UPDATE {_NOTED} SET ext_table_name = $new WHERE {_IS}", names)
