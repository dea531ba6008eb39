"""What a chart over time has a bar for: days, or where they would be too many weeks, months or years."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Period:
    """Days, weeks, months or years."""

    title: str | None
    """What an axis says of them; nothing where their names say it."""
    longest: int
    """How many days may lie between the first and the last ticket: beyond that bars would be too thin to be seen."""
    length: int
    """How much of its first day, as ISO 8601 writes it, is the name of one."""
    begin: Callable[[date], date]
    """Returns the first day of the one that a day is in."""
    after: Callable[[date], date]
    """Returns a day of the next one, of the first day of one."""

    def name(self, day: date) -> str:
        """Return the name of the one that a day is in."""
        return self.begin(day).isoformat()[: self.length]

    def names(self, first: date, last: date) -> list[str]:
        """Return the names of all from the first day to the last, those without tickets among them."""
        # By their beginnings: a step beyond the last one may lead out of the calendar.
        at, end = self.begin(first), self.begin(last)
        found: list[str] = []
        while at < end:
            found.append(self.name(at))
            at = self.begin(self.after(at))
        return [*found, self.name(end)]


_PERIODS = (
    Period(None, 100, 10, lambda day: day, lambda day: day + timedelta(days=1)),
    Period(
        "weeks, by their Monday",
        2 * 366,
        10,
        lambda day: day - timedelta(days=day.weekday()),
        lambda day: day + timedelta(weeks=1),
    ),
    Period("months", 10 * 366, 7, lambda day: day.replace(day=1), lambda day: day + timedelta(days=31)),
)
_YEARS = Period(
    "years", date.max.toordinal(), 4, lambda day: day.replace(month=1, day=1), lambda day: day + timedelta(days=366)
)


def period_of(first: date, last: date) -> Period:
    """Return what a chart from the first day to the last has a bar for."""
    return next((period for period in _PERIODS if (last - first).days < period.longest), _YEARS)
