"""Charts as inline SVG in percent: they fit every width, and their text, being HTML, keeps its size."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cortex_tickets._evaluation.report.axis import Axis
from cortex_tickets.markup import Markup, element, joined, percent

_BAR_HEIGHT = 13
_ROW_HEIGHT = 26
_PLOT_HEIGHT = 230
_TONES = 3


@dataclass(frozen=True, slots=True)
class Whisker:
    """A value with its interval."""

    name: str
    value: float
    low: float
    high: float
    figures: str
    """The same as text."""
    tone: int = 0
    """Which colour."""


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its interval, somewhere on a second axis."""

    name: str
    x: float
    value: float
    low: float
    high: float
    figures: str


def bar_chart(counts: Mapping[str, Sequence[int]], series: Sequence[str]) -> Markup:
    """Return a row of bars for each label, one bar for each series."""
    largest = max((count for row in counts.values() for count in row), default=0) or 1
    rows = []
    for label, values in counts.items():
        bars = [
            element(
                "rect",
                y=place * _BAR_HEIGHT + 1,
                width=percent(value / largest),
                height=_BAR_HEIGHT - 3,
                rx=2,
                class_=_tone(place),
            )
            for place, value in enumerate(values)
        ]
        track = element("svg", bars, height=_BAR_HEIGHT * len(values), role="presentation")
        rows.append(_row(label, track, " / ".join(f"{value:,}" for value in values)))
    return _figure(element("div", rows, class_="rows"), None if len(series) < 2 else legend(series))  # noqa: PLR2004  one needs no legend


def whisker_chart(
    whiskers: Sequence[Whisker], axis: Axis, tick: Callable[[float], str], *, zero: float | None = None
) -> Markup:
    """Return a dot with its interval for each row, over one axis."""
    lines = [
        element(
            "line",
            x1=percent(axis.place(value)),
            x2=percent(axis.place(value)),
            y1=0,
            y2=_ROW_HEIGHT,
            class_="zero" if zero is not None and abs(value - zero) < axis.step / 100 else "grid",
        )
        for value in axis.ticks
    ]
    rows = [
        _row(
            whisker.name,
            element("svg", lines, _whisker(whisker, axis), height=_ROW_HEIGHT, role="presentation"),
            whisker.figures,
        )
        for whisker in whiskers
    ]
    ticks = [
        element("text", tick(value), x=percent(axis.place(value)), y=12, text_anchor="middle") for value in axis.ticks
    ]
    rows.append(_row("", element("svg", ticks, height=18, aria_hidden="true"), ""))
    return _figure(element("div", rows, class_="rows"))


def line_chart(lines: Mapping[str, Sequence[tuple[float, float]]], *, x_name: str, y_name: str) -> Markup:
    """Return lines through points, each line with a colour of its own."""
    points = [point for line in lines.values() for point in line]
    x_axis = Axis.around(min(x for x, _ in points), max(x for x, _ in points))
    y_axis = Axis.around(0.0, max(y for _, y in points))
    drawn = [
        _path([(x_axis.place(x), y_axis.place(y)) for x, y in line], _tone(place))
        for place, line in enumerate(lines.values())
    ]
    plot = _plot(joined(drawn), x_axis, y_axis, lambda value: f"{value:g}", lambda value: f"{value:g}")
    return _figure(plot, legend(list(lines)), caption=f"{y_name} against {x_name}")


def scatter_chart(
    points: Sequence[Point], *, x_tick: Callable[[float], str], y_tick: Callable[[float], str], caption: str
) -> Markup:
    """Return numbered dots with intervals, and what the numbers mean."""
    x_axis = Axis.around(0.0, max(point.x for point in points))
    y_axis = Axis.around(min(point.low for point in points), max(point.high for point in points))
    drawn = []
    for number, point in enumerate(points, start=1):
        x = percent(x_axis.place(point.x))
        ends = (percent(1 - y_axis.place(point.low)), percent(1 - y_axis.place(point.high)))
        drawn += [
            element("line", x1=x, x2=x, y1=ends[0], y2=ends[1], class_="whisker s0"),
            element("circle", cx=x, cy=percent(1 - y_axis.place(point.value)), r=10, class_="s0"),
            element("text", str(number), x=x, y=percent(1 - y_axis.place(point.value)), dy=4, class_="mark"),
        ]
    names = [
        element("li", element("b", str(number), class_="s0"), f"{point.name}: {point.figures}")
        for number, point in enumerate(points, start=1)
    ]
    plot = _plot(joined(drawn), x_axis, y_axis, x_tick, y_tick)
    return _figure(plot, element("ul", names, class_="legend"), caption=caption)


def legend(series: Sequence[str]) -> Markup:
    """Return what the colours mean."""
    entries = [element("li", element("i", class_=_tone(place)), name) for place, name in enumerate(series)]
    return element("ul", entries, class_="legend")


def _row(name: str, track: Markup, figures: str) -> Markup:
    parts = (
        element("div", name, class_="name"),
        element("div", track, class_="track"),
        element("div", figures, class_="figures"),
    )
    return element("div", parts, class_="row")


def _whisker(whisker: Whisker, axis: Axis) -> Markup:
    middle = _ROW_HEIGHT / 2
    tone = _tone(whisker.tone)
    line = element(
        "line",
        x1=percent(axis.place(whisker.low)),
        x2=percent(axis.place(whisker.high)),
        y1=middle,
        y2=middle,
        class_=f"whisker {tone}",
    )
    return joined((line, element("circle", cx=percent(axis.place(whisker.value)), cy=middle, r=6, class_=tone)))


def _path(points: Sequence[tuple[float, float]], tone: str) -> Markup:
    # Percent coordinates are allowed in lines, not in a polyline.
    segments = [
        element(
            "line",
            x1=percent(a[0]),
            y1=percent(1 - a[1]),
            x2=percent(b[0]),
            y2=percent(1 - b[1]),
            class_=f"path {tone}",
        )
        for a, b in pairwise(points)
    ]
    dots = [element("circle", cx=percent(x), cy=percent(1 - y), r=4.5, class_=tone) for x, y in points]
    return joined((*segments, *dots))


def _plot(
    drawn: Markup, x_axis: Axis, y_axis: Axis, x_tick: Callable[[float], str], y_tick: Callable[[float], str]
) -> Markup:
    grid = [
        element(
            "line", x1="0", x2="100%", y1=percent(1 - y_axis.place(y)), y2=percent(1 - y_axis.place(y)), class_="grid"
        )
        for y in y_axis.ticks
    ]
    y_names = [element("span", y_tick(y), style=f"bottom:{percent(y_axis.place(y))}") for y in y_axis.ticks]
    x_names = [element("span", x_tick(x), style=f"left:{percent(x_axis.place(x))}") for x in x_axis.ticks]
    return element(
        "div",
        element("div", y_names, class_="y"),
        element("svg", grid, drawn, height=_PLOT_HEIGHT, role="presentation"),
        element("div", x_names, class_="x"),
        class_="plot",
    )


def _figure(*parts: Markup | None, caption: str | None = None) -> Markup:
    return element("figure", parts, None if caption is None else element("figcaption", caption))


def _tone(place: int) -> str:
    return f"s{place % _TONES}"
