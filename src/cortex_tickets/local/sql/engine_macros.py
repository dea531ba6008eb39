"""Snowflake functions that DuckDB has otherwise or not at all, as macros in the engine's own database."""

from __future__ import annotations

from cortex_tickets.local.sql.number_macros import NUMBER_MACROS
from cortex_tickets.local.sql.table_macros import TABLE_MACROS
from cortex_tickets.local.sql.vector_macros import VECTOR_MACROS

SCHEMA = "ENGINE"

# A JSON null is Snowflake's VARIANT null: as text it is NULL. A JSON string as text has no quotes.
_TEXT = """
CREATE OR REPLACE MACRO {schema}.sf_text(x) AS
  CASE WHEN typeof(x) = 'JSON' THEN json_extract_string(to_json(x), '$')
       WHEN typeof(x) = 'DOUBLE' THEN regexp_replace(x::VARCHAR, '\\.0$', '')
       ELSE x::VARCHAR END
"""

# What a Cortex function is handed for a row: a VARIANT as its JSON, all else as text.
_JSON_OR_TEXT = """
CREATE OR REPLACE MACRO {schema}.sf_json_or_text(x) AS
  CASE WHEN typeof(x) IN ('JSON', 'VARCHAR') THEN x::VARCHAR
       WHEN starts_with(typeof(x), 'STRUCT') OR ends_with(typeof(x), ']') THEN to_json(x)::VARCHAR
       ELSE x::VARCHAR END
"""

_GET = """
CREATE OR REPLACE MACRO {schema}.sf_get(x, k) AS
  json_extract(to_json(x), CASE WHEN typeof(k) IN ('VARCHAR', 'JSON')
    THEN '$."' || replace(json_extract_string(to_json(k), '$'), '"', '\\"') || '"'
    ELSE '$[' || k::VARCHAR || ']' END)
"""

# https://docs.snowflake.com/en/sql-reference/functions/typeof, read 2026-11-22
_TYPEOF = """
CREATE OR REPLACE MACRO {schema}.sf_typeof(x) AS
  CASE json_type(to_json(x))
    WHEN 'UBIGINT' THEN 'INTEGER' WHEN 'BIGINT' THEN 'INTEGER' WHEN 'HUGEINT' THEN 'INTEGER'
    WHEN 'DOUBLE' THEN 'DECIMAL' WHEN 'NULL' THEN CASE WHEN x IS NULL THEN NULL ELSE 'NULL_VALUE' END
    ELSE json_type(to_json(x)) END
"""

_ARRAY_CONTAINS = """
CREATE OR REPLACE MACRO {schema}.sf_array_contains(v, a) AS
  list_contains(CAST(to_json(a) AS JSON[]), to_json(v))
"""

# DuckDB's hash is unsigned; Snowflake's HASH and the upper half of MD5 are signed or unsigned 64 bits.
_HASHES = """
CREATE OR REPLACE MACRO {schema}.sf_hash(x) AS ((hash(x) // 2)::BIGINT - 4611686018427387904);
CREATE OR REPLACE MACRO {schema}.sf_md5_lower64(x) AS (('0x' || substr(md5(x::VARCHAR), 17, 16))::UBIGINT);
CREATE OR REPLACE MACRO {schema}.sf_md5_upper64(x) AS (('0x' || substr(md5(x::VARCHAR), 1, 16))::UBIGINT)
"""


def engine_macros_sql(database: str) -> str:
    """The statements that make the macros, in `database`.ENGINE."""
    schema = f"{database}.{SCHEMA}"
    texts = (
        _TEXT,
        _JSON_OR_TEXT,
        _GET,
        _TYPEOF,
        _ARRAY_CONTAINS,
        _HASHES,
        *NUMBER_MACROS,
        *TABLE_MACROS,
        *VECTOR_MACROS,
    )
    return ";".join(text.format(schema=schema) for text in texts)


def macro(name: str) -> str:
    """The full name under which a rewritten statement calls one of them."""
    return f"SNOWFLAKE.{SCHEMA}.{name}"
