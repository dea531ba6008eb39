"""Constants of a statement as Python values, so that settings are read once and not once per row."""

from __future__ import annotations

import json
from typing import Any

from sqlglot import exp


class NotConstant(Exception):  # noqa: N818 - a signal inside this package, not an error that anyone sees
    """The expression is known only when the statement runs."""


def constant_value(node: exp.Expr) -> Any:
    """The Python value of an expression that holds only constants.

    Raises:
        NotConstant: When it holds anything else.
    """
    match node:
        case exp.Literal():
            value: Any = node.name if node.is_string else _number(node.name)
        case exp.Boolean():
            value = bool(node.this)
        case exp.Null():
            value = None
        case exp.Paren():
            value = constant_value(node.this)
        case exp.Neg():
            value = -constant_value(node.this)
        case exp.Array():
            value = [constant_value(item) for item in node.expressions]
        case exp.Struct():
            value = _constant_object(node)
        case exp.ParseJSON():
            value = _constant_json(node)
        case exp.Cast() if node.to.this in (exp.DType.ARRAY, exp.DType.OBJECT, exp.DType.VARIANT):
            value = constant_value(node.this)
        case _:
            raise NotConstant
    return value


def is_spelt_out(node: exp.Expr) -> bool:
    """Whether an expression is a literal, or an object or array of such: no call, no column, no cast."""
    match node:
        case exp.Literal() | exp.Boolean() | exp.Null():
            return True
        case exp.Paren() | exp.Neg():
            return is_spelt_out(node.this)
        case exp.Array():
            return all(is_spelt_out(item) for item in node.expressions)
        case exp.Struct():
            # The keys of a call of OBJECT_CONSTRUCT are literals in the tree, those of an object are names.
            pairs = node.expressions
            are_named = all(
                isinstance(pair, exp.PropertyEQ) and isinstance(pair.this, exp.Identifier) for pair in pairs
            )
            return are_named and all(is_spelt_out(pair.expression) for pair in pairs)
        case _:
            return False


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def _constant_object(node: exp.Struct) -> dict[str, Any]:
    pairs = {}
    for pair in node.expressions:
        if not isinstance(pair, exp.PropertyEQ):
            raise NotConstant
        value = constant_value(pair.expression)
        if value is not None:  # an object constant leaves NULLs out
            pairs[pair.this.name] = value
    return pairs


def _constant_json(node: exp.ParseJSON) -> Any:
    text = constant_value(node.this)
    try:
        return json.loads(text) if isinstance(text, str) and text.strip() else None
    except ValueError:
        raise NotConstant from None  # the statement fails with Snowflake's error when it runs
