"""Times as every page writes them: in UTC, and saying so."""

from __future__ import annotations

from datetime import UTC, datetime


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is taken to be in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def when(moment: datetime) -> str:
    """Return day and time to the minute, such as `2026-11-25 22:05 UTC`."""
    return f"{in_utc(moment):%Y-%m-%d %H:%M} UTC"


def on_day_at(moment: datetime) -> str:
    """Return the same within a sentence, such as `on 2026-11-25 at 22:05 UTC`."""
    return f"on {in_utc(moment):%Y-%m-%d} at {in_utc(moment):%H:%M} UTC"
