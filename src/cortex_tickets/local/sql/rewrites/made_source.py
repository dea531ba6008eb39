"""The rows that a MERGE or an INSERT OVERWRITE reads, made a table of before anything is changed."""

from __future__ import annotations

from sqlglot import exp

_SOURCE = "engine_source"
DROP_SOURCE = f"DROP TABLE IF EXISTS temp.{_SOURCE}"


def make_source(select: str) -> str:
    """The statement that makes the table of the query's rows."""
    return f"CREATE OR REPLACE TEMP TABLE {_SOURCE} AS {select}"


def made_source(alias: exp.Expr | None = None) -> exp.Table:
    """The table in the statement that reads it."""
    return exp.Table(this=exp.to_identifier(_SOURCE), alias=alias)
