"""`?` and `:1` as named parameters, so that a rewrite may move or repeat them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

PREFIX = "bind_"
_IN_TEXT = re.compile(rf"\$\"?{PREFIX}(\d+)\b")
PLACE = "at_"
"""The parser names each `?` by its place in the text: the tree's own order is not the text's."""


def name_binds(statement: exp.Expr) -> None:
    """Name each placeholder by its position in the text."""
    placeholders = list(statement.find_all(exp.Placeholder))
    places = sorted({_place(node) for node in placeholders if node.name.startswith(PLACE)})
    numbers = {place: number for number, place in enumerate(places, start=1)}
    for node in placeholders:
        number = int(node.name) if node.name.isdigit() else numbers[_place(node)]
        node.set("this", f"{PREFIX}{number}")


def bind_numbers(statement: exp.Expr) -> tuple[int, ...]:
    """Positions of the named placeholders that are in the statement."""
    return tuple(sorted({_number(node) for node in statement.find_all(exp.Placeholder)}))


def bound_values(values: Sequence[object], binds: Sequence[int]) -> dict[str, object] | None:
    """The values as DuckDB takes them, by name; `None` where the statement has none."""
    return {f"{PREFIX}{number}": values[number - 1] for number in binds} or None


def values_in(sql: str, values: Sequence[object]) -> dict[str, object] | None:
    """The values that a text of DuckDB's uses, by name."""
    numbers = {int(found[1]) for found in _IN_TEXT.finditer(sql)}
    return bound_values(values, sorted(numbers))


def inline_bound_names(statement: exp.Expr, values: Sequence[object]) -> bool:
    """Write the value of `IDENTIFIER(?)` into the statement; says whether there was one."""
    found = False
    for call in list(statement.find_all(exp.DynamicIdentifier, exp.Anonymous)):
        if isinstance(call, exp.Anonymous) and call.name.upper() != "IDENTIFIER":
            continue
        argument = call.this if isinstance(call, exp.DynamicIdentifier) else call.expressions[0]
        if isinstance(argument, exp.Placeholder):
            argument.replace(exp.Literal.string(str(values[_number(argument) - 1])))
            found = True
    return found


def name_identifiers(statement: exp.Expr) -> None:
    """Write `IDENTIFIER('a.b')` as the table's own name."""
    for call in list(statement.find_all(exp.DynamicIdentifier)):
        table = call.parent
        if isinstance(table, exp.Table) and isinstance(call.this, exp.Literal):
            named = exp.to_table(call.this.name, dialect="snowflake")
            for part in ("this", "db", "catalog"):
                table.set(part, named.args.get(part))


def _place(node: exp.Placeholder) -> int:
    return int(node.name.removeprefix(PLACE))


def _number(node: exp.Expr) -> int:
    return int(node.name.removeprefix(PREFIX))
