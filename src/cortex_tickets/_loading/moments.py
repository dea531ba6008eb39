"""Reads a date and time as a file writes it."""

from __future__ import annotations

from datetime import UTC, datetime

EXPECTED = "expected one such as 2026-11-22 or 2026-11-22T14:30:00+01:00"


def moment(text: str) -> datetime | None:
    """Return the date and time in UTC, or `None` if the text is none in ISO 8601; without a zone it is read as UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def stored(text: str) -> str | None:
    """Return the date and time as it is sent, in UTC; `None` for a blank text."""
    found = moment(text.strip())
    return None if found is None else found.isoformat(sep=" ")
