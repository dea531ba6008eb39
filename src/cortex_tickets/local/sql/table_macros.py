"""Macros under FLATTEN and SPLIT_TO_TABLE."""

from __future__ import annotations

_FLATTEN_ITEMS = """
CREATE OR REPLACE MACRO {schema}.sf_flatten_items(t, mode) AS
  CASE WHEN json_type(t) = 'OBJECT' AND mode <> 'ARRAY'
       THEN list_transform(json_keys(t), x -> struct_pack(
         k := x, i := NULL::BIGINT, v := json_extract(t, '$."' || replace(x, '"', '\\"') || '"')))
       WHEN json_type(t) = 'ARRAY' AND mode <> 'OBJECT'
       THEN list_transform(CAST(t AS JSON[]), (x, n) -> struct_pack(k := NULL::VARCHAR, i := n - 1, v := x))
       ELSE [] END
"""

_FLATTEN = """
CREATE OR REPLACE MACRO {schema}.sf_flatten(x, place, keeps_empty, mode) AS TABLE
  SELECT hash(to_json(x))::UBIGINT AS SEQ, e.k AS KEY,
         CASE WHEN e.k IS NOT NULL THEN place || CASE WHEN place = '' THEN '' ELSE '.' END || e.k
              WHEN e.i IS NOT NULL THEN place || '[' || e.i || ']' END AS PATH,
         e.i AS INDEX, e.v AS VALUE, to_json(x) AS THIS
  FROM (SELECT unnest(
    CASE WHEN keeps_empty AND COALESCE(len({schema}.sf_flatten_items(to_json(x), mode)), 0) = 0
         THEN [struct_pack(k := NULL::VARCHAR, i := NULL::BIGINT, v := NULL::JSON)]
         ELSE {schema}.sf_flatten_items(to_json(x), mode) END) AS e)
"""

_SPLIT_TO_TABLE = """
CREATE OR REPLACE MACRO {schema}.sf_split_to_table(t, d) AS TABLE
  SELECT 1::BIGINT AS SEQ, e.i AS INDEX, e.v AS VALUE
  FROM (SELECT unnest(list_transform(string_split(t, d), (x, n) -> struct_pack(i := n, v := x)), recursive := true))
    AS e(i, v)
"""

TABLE_MACROS = (_FLATTEN_ITEMS, _FLATTEN, _SPLIT_TO_TABLE)
