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
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else _number(node.name)
    if isinstance(node, exp.Boolean):
        return bool(node.this)
    if isinstance(node, exp.Null):
        return None
    if isinstance(node, exp.Paren):
        return constant_value(node.this)
    if isinstance(node, exp.Neg):
        return -constant_value(node.this)
    if isinstance(node, exp.Array):
        return [constant_value(item) for item in node.expressions]
    if isinstance(node, exp.Struct):
        return _constant_object(node)
    if isinstance(node, exp.ParseJSON):
        return _constant_json(node)
    if isinstance(node, exp.Cast) and node.to.this in (exp.DType.ARRAY, exp.DType.OBJECT, exp.DType.VARIANT):
        return constant_value(node.this)
    raise NotConstant


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
