"""Dates as they stand in a text, in the form that JSON's readers take: `3 May 2024` as `2024-05-03`."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAME = rf"(?P<name>{'|'.join(_MONTHS)})[a-z]*\.?"
_PATTERNS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
    re.compile(rf"(?i)\b{_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})\b"),
    re.compile(rf"(?i)\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?{_NAME},?\s+(?P<year>\d{{4}})\b"),
    re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b"),
    re.compile(r"\b(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})\b"),
)
_ASKED = re.compile(r"\bas a (?P<form>date-time|date)\b")


def asked_date_form(description: str) -> str | None:
    """Return `date` or `date-time` where a description says that a text has to be one, else `None`."""
    found = _ASKED.search(description)
    return found["form"] if found else None


def iso_date_in(text: str, form: str) -> str | None:
    """Return the first whole date of a text in ISO 8601, at midnight for a `date-time`; `None` where there is none.

    Of two numbers with slashes the first is the month, unless it cannot be.
    """
    found = [match for pattern in _PATTERNS for match in pattern.finditer(text)]
    for match in sorted(found, key=lambda match: match.start()):
        part = match.groupdict()
        month = _MONTHS.index(part["name"].lower()) + 1 if part.get("name") else int(part["month"])
        day = int(part["day"])
        if month > len(_MONTHS):
            month, day = day, month
        try:
            told = date(int(part["year"]), month, day).isoformat()
        except ValueError:
            continue
        return told if form == "date" else f"{told}T00:00:00"
    return None
