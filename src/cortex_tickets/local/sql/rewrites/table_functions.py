"""FLATTEN and SPLIT_TO_TABLE, as tables of rows."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro
from cortex_tickets.local.sql.refusals import unsupported

_FLATTEN = ("INPUT", "PATH", "OUTER", "RECURSIVE", "MODE")


def table_functions(node: exp.Expr) -> exp.Expr:
    """One node; a call in FROM, with or without LATERAL or TABLE(..), as the engine's own macro.

    Raises:
        ProgrammingError: 000002, for FLATTEN with RECURSIVE => TRUE.

    Source:
        docs.snowflake.com/en/sql-reference/functions/flatten and split_to_table, read 2026-11-25.
    """
    if not isinstance(node, exp.Lateral | exp.TableFromRows):
        return node
    if isinstance(node.this, exp.Explode):
        call = _flatten(node.this)
    elif isinstance(node.this, exp.SplitToTable):
        call = exp.Anonymous(this=macro("sf_split_to_table"), expressions=[node.this.this, node.this.expression])
    else:
        return node
    return exp.Table(this=call, alias=node.args.get("alias"))


def _flatten(call: exp.Explode) -> exp.Anonymous:
    given: dict[str, exp.Expr] = {}
    for position, argument in enumerate([call.this, *call.expressions]):
        if isinstance(argument, exp.Kwarg):
            given[argument.this.name.upper()] = argument.expression
        else:
            given[_FLATTEN[position]] = argument
    if isinstance(given.get("RECURSIVE"), exp.Boolean) and given["RECURSIVE"].this:
        raise unsupported("FLATTEN(RECURSIVE => TRUE)", "its FLATTEN goes one level down")
    path = given["PATH"].name if "PATH" in given else ""
    value = given.get("INPUT") or exp.Null()
    if path:
        place = f"${path}" if path.startswith("[") else f"$.{path}"
        value = exp.Anonymous(
            this="json_extract",
            expressions=[exp.Anonymous(this="to_json", expressions=[value]), exp.Literal.string(place)],
        )
    keeps_empty = given.get("OUTER") or exp.false()
    mode = exp.Literal.string(given["MODE"].name.upper() if "MODE" in given else "BOTH")
    return exp.Anonymous(this=macro("sf_flatten"), expressions=[value, exp.Literal.string(path), keeps_empty, mode])
