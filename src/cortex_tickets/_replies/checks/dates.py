"""Dates as they stand in a text, and which ways of writing one say the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_LOWER = (
    "january|february|april|june|july|august|september|october|november|december|"
    "jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
)
_SHORT_DAYS = {"mon": "monday", "tue": "tuesday", "wed": "wednesday", "thu": "thursday"}
_SHORT_DAYS |= {"fri": "friday", "sat": "saturday", "sun": "sunday"}
_DAYS = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_FULL = "|".join(month.capitalize() for month in _MONTHS)
_MONTH = rf"(?:{_FULL}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?)"
# May is as often the verb as the month.
_SURE_MONTH = _FULL.replace("May|", "")
_YEAR = r"(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?"
_FOREIGN = (
    "montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|"
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    "lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    "januar|februar|märz|juni|juli|oktober|dezember|janvier|février|avril|juin|juillet|août|septembre|octobre|"
    "novembre|décembre|enero|febrero|abril|junio|julio|septiembre|octubre|noviembre|diciembre|"
    "morgen|heute|demain|aujourd['’]hui|mañana"
)
DATE_PATTERNS = (
    re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b"),
    re.compile(r"(?<![\d/.])(?P<first>\d{1,2})(?P<mark>[/.])(?P<second>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)(?![\d/])"),
    re.compile(rf"\b(?P<name>{_MONTH})\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?![,.]?\d){_YEAR}"),
    re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?(?P<name>{_MONTH})(?!\w){_YEAR}"),
    re.compile(rf"\b(?P<name>{_SURE_MONTH}|May(?=\s+(?:19|20)\d\d)|(?<=\bin\s)May|(?<=\bof\s)May)\b{_YEAR}"),
    re.compile(
        r"\b(?:on|by|until|till|before|from|since|after)\s+the\s+(?P<day>\d{1,2})(?:st|nd|rd|th)\b", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:in|of|by|since|from|until|till|between|and|to|before|after)\s+(?P<name>{_LOWER})\b{_YEAR}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?P<word>{_DAYS})s?\b", re.IGNORECASE),
    re.compile(r"\b(?:on|by|until|till|before|from|since|this|next)\s+(?P<short>Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w{0,2}\b"),
    re.compile(rf"\b(?P<word>{_FOREIGN})\b", re.IGNORECASE),
)
"""In the order in which they are looked for. Each has some of the groups that `date_values` reads."""


def date_values(found: re.Match[str]) -> Iterator[str]:
    """Yield what a date states: day and month together, month or day alone, the year."""
    part = found.groupdict()
    if word := part.get("word"):
        yield word.lower()
        return
    if short := part.get("short"):
        yield _SHORT_DAYS[short.lower()]
        return
    if year := part.get("year"):
        yield year if len(year) == len("2024") else f"20{year}"
    day = int(part["day"]) if part.get("day") else None
    if part.get("first"):
        yield _numeric(int(part["first"]), int(part["second"]))
    elif name := part.get("name"):
        month = next(month for month in _MONTHS if month.startswith(name.lower().rstrip(".")[:3]))
        yield month if day is None else f"{month} {day}"
    elif part.get("month"):
        yield _named(int(part["month"]), day) or found[0]
    else:
        yield f"day {day}"


def date_forms(value: str) -> Iterable[str]:
    """Return all that a stated date supports: `June 15` also a mere June, the 15th, and 6/15."""
    if "/" in value:
        first, second = (int(number) for number in value.split("/"))
        both = [_named(first, second), _named(second, first)]
        return {value, *(form for named in both if named for form in date_forms(named))}
    month, _, day = value.partition(" ")
    if month not in _MONTHS or not day:
        return {value}
    number = _MONTHS.index(month) + 1
    return {value, month, f"day {day}", f"{number}/{day}", f"{day}/{number}"}


def _numeric(first: int, second: int) -> str:
    """Return the day that is meant where only one way of reading is a date, else both numbers as they stand."""
    if first == second or (_named(first, second) is None) is not (_named(second, first) is None):
        return _named(first, second) or _named(second, first) or f"{first}/{second}"
    return f"{first}/{second}"


def _named(month: int, day: int | None) -> str | None:
    is_date = 1 <= month <= len(_MONTHS) and (day is None or 1 <= day <= 31)  # noqa: PLR2004  days of a month
    return f"{_MONTHS[month - 1]} {day}" if is_date else None
