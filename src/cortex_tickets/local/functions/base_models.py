"""SHOW CORTEX BASE MODELS: the catalog of the engine's day, with lifecycles."""

from __future__ import annotations

import datetime as dt
import re

from sqlglot import exp, parse_one

from cortex_tickets.local.catalog import Catalog

TABLE = "SNOWFLAKE.MODELS.BASE_MODELS"
_SHOW = re.compile(r"\s*CORTEX\s+BASE\s+MODELS(\s+IN\s+(SCHEMA\s+)?SNOWFLAKE\.MODELS)?\s*;?\s*", re.IGNORECASE)
_COLUMNS = (
    '"created_on", "name", "lifecycle_status", "in_region_availability", "legacy_date", "eol_date", '
    '"cross_region_availability"'
)


def show_base_models(statement: exp.Expr) -> exp.Expr:
    """The query behind SHOW CORTEX BASE MODELS; any other statement as it is.

    Source:
        docs.snowflake.com/en/sql-reference/sql/show-cortex-base-models, read 2026-11-22.
    """
    if not (isinstance(statement, exp.Command) and statement.name.upper() == "SHOW"):
        return statement
    shown = _SHOW.fullmatch(str(statement.args.get("expression") or ""))
    if shown is None:
        return statement
    # Without the schema, Snowflake may show nothing; the engine's only models are these, and it shows them.
    return parse_one(f'SELECT {_COLUMNS} FROM {TABLE} ORDER BY "name"', read="duckdb")


def retire_sql(model: str, status: str, day: dt.date) -> str:
    """The statement that shows a base model as LEGACY or EOL since a day."""
    column = "legacy_date" if status == "LEGACY" else "eol_date"
    return (
        f"UPDATE {TABLE} SET \"lifecycle_status\" = '{status}', \"{column}\" = '{day:%b %d, %Y}' "
        f"WHERE \"name\" = '{model}'"
    )


def base_models_sql(catalog: Catalog) -> str:
    """The statements that make the table behind it."""
    rows = []
    for model in catalog.listed():
        legacy = "NULL" if model.legacy_date is None else f"'{model.legacy_date:%b %d, %Y}'"
        end = "NULL" if model.eol_date is None else f"'{model.eol_date:%b %d, %Y}'"
        rows.append(
            f"('{model.name}', '{model.status_on(catalog.day)}', 'true', {legacy}, {end}, 'ANY_REGION', "
            f"TIMESTAMPTZ '{model.born} 00:00:00+00')"
        )
    return f"""
        CREATE OR REPLACE TABLE {TABLE} AS
        SELECT column6 AS "created_on", column0 AS "name", column1 AS "lifecycle_status",
               column2 AS "in_region_availability", column3 AS "legacy_date", column4 AS "eol_date",
               column5 AS "cross_region_availability"
        FROM (VALUES {", ".join(rows)}) AS models(column0, column1, column2, column3, column4, column5, column6)
    """
