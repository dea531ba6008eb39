"""Macros under VECTOR_L1_DISTANCE and the aggregates of vectors."""

from __future__ import annotations

_L1_DISTANCE = """
CREATE OR REPLACE MACRO {schema}.sf_vector_l1(a, b) AS
  CASE WHEN len(a) <> len(b) THEN error('list_l1: list dimensions must be equal')
       ELSE list_sum(list_transform(list_zip(a, b), p -> abs(p[1]::DOUBLE - p[2]::DOUBLE))) END
"""

# Element by element; NULLs are left out, and nothing but NULLs is NULL.
_BY_ELEMENT = """
CREATE OR REPLACE MACRO {schema}.sf_vectors_by_element(vs, f) AS
  list_transform(range(1, len(vs[1]) + 1), i -> list_aggregate(list_transform(vs, v -> v[i]), f))
"""
_AGGREGATE = """
CREATE OR REPLACE MACRO {schema}.sf_vector_{name}(v) AS
  cast_to_type({schema}.sf_vectors_by_element(list(v) FILTER (v IS NOT NULL), '{name}'), any_value(v))
"""
# An average of whole numbers is none, and a type of so many floats has no name before the statement runs.
_AVERAGE = """
CREATE OR REPLACE MACRO {schema}.sf_vector_avg(v) AS
  CASE WHEN typeof(any_value(v)) LIKE 'INTEGER%' THEN error('SF000002:VECTOR_AVG of VECTOR(INT, n)')
       ELSE cast_to_type({schema}.sf_vectors_by_element(list(v) FILTER (v IS NOT NULL), 'avg'), any_value(v)) END
"""

VECTOR_MACROS = (
    _L1_DISTANCE,
    _BY_ELEMENT,
    *(_AGGREGATE.replace("{name}", name) for name in ("sum", "min", "max")),
    _AVERAGE,
)
