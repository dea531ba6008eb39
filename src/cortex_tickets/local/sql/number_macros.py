"""Macros under SUM, AVG, OBJECT_DELETE, OBJECT_INSERT and OCTET_LENGTH."""

from __future__ import annotations

NUMBER = "SF_NUMBER"
NUMBER_OF_TEXT = "SF_LENIENT_NUMBER"
"""Takes text too, and makes a float of whatever it is given."""

# The type of a sum is the type of what is added: beside the NULL, integers are decimals without a fraction.
_NUMBER = f"CREATE OR REPLACE MACRO {{schema}}.{NUMBER}(x) AS COALESCE(x, NULL::DECIMAL(1, 0))"
_NUMBER_OF_TEXT = f"CREATE OR REPLACE MACRO {{schema}}.{NUMBER_OF_TEXT}(x) AS TRY_CAST(x AS DOUBLE)"

# Rounded to the example's digits behind the point, six at least, unless it is a float.
_AVERAGE = """
CREATE OR REPLACE MACRO {schema}.sf_average(x, example) AS cast_to_type(x, example + 0::DECIMAL(7, 6))
"""

_OBJECT_DELETE = """
CREATE OR REPLACE MACRO {schema}.sf_object_delete(x, gone) AS
  CASE WHEN x IS NULL THEN NULL ELSE COALESCE(
    (SELECT json_group_object(k, json_extract(to_json(x), '$."' || replace(k, '"', '\\"') || '"'))
     FROM (SELECT unnest(json_keys(to_json(x))) AS k) WHERE NOT list_contains(gone, k)), JSON('{{}}')) END
"""

# A key that is there is refused, unless it is to be replaced; a value that is NULL is left out.
_OBJECT_INSERT = """
CREATE OR REPLACE MACRO {schema}.sf_object_with(x, k, v) AS
  CASE WHEN v IS NULL THEN x WHEN x::VARCHAR = '{{}}' THEN json_object(k, v)
       ELSE (left(x::VARCHAR, -1) || ',' || substr(json_object(k, v)::VARCHAR, 2))::JSON END;
CREATE OR REPLACE MACRO {schema}.sf_object_insert(x, k, v, replaces) AS
  CASE WHEN x IS NULL OR k IS NULL THEN NULL
       WHEN NOT replaces AND list_contains(json_keys(to_json(x)), k)
       THEN error('SF100097:Duplicate field key ''' || k || '''')::JSON
       ELSE {schema}.sf_object_with({schema}.sf_object_delete(x, [k]), k, v) END
"""

# Bytes of a text or of a binary value.
_OCTET_LENGTH = """
CREATE OR REPLACE MACRO {schema}.sf_octet_length(x) AS
  CASE WHEN typeof(x) = 'BLOB' THEN length(hex(x)) // 2 ELSE strlen(x::VARCHAR) END
"""

NUMBER_MACROS = (_NUMBER, _NUMBER_OF_TEXT, _AVERAGE, _OBJECT_DELETE, _OBJECT_INSERT, _OCTET_LENGTH)
