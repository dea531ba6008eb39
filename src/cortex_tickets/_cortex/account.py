"""Where a session is, and how its account routes what models are asked: free statements that need no warehouse.

Source: https://docs.snowflake.com/en/sql-reference/functions/current_region and
https://docs.snowflake.com/en/user-guide/snowflake-cortex/cross-region-inference, read 2026-11-25.
"""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement

CROSS_REGION = "CORTEX_ENABLED_CROSS_REGION"
"""The account parameter that says where else models may be asked."""
NO_CROSS_REGION = "DISABLED"

_PLACE = (
    "SELECT CURRENT_ROLE() AS ROLE_NAME, CURRENT_REGION() AS REGION_NAME, CURRENT_WAREHOUSE() AS WAREHOUSE_NAME, "
    "CURRENT_DATABASE() AS DATABASE_NAME, CURRENT_SCHEMA() AS SCHEMA_NAME"
)


@dataclass(frozen=True, slots=True)
class SessionPlace:
    """Where a session is; `None` for what it has not."""

    role: str | None
    region: str | None
    """Without its region group, such as AWS_US_WEST_2."""
    warehouse: str | None
    database: str | None
    schema: str | None


def session_place(client: CortexClient) -> SessionPlace:
    """Return where the session is.

    Raises:
        CortexError: If the statement fails.
    """
    row = next(iter(client.run(_PLACE)), {})
    region = _text(row, "REGION_NAME")
    return SessionPlace(
        role=_text(row, "ROLE_NAME"),
        # An organization over several region groups gets GROUP.REGION.
        region=None if region is None else region.rsplit(".", maxsplit=1)[-1].upper(),
        warehouse=_text(row, "WAREHOUSE_NAME"),
        database=_text(row, "DATABASE_NAME"),
        schema=_text(row, "SCHEMA_NAME"),
    )


def cross_region_setting(client: CortexClient) -> str | None:
    """Return the account's cross-region setting, such as ANY_REGION or AWS_US,AWS_EU; `None` if it is not told.

    Raises:
        CortexError: If the statement fails.
    """
    rows = [lower_keys(row) for row in client.rows(Statement(f"SHOW PARAMETERS LIKE '{CROSS_REGION}' IN ACCOUNT"))]
    values = (str(row.get("value") or "").strip().upper() for row in rows if row.get("key") == CROSS_REGION)
    return next((value for value in values if value), None)


def lower_keys(row: Row) -> Row:
    """Return a row of a SHOW with its columns in lower case, in which Snowflake gives them."""
    return {key.lower(): value for key, value in row.items()}


def _text(row: Row, column: str) -> str | None:
    value = row.get(column)
    return None if value is None else str(value)
