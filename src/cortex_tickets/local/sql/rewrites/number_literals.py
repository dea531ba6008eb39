"""Texts in arithmetic as the numbers that they spell, and whole numbers too long for 64 bits."""

from __future__ import annotations

import re

from sqlglot import exp

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod)
_NUMBER = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+))\s*")
_MOST_DIGITS_OF_64_BITS = 18
_MOST_DIGITS = 38


def number_literals(node: exp.Expr) -> exp.Expr:
    """One node: `'1' + 1` is 2, and a long literal cast to NUMBER(38, 0) keeps its digits.

    Source:
        docs.snowflake.com/en/sql-reference/data-type-conversion, read 2026-11-25.
    """
    if isinstance(node, _ARITHMETIC):
        for key in ("this", "expression"):
            operand = node.args.get(key)
            if isinstance(operand, exp.Literal) and operand.is_string and not _is_of_time(node):
                node.set(key, _number(operand))
    elif isinstance(node, exp.Cast) and _is_long(node.this) and _is_whole(node.to):
        node.set("to", exp.DataType(this=exp.DType.USERDEFINED, kind=f"DECIMAL({_MOST_DIGITS}, 0)"))
    return node


def _number(text: exp.Literal) -> exp.Expr:
    if found := _NUMBER.fullmatch(text.name):
        return exp.Paren(this=exp.Literal.number(found[1]))
    # What is no number is refused with its own words when the statement runs.
    return exp.Cast(this=text, to=exp.DataType(this=exp.DType.DOUBLE))


def _is_of_time(node: exp.Expr) -> bool:
    """Whether something is added to a moment: `'2024-01-01'::DATE + ..` has no text in it, an interval may."""
    return node.find(exp.Interval) is not None


def _is_long(value: exp.Expr) -> bool:
    while isinstance(value, exp.Neg | exp.Paren):
        value = value.this
    is_number = isinstance(value, exp.Literal) and value.name.isdigit()
    return is_number and _MOST_DIGITS_OF_64_BITS < len(value.name) <= _MOST_DIGITS


def _is_whole(kind: exp.DataType) -> bool:
    """Whether the type is NUMBER, NUMBER(38) or NUMBER(38, 0): what is 64 bits here otherwise."""
    sizes = [item.name for item in kind.expressions]
    return kind.this == exp.DType.DECIMAL and sizes in ([], ["38"], ["38", "0"])
