"""PROMPT('.. {0} ..', x): an object of template and arguments, made by DuckDB itself."""

from __future__ import annotations

import re

from sqlglot import exp

from cortex_tickets.local.sql.errors import StatementError, to_snowflake

_PLACE = re.compile(r"\{(\d+)\}")


def prompt_object(call: exp.Anonymous) -> exp.Expr:
    """The object that a call of PROMPT gives; AI_COMPLETE fills it in.

    Raises:
        ProgrammingError: For a constant template that names an argument which is not there.

    Source:
        docs.snowflake.com/en/sql-reference/functions/prompt, read 2026-11-22.
    """
    if not call.expressions:
        raise _refused("a template is expected")
    template, *arguments = call.expressions
    if isinstance(template, exp.Literal):
        places = {int(number) for number in _PLACE.findall(template.name)}
        if unknown := sorted(place for place in places if place >= len(arguments)):
            raise _refused(f"no argument for placeholder {{{unknown[0]}}}")
    return exp.Anonymous(
        this="json_object",
        expressions=[
            exp.Literal.string("template"),
            template,
            exp.Literal.string("args"),
            exp.Anonymous(this="json_array", expressions=arguments),
        ],
    )


def _refused(why: str) -> Exception:
    return to_snowflake(StatementError(1044, f"SQL compilation error:\nInvalid arguments of PROMPT: {why}", "42P13"))
