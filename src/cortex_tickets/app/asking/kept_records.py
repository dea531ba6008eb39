"""The app's own table: evaluations and playbooks as JSON, so that a page shows them again after a reload."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets.app.desk import Desk, quoted

RECORD_COLUMNS: Mapping[str, str] = {"NAME": "VARCHAR", "RECORD": "VARCHAR", "SAVED_AT": "TIMESTAMP_TZ"}
"""The table's columns and their types."""


def keep(desk: Desk, name: str, record: str) -> None:
    """Write a record under a name. Rows are only ever added, the newest counts. The record is bound."""
    table = quoted(desk.settings.records)
    columns = ", ".join(f"{name} {kind}" for name, kind in RECORD_COLUMNS.items())
    desk.rows(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
    desk.rows(f"INSERT INTO {table} SELECT ?, ?, CURRENT_TIMESTAMP()", name, record)


def kept(desk: Desk, name: str) -> str | None:
    """Return the newest record of a name; `None` without one."""
    if not desk.has(desk.settings.records):
        return None
    rows = desk.rows(
        f"SELECT RECORD FROM {quoted(desk.settings.records)} WHERE NAME = ? ORDER BY SAVED_AT DESC LIMIT 1", name
    )
    return None if not rows else str(rows[0]["RECORD"])
