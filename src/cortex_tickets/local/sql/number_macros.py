"""Macros under SUM, AVG and OBJECT_DELETE."""

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

NUMBER_MACROS = (_NUMBER, _NUMBER_OF_TEXT, _AVERAGE, _OBJECT_DELETE)
