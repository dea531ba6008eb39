"""Calls of Cortex functions in a parsed statement, bound to the engine's own functions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import EllipsisType
from typing import Any

from sqlglot import exp

from cortex_tickets.local.functions.base_models import show_base_models
from cortex_tickets.local.functions.constants import NotConstant, constant_value, is_spelt_out
from cortex_tickets.local.functions.prompt import prompt_object
from cortex_tickets.local.functions.signature import CortexFunction, Parameter
from cortex_tickets.local.functions.vectors import vector_type, vectors_in_duckdb
from cortex_tickets.local.sql.duck_connection import LEASE_VARIABLE
from cortex_tickets.local.sql.engine_macros import macro
from cortex_tickets.local.sql.errors import StatementError, to_snowflake

REUSED_SUFFIX = "_reused"


def udf_name(function: CortexFunction) -> str:
    """The name under which DuckDB knows the function."""
    return "_cortex_" + function.name.lower().replace(".", "_").replace("$", "_")


class CallBinder:
    """Replaces each call of a known function; a call of an unknown one is left for DuckDB to refuse."""

    def __init__(self, functions: Mapping[str, CortexFunction]) -> None:
        self._functions = functions

    def bind(self, statement: exp.Expr) -> exp.Expr:
        """The statement with every Cortex call bound.

        Raises:
            ProgrammingError: For a call whose arguments do not fit.
        """
        statement = show_base_models(statement)
        vectors_in_duckdb(statement)
        for call, function in self._calls(statement):
            bound = self._bound(call, function, is_reused=_is_reused(call))
            if call is statement:
                return bound
            call.replace(bound)
        return statement

    def _calls(self, statement: exp.Expr) -> list[tuple[exp.Expr, CortexFunction]]:
        """Calls, inner ones first, so that a call can be another's argument."""
        found: list[tuple[exp.Expr, CortexFunction]] = []
        for prompt in [node for node in statement.find_all(exp.Anonymous) if node.name.upper() == "PROMPT"]:
            prompt.replace(prompt_object(prompt))
        for node in statement.find_all(exp.Anonymous, bfs=False):
            whole, name = _qualified(node)
            if function := self._functions.get(name):
                found.append((whole, function))
        return found[::-1]

    def _bound(self, call: exp.Expr, function: CortexFunction, *, is_reused: bool) -> exp.Expr:
        arguments = call.find(exp.Anonymous)
        if arguments is None:  # it was found by its Anonymous
            return call
        try:
            given = _by_name(function, arguments.expressions)
        except StatementError as error:
            raise to_snowflake(error) from None
        constants, settings = _settings(function, given)
        name = udf_name(function) + (REUSED_SUFFIX if is_reused else "")
        rows = [given.get(item.name, exp.Null()) for item in function.parameters if item.is_row]
        if function.is_aggregate:
            rows = [_as_list(row) for row in rows]
        bound: exp.Expr = exp.Anonymous(
            this=name,
            expressions=[
                exp.Anonymous(this="getvariable", expressions=[exp.Literal.string(LEASE_VARIABLE)]),
                settings,
                *(_as_text(row) for row in rows),
                *(exp.Anonymous(this="typeof", expressions=[row.copy()]) for row in rows),
            ],
        )
        returned = function.returns(constants)
        if returned == "VARCHAR":
            return bound
        if returned == "VECTOR":
            return _as_vector(bound, function.dimension(constants))
        return exp.Cast(this=bound, to=exp.DataType(this=exp.DType[returned]))


def _qualified(node: exp.Anonymous) -> tuple[exp.Expr, str]:
    """The whole call with its database and schema, and its name."""
    parent = node.parent
    if isinstance(parent, exp.Dot) and parent.expression is node:
        names = [part.name.upper() for part in parent.this.find_all(exp.Identifier, bfs=False)]
        if names[:1] == ["SNOWFLAKE"] and names[-1:] == ["CORTEX"]:
            name = node.name.upper()
            # AI functions may be called with or without their schema.
            return parent, name if name.startswith("AI_") else f"SNOWFLAKE.CORTEX.{name}"
        return parent, ""
    return node, node.name.upper()


