"""TO_VARCHAR(number, '999.00'): the fixed formats of numbers, printed by a function of the engine's own."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_tickets.local.sql.number_format import NUMBER_TEXT, is_known_format
from cortex_tickets.local.sql.refusals import unsupported

# No format of a date has a digit of its own but behind FF, and none has nothing but these.
_OF_NUMBERS = re.compile(r'(?:[90.,$]|FM|FX|TM9?|TME|EEEE|EE|MI|[SBXDGVCL]|".*?"|\s)+', re.IGNORECASE)
_DIGITS = re.compile(r"[90]|TM|X", re.IGNORECASE)


def number_texts(node: exp.Expr) -> exp.Expr:
    """One node, with a format of numbers obeyed.

    Raises:
        ProgrammingError: 000002, for a format of numbers that the engine does not know.
    """
    if not isinstance(node, exp.ToChar) or not isinstance(node.args.get("format"), exp.Literal):
        return node
    form = node.args["format"].name
    if not _OF_NUMBERS.fullmatch(form) or not _DIGITS.search(form):
        return node
    if not is_known_format(form):
        raise unsupported(f"TO_VARCHAR with '{form}'", "of the formats of numbers it knows 9 0 . , D G $ S MI FM")
    text = exp.Cast(this=node.this, to=exp.DataType(this=exp.DType.VARCHAR))
    return exp.Anonymous(this=NUMBER_TEXT, expressions=[text, exp.Literal.string(form)])
