"""VECTOR types and functions over vectors, in DuckDB's words."""

from __future__ import annotations

from sqlglot import exp

from cortex_tickets.local.sql.engine_macros import macro

# docs.snowflake.com/en/sql-reference/functions-vector, read 2026-11-22
_FUNCTIONS = {
    "VECTOR_COSINE_SIMILARITY": "list_cosine_similarity",
    "VECTOR_COSINE_DISTANCE": "list_cosine_similarity",  # what Snowpark calls; its own page shows a similarity
    "VECTOR_INNER_PRODUCT": "list_inner_product",
    "VECTOR_L1_DISTANCE": macro("sf_vector_l1"),
    "VECTOR_L2_DISTANCE": "list_distance",
}
_AGGREGATES = {f"VECTOR_{name}": macro(f"sf_vector_{name.lower()}") for name in ("SUM", "MIN", "MAX", "AVG")}
_WHOLE_NUMBERS = (exp.DType.INT, exp.DType.BIGINT)


def vector_type(length: int, element: str = "FLOAT") -> exp.DataType:
    """DuckDB's type for a vector, spelt out: what sqlglot knows as an array becomes JSON on its way."""
    return exp.DataType(this=exp.DType.USERDEFINED, kind=f"{element}[{length}]")


def vectors_in_duckdb(statement: exp.Expr) -> None:
    """Rewrite in place; lengths are part of the type, and DuckDB checks them."""
    for kind in list(statement.find_all(exp.DataType)):
        if kind.this == exp.DType.VECTOR:
            element, length = kind.expressions
            name = "INTEGER" if element.this in _WHOLE_NUMBERS else "FLOAT"
            kind.replace(vector_type(int(length.name), name))
    for call in list(statement.find_all(exp.Anonymous)):
        if known := _FUNCTIONS.get(call.name.upper()):
            call.set("this", known)
            call.set("expressions", [_numbers(vector) for vector in call.expressions])
        elif known := _AGGREGATES.get(call.name.upper()):
            call.set("this", known)


def _numbers(vector: exp.Expr) -> exp.Expr:
    """The numbers of a vector; no list for NULL, which in DuckDB is a vector of NULLs.

    As a list they may be whole numbers too, which DuckDB's functions over vectors do not take.
    """
    number = exp.to_identifier("number_of_vector", quoted=True)
    is_there = exp.Not(this=exp.Is(this=exp.column(number.copy()), expression=exp.Null()))
    return exp.Anonymous(this="list_filter", expressions=[vector, exp.Lambda(this=is_there, expressions=[number])])
