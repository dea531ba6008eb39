"""[1, 'x', NULL] as JSON: DuckDB's own lists hold values of one type."""

from __future__ import annotations

from sqlglot import exp


def mixed_arrays(node: exp.Expr) -> exp.Expr:
    """One node, with an array of several kinds of values as a JSON array."""
    if not isinstance(node, exp.Array) or isinstance(node.parent, exp.Cast):
        return node
    kinds = {_kind(item) for item in node.expressions if not isinstance(item, exp.Null)}
    if len(kinds) < 2:  # noqa: PLR2004 - one kind is a list
        return node
    return exp.Anonymous(this="json_array", expressions=node.expressions)


def _kind(value: exp.Expr) -> str:
    while isinstance(value, exp.Paren | exp.Neg):
        value = value.this
    if isinstance(value, exp.Literal):
        return "text" if value.is_string else "number"
    return type(value).__name__ if isinstance(value, exp.Boolean | exp.Struct | exp.Array) else "other"
