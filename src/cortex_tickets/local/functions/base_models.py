"""SHOW CORTEX BASE MODELS: the catalog of the engine's day, with lifecycles."""

from __future__ import annotations

import datetime as dt
import re

from snowflake.connector.errors import ProgrammingError
from sqlglot import exp, parse_one

from cortex_tickets.local.catalog import Catalog, CatalogModel

TABLE = "SNOWFLAKE.MODELS.BASE_MODELS"
_SHOW = re.compile(r"\s*CORTEX\s+BASE\s+MODELS\b(?P<clauses>.*?);?\s*", re.IGNORECASE | re.DOTALL)
_CLAUSES = (
    ("like", re.compile(r"\s*LIKE\s+'(?P<value>(?:[^']|'')*)'", re.IGNORECASE)),
    ("inside", re.compile(r"\s*IN\s+(?P<value>ACCOUNT\b|(?:SCHEMA\s+|DATABASE\s+)?[\w$.\"]+)", re.IGNORECASE)),
    ("start", re.compile(r"\s*STARTS\s+WITH\s+'(?P<value>(?:[^']|'')*)'", re.IGNORECASE)),
    ("limit", re.compile(r"\s*LIMIT\s+(?P<value>\d+)", re.IGNORECASE)),
)
_PLACES_WITH_MODELS = frozenset({"ACCOUNT", "DATABASE SNOWFLAKE", "SCHEMA SNOWFLAKE.MODELS", "SNOWFLAKE.MODELS"})
_COLUMNS = (
    "created_on",
    "name",
    "model_type",
    "database_name",
    "schema_name",
    "owner",
    "lifecycle_status",
    "in_region_availability",
    "legacy_date",
    "eol_date",
    "cross_region_availability",
)


def show_base_models(statement: exp.Expr) -> exp.Expr:
    """The query behind SHOW CORTEX BASE MODELS; any other statement as it is.

    Raises:
        ProgrammingError: 001003, for a clause that the statement does not have.

    Source:
        docs.snowflake.com/en/sql-reference/sql/show-cortex-base-models, read 2026-11-25.
    """
    if not (isinstance(statement, exp.Command) and statement.name.upper() == "SHOW"):
        return statement
    shown = _SHOW.fullmatch(str(statement.args.get("expression") or ""))
    if shown is None:
        return statement
    given = _clauses(shown["clauses"])
    wanted = []
    if "inside" not in given:
        # Without the schema it shows what is in the session's own, and the models are in SNOWFLAKE.MODELS.
        wanted.append("CURRENT_DATABASE() = 'SNOWFLAKE' AND COALESCE(CURRENT_SCHEMA(), 'MODELS') = 'MODELS'")
    elif " ".join(given["inside"].upper().split()) not in _PLACES_WITH_MODELS:
        wanted.append("FALSE")
    if "like" in given:
        wanted.append(f"\"name\" ILIKE '{given['like']}'")
    if "start" in given:
        wanted.append(f"STARTS_WITH(\"name\", '{given['start']}')")
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    limit = f" LIMIT {given['limit']}" if "limit" in given else ""
    columns = ", ".join(f'"{name}"' for name in _COLUMNS)
    return parse_one(f'SELECT {columns} FROM {TABLE}{where} ORDER BY "name"{limit}', read="duckdb")


def _clauses(text: str) -> dict[str, str]:
    """Each clause's value, in whatever order they stand."""
    given: dict[str, str] = {}
    rest = text
    while rest.strip():
        for name, clause in _CLAUSES:
            if name not in given and (found := clause.match(rest)):
                given[name] = found["value"]
                rest = rest[found.end() :]
                break
        else:
            raise ProgrammingError(
                msg=f"SQL compilation error:\nsyntax error unexpected '{rest.split()[0]}'.",
                errno=1003,
                sqlstate="42000",
            )
    return given


def retire_sql(model: str, status: str, day: dt.date) -> str:
    """The statement that shows a base model as LEGACY or EOL since a day."""
    column = "legacy_date" if status == "LEGACY" else "eol_date"
    return f"UPDATE {TABLE} SET \"lifecycle_status\" = '{status}', \"{column}\" = '{day}' WHERE \"name\" = '{model}'"


def base_models_sql(catalog: Catalog) -> str:
    """The statements that make the table behind it."""
    rows = ", ".join(_row(model, catalog) for model in catalog.listed())
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    return f"CREATE OR REPLACE TABLE {TABLE} AS SELECT * FROM (VALUES {rows}) AS models({names})"


def _row(model: CatalogModel, catalog: Catalog) -> str:
    """A model on the engine's day: what is to become of it is told once it is legacy, and served are the living."""
    status = model.status_on(catalog.day)
    is_fading = status in {"LEGACY", "EOL"}
    is_gone = status == "EOL"
    end = model.eol_notice if model.eol_date is None else str(model.eol_date)
    values = (
        f"TIMESTAMPTZ '{model.born} 00:00:00+00'",
        f"'{model.name}'",
        "'CORTEX_BASE'",
        "'SNOWFLAKE'",
        "'MODELS'",
        "'SNOWFLAKE'",
        f"'{status}'",
        "JSON('[]')" if is_gone else "JSON('[\"EMBEDDED_ENGINE\"]')",
        _text(str(model.legacy_date) if is_fading and model.legacy_date else None),
        _text(end if is_fading else None),
        "NULL::JSON" if is_gone else "JSON('[\"ANY_REGION\"]')",
    )
    return f"({', '.join(values)})"


def _text(value: str | None) -> str:
    return "NULL::VARCHAR" if value is None else f"'{value}'"
