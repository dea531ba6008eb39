"""The chart of tickets over time: each day, or what stands for several, is on the axis once, under its bar."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import pytest
import vl_convert

from cortex_tickets.app.asking.overview import Day
from cortex_tickets.app.drawing import charts
from cortex_tickets.app.drawing.periods import period_of

LABELS = ("Roaming fees", "Lost phone")
FIRST = date(2026, 1, 5)
WIDE, NARROW = 1056, 340
"""Pixels of the chart in a window of 1280, and of 400."""


def drawn(days: Sequence[Day], width: int) -> str:
    chart = charts.tickets_by_day(days, LABELS)
    chart.width = width
    return str(vl_convert.vegalite_to_svg(chart.to_dict()))


def written_below(svg: str) -> list[str]:
    """What stands on the axis of time and can be seen, from left to right."""
    labels = re.findall(r'<text [^>]*translate\(([\d.]+),[\d.]+\)"[^>]*>(\d{4}[-\d]*|\w{3} \d\d, \d{4})<', svg)
    return [text for _, text in sorted(((float(at), text) for at, text in labels))]


def every_day(n_days: int) -> list[Day]:
    return [Day(FIRST + timedelta(days=n), label, 1 + n % 3) for n in range(n_days) for label in LABELS]


@pytest.mark.parametrize("width", [WIDE, NARROW])
@pytest.mark.parametrize("n_days", [1, 2, 3, 7, 92, 730, 4000])
def test_nothing_stands_on_the_axis_twice_and_nothing_that_no_ticket_is_of(n_days: int, width: int) -> None:
    days = every_day(n_days)
    written = written_below(drawn(days, width))
    assert written
    assert written == sorted(set(written))
    assert written[0] == period_of(FIRST, days[-1].day).name(FIRST)
    assert set(written) <= {period_of(FIRST, days[-1].day).name(day.day) for day in days}


def test_two_days_are_two_bars_with_their_days() -> None:
    assert written_below(drawn(every_day(2), NARROW)) == ["2026-01-05", "2026-01-06"]


def test_days_without_a_ticket_have_their_place() -> None:
    days = [Day(FIRST, "Lost phone", 1), Day(FIRST + timedelta(days=2), "Lost phone", 1)]
    assert written_below(drawn(days, WIDE)) == ["2026-01-05", "2026-01-06", "2026-01-07"]


@pytest.mark.parametrize(
    ("first", "last", "title", "names"),
    [
        ("2026-01-05", "2026-01-05", None, ["2026-01-05"]),
        ("2025-12-31", "2026-01-01", None, ["2025-12-31", "2026-01-01"]),
        ("2026-01-07", "2026-04-17", "weeks, by their Monday", ["2026-01-05", ..., "2026-04-13"]),
        ("2024-01-31", "2026-03-01", "months", ["2024-01", "2024-02", ..., "2026-03"]),
        ("2008-02-29", "2026-01-01", "years", ["2008", "2009", ..., "2026"]),
        ("0001-01-01", "9999-12-31", "years", ["0001", ..., "9999"]),
        ("9999-12-30", "9999-12-31", None, ["9999-12-30", "9999-12-31"]),
        ("9999-06-30", "9999-12-31", "weeks, by their Monday", ["9999-06-28", ..., "9999-12-27"]),
    ],
)
def test_longer_times_are_drawn_in_longer_periods(
    first: str, last: str, title: str | None, names: list[object]
) -> None:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    period = period_of(start, end)
    assert period.title == title
    found = period.names(start, end)
    assert found == sorted(set(found))
    if ... in names:
        gap = names.index(...)
        assert (found[:gap], found[gap - len(names) + 1 :]) == (names[:gap], names[gap + 1 :])
    else:
        assert found == names
