"""SUM and AVG of numbers stay exact, as Snowflake's do; fakesnow makes floats of both."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro
from cortex_tickets.local.sql.number_macros import NUMBER, NUMBER_OF_TEXT

# DuckDB's type of these is JSON or text, which it does not add up.
_TEXTS = (exp.JSONExtract, exp.JSONExtractScalar)


def exact_numbers(node: exp.Expr) -> exp.Expr:
    """SUM of NUMBER(p, s) is NUMBER(38, s); AVG has six digits behind the point, or the column's own scale."""
    if isinstance(node, exp.Sum):
        return _named(node, _aggregate("SUM", node.this))
    if isinstance(node, exp.Window) and isinstance(node.this, exp.Avg):
        return _average(node.this, node)
    if isinstance(node, exp.Avg) and not isinstance(node.parent, exp.Window | exp.Pivot):
        return _named(node, _average(node, None))
    return node


def _average(avg: exp.Avg, window: exp.Window | None) -> exp.Expr:
    """The average, cast to the type of a NULL of the column's own type plus six digits."""
    value = avg.this.expressions[0] if isinstance(avg.this, exp.Distinct) else avg.this
    never = exp.Case(ifs=[exp.If(this=exp.false(), true=_number(value))])
    parts: list[exp.Expr] = []
    for part in (_aggregate("AVG", avg.this), exp.Anonymous(this="MIN", expressions=[never])):
        over = part
        if window is not None:
            over = window.copy()
            over.set("this", part)
        parts.append(over)
    return exp.Anonymous(this=macro("sf_average"), expressions=parts)


def _aggregate(name: str, argument: exp.Expr) -> exp.Expr:
    if isinstance(argument, exp.Distinct):
        return exp.Anonymous(
            this=name, expressions=[exp.Distinct(expressions=[_number(value) for value in argument.expressions])]
        )
    return exp.Anonymous(this=name, expressions=[_number(argument)])


def _number(value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(
        this=macro(NUMBER_OF_TEXT if isinstance(value, _TEXTS) else NUMBER), expressions=[value.copy()]
    )


def _named(node: exp.Expr, changed: exp.Expr) -> exp.Expr:
    """Under the name that Snowflake gives the column of a SELECT."""
    if not isinstance(node.parent, exp.Select) or node.arg_key != "expressions":
        return changed
    return exp.alias_(changed, node.sql(dialect="snowflake").upper(), quoted=True)