def _by_name(function: CortexFunction, arguments: list[exp.Expr]) -> dict[str, exp.Expr]:
    by_name = {name: item.name for item in function.parameters for name in (item.name, *item.also_named)}
    positional = [item for item in function.parameters if not item.only_named]
    given: dict[str, exp.Expr] = {}
    for position, argument in enumerate(arguments):
        if isinstance(argument, exp.Kwarg):
            name, value = by_name.get(argument.this.name.upper(), ""), argument.expression
            if not name:
                raise _refused(function, f"unexpected argument name '{argument.this.name.upper()}'")
        elif position < len(positional):
            name, value = positional[position].name, argument
        else:
            raise _refused(function, f"too many arguments, expected at most {len(positional)}")
        if name in given:
            raise _refused(function, f"argument '{name}' is given twice")
        given[name] = value
    if missing := [item.name for item in function.parameters if item.is_required and item.name not in given]:
        raise _refused(function, f"not enough arguments, missing {', '.join(missing)}")
    return given


def _refused(function: CortexFunction, why: str) -> StatementError:
    return StatementError(
        1044,
        f"SQL compilation error: error line 1 at position 0\n"
        f"Invalid argument types for function '{function.name}': {why}",
        "42P13",
    )


def _settings(function: CortexFunction, given: Mapping[str, exp.Expr]) -> tuple[dict[str, Any], exp.Expr]:
    """Settings known now, and the expression that carries all of them to the function."""
    wanted: list[Parameter] = [item for item in function.parameters if not item.is_row and item.name in given]
    constants: dict[str, Any] = {}
    for item in wanted:
        if item.is_constant and not is_spelt_out(given[item.name]):
            raise to_snowflake(_refused(function, f"'{item.name}' is not a constant"))
        try:
            constants[item.name] = constant_value(given[item.name])
        except NotConstant:
            constants[item.name] = ...
        if item.is_flag and not isinstance(constants[item.name], bool | None | EllipsisType):
            raise to_snowflake(_refused(function, f"'{item.name}' must be TRUE or FALSE"))
    if ... not in constants.values():
        return constants, exp.Literal.string(json.dumps(constants, ensure_ascii=False))
    pairs: list[exp.Expr] = []
    for item in wanted:
        value = constants[item.name]
        pairs.append(exp.Literal.string(item.name))
        if value is ...:
            pairs.append(exp.Anonymous(this="to_json", expressions=[given[item.name]]))
        else:
            pairs.append(exp.Anonymous(this="JSON", expressions=[exp.Literal.string(json.dumps(value))]))
    return constants, exp.Cast(
        this=exp.Anonymous(this="json_object", expressions=pairs),
        to=exp.DataType(this=exp.DType.VARCHAR),
    )


def _as_text(row: exp.Expr) -> exp.Expr:
    if isinstance(row, exp.Literal) and row.is_string:
        return row
    if isinstance(row, exp.Struct | exp.Array | exp.ParseJSON):
        return exp.Cast(
            this=exp.Anonymous(this="to_json", expressions=[row]),
            to=exp.DataType(this=exp.DType.VARCHAR),
        )
    return exp.Anonymous(this=macro("sf_json_or_text"), expressions=[row])


def _as_vector(bound: exp.Expr, dimension: int | None) -> exp.Expr:
    """The list that the function gives, of its fixed length where that is known."""
    return bound if dimension is None else exp.Cast(this=bound, to=vector_type(dimension))


def _as_list(row: exp.Expr) -> exp.Expr:
    """All values of a group, as the JSON of their list."""
    listed = exp.Anonymous(this="list", expressions=[_as_text(row)])
    return exp.Cast(
        this=exp.Anonymous(this="to_json", expressions=[listed]),
        to=exp.DataType(this=exp.DType.VARCHAR),
    )


def _is_reused(call: exp.Expr) -> bool:
    """Whether the SELECT that names the call's value uses that name beside it.

    DuckDB copies the expression then and refuses to copy a function with effects; the twin without effects
    is evaluated once for both places.
    """
    alias = call.find_ancestor(exp.Alias, exp.Select)
    if not isinstance(alias, exp.Alias) or not isinstance(alias.parent, exp.Select):
        return False
    select = alias.parent
    places = [item for item in select.expressions if item is not alias]
    places += [select.args[key] for key in ("where", "qualify", "having") if select.args.get(key)]
    name = alias.alias.upper()
    return any(
        not column.table and column.name.upper() == name for place in places for column in place.find_all(exp.Column)
    )
