"""The charts: Altair, one look for all, and no ticket text in any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import altair as alt

from cortex_tickets.app.asking.overview import NO_LABEL, Cell, Day, RunRow
from cortex_tickets.app.drawing.colours import (
    GOOD,
    NOTHING,
    OPERATIONS,
    OUTCOMES,
    PEOPLE,
    ROLES,
    SPLITS,
    WRONG,
    label_colours,
)
from cortex_tickets.app.drawing.periods import period_of
from cortex_tickets.evaluation import ConfusionMatrix, Score

Drawn = TypeVar("Drawn", alt.Chart, alt.LayerChart)
_ROW = 40
"""Pixels for one row of bars."""
_AXIS, _LEGEND = 60, 60
"""Pixels for an axis with its title, and for a legend: a chart's height holds all of it."""
_LABEL_WIDTH = 150
"""Pixels for a label's name on an axis; longer ones are cut."""
_WIDEST_BAR = 160
"""Pixels of a bar over time, at most: a single day would fill the page."""
_GOLD = "as people said"
_SHAPES = ("circle", "square", "diamond", "triangle-up")
"""Shapes of models, for who cannot tell their colours."""


def tickets_by_label(cells: Sequence[Cell], gold: Sequence[Cell], labels: Sequence[str]) -> alt.LayerChart:
    """Return bars of tickets by label, coloured by outcome, with a mark where people's labels stand."""
    order = [*labels, NO_LABEL]
    rows = [{"label": cell.label, "outcome": cell.outcome, "tickets": cell.n_tickets} for cell in cells]
    marks = [{"label": cell.label, "tickets": cell.n_tickets, "mark": _GOLD} for cell in gold]
    shown = [name for name in order if any(row["label"] == name for row in (*rows, *marks))]
    y = alt.Y("label:N", sort=order, title=None, scale=alt.Scale(domain=shown), axis=_names())
    outcomes = [name for name in OUTCOMES if any(row["outcome"] == name for row in rows)]
    bars = (
        _chart(rows)
        .mark_bar(cornerRadiusEnd=3, height={"band": 0.62})
        .encode(
            y=y,
            x=alt.X("sum(tickets):Q", title="tickets", axis=_counts()),
            color=alt.Color("outcome:N", scale=_scale(outcomes, OUTCOMES), legend=_legend("outcome")),
            tooltip=["label:N", "outcome:N", "tickets:Q"],
        )
    )
    ticks = (
        _chart(marks)
        .mark_tick(thickness=4, height=30, color=PEOPLE, opacity=1)
        .encode(y=y, x="tickets:Q", tooltip=["label:N", alt.Tooltip("tickets:Q", title=_GOLD)])
    )
    return _sized(alt.layer(bars, ticks) if marks else alt.layer(bars), _ROW * max(2, len(shown)) + _AXIS + _LEGEND)


def tickets_by_day(days: Sequence[Day], labels: Sequence[str]) -> alt.Chart:
    """Return bars of tickets by when they were opened, coloured by label: by day, or by longer periods.

    Each period stands on the axis by its name, in the middle of its bar, once. On an axis of moments Vega writes a day
    as often as there is room, at the bar's edge, and the day before where a browser is west of Greenwich.
    """
    first, last = min(day.day for day in days), max(day.day for day in days)
    period = period_of(first, last)
    periods = period.names(first, last)
    rows = [{"opened": period.name(day.day), "label": day.label, "tickets": day.n_tickets} for day in days]
    names = [*labels, NO_LABEL]
    colours = dict(zip(names, [*label_colours(labels), NOTHING], strict=True))
    shown = [name for name in names if any(row["label"] == name for row in rows)]
    chart: alt.Chart = (
        _chart(rows)
        .mark_bar(width=alt.ExprRef(f"min(0.9 * bandwidth('x'), {_WIDEST_BAR})"))
        .encode(
            x=alt.X(
                "opened:O",
                title=period.title,
                scale=alt.Scale(domain=periods),
                axis=alt.Axis(labelAngle=0, labelOverlap="parity", labelSeparation=8, labelPadding=9, ticks=False),
            ),
            y=alt.Y("sum(tickets):Q", title="tickets", axis=_counts()),
            color=alt.Color("label:N", scale=_scale(shown, colours), legend=_legend("label")),
            tooltip=["opened:O", "label:N", alt.Tooltip("sum(tickets):Q", title="tickets")],
        )
    )
    return _sized(chart, 280)


def credits_by_model(runs: Sequence[RunRow]) -> alt.Chart:
    """Return bars of AI credits by model, coloured by what was done; runs of an unknown price are left out."""
    rows = [
        {"model": run.model, "what": run.operation, "credits": run.ai_credits}
        for run in runs
        if run.ai_credits is not None
    ]
    whats = list(dict.fromkeys(str(row["what"]) for row in rows))
    models = list(dict.fromkeys(str(row["model"]) for row in rows))
    chart: alt.Chart = (
        _chart(rows)
        .mark_bar(cornerRadiusEnd=3, height={"band": 0.62})
        .encode(
            y=alt.Y("model:N", sort="-x", title=None, axis=_names()),
            x=alt.X("sum(credits):Q", title="AI credits", axis=alt.Axis(tickCount=5, gridOpacity=0.5)),
            color=alt.Color(
                "what:N",
                scale=_scale(whats, {what: OPERATIONS.get(what, NOTHING) for what in whats}),
                legend=_legend("what was done"),
            ),
            tooltip=["model:N", "what:N", alt.Tooltip("sum(credits):Q", format=".6f", title="AI credits")],
        )
    )
    return _sized(chart, _ROW * max(1, len(models)) + _AXIS + _LEGEND)


def splits_by_label(rows: Sequence[Mapping[str, Any]], labels: Sequence[str]) -> alt.Chart:
    """Return bars of a training set's rows by label, coloured by split; rows have label, split and tickets."""
    y = alt.Y("label:N", sort=list(labels), title=None, axis=_names())
    order = "indexof(['training', 'validation', 'test'], datum.split)"
    chart: alt.Chart = (
        _chart(rows)
        .transform_calculate(place=order)
        .mark_bar(cornerRadiusEnd=3, height={"band": 0.62})
        .encode(
            y=y,
            x=alt.X("sum(tickets):Q", title="tickets", axis=_counts()),
            color=alt.Color("split:N", scale=_scale(list(SPLITS), SPLITS), legend=_legend("split")),
            order="place:Q",
            tooltip=["label:N", "split:N", "tickets:Q"],
        )
    )
    return _sized(chart, _ROW * max(2, len(labels)) + _AXIS + _LEGEND)


def accuracies(scores: Sequence[Score]) -> alt.LayerChart:
    """Return each model's accuracy with its 95 % interval."""
    rows = [_share(score) for score in scores if score.accuracy is not None]
    names = [str(row["model"]) for row in rows]
    y = alt.Y("model:N", sort=names, title=None, axis=_names())
    base = _chart(rows).encode(y=y, color=_role_colour(scores), tooltip=list(_SHARE_TOOLTIP))
    scale = alt.Scale(domain=[0, 1], nice=False)
    rules = base.mark_rule(strokeWidth=4, opacity=0.45).encode(
        x=alt.X("low:Q", scale=scale, title="accuracy, with its 95 % interval", axis=_shares()), x2="high:Q"
    )
    points = base.mark_point(filled=True, size=150, opacity=1).encode(x=alt.X("accuracy:Q", scale=scale))
    return _sized(alt.layer(rules, points), _ROW * max(2, len(rows)) + _AXIS)


def cost_against_accuracy(scores: Sequence[Score], dollars_per_ai_credit: float) -> alt.LayerChart:
    """Return accuracy by what 1,000 tickets cost in US dollars; models without a price or accuracy are left out.

    Names stand in a legend: cheap models are so near to each other that a name beside its point lies over a neighbour.
    """
    rows = [
        {**_share(score), "dollars": score.ai_credits_per_1000 * dollars_per_ai_credit}
        for score in scores
        if score.accuracy is not None and score.ai_credits_per_1000 is not None
    ]
    most = max((float(row["dollars"]) for row in rows), default=0.0) or 1.0
    x = alt.X(
        "dollars:Q",
        title="US dollars for 1,000 tickets",
        axis=alt.Axis(format="$.2f", tickCount=5),
        scale=alt.Scale(domain=[-most * 0.05, most * 1.1], nice=False),
    )
    scale = alt.Scale(domain=[0, 1], nice=False)
    colours = {str(row["model"]): ROLES[str(row["role"])] for row in rows}
    names = list(colours)
    legend = alt.Legend(title="model", orient="top", labelLimit=_LABEL_WIDTH, columns=3, symbolOpacity=1)
    base = _chart(rows).encode(
        x=x,
        color=alt.Color("model:N", scale=_scale(names, colours), legend=legend),
        tooltip=[*_SHARE_TOOLTIP, alt.Tooltip("dollars:Q", format="$.4f")],
    )
    rules = base.mark_rule(strokeWidth=4, opacity=0.45).encode(
        y=alt.Y("low:Q", scale=scale, title="accuracy", axis=_shares()), y2="high:Q"
    )
    shapes = [_SHAPES[place % len(_SHAPES)] for place in range(len(names))]
    points = base.mark_point(filled=True, size=150, opacity=1).encode(
        y=alt.Y("accuracy:Q", scale=scale),
        shape=alt.Shape("model:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
    )
    return _sized(alt.layer(rules, points), _ROW * 5 + _AXIS + _LEGEND)


def confusion(matrix: ConfusionMatrix, *, ink: str) -> alt.LayerChart:
    """Return the confusion matrix as a table of shaded cells: gold by row, what the model said by column.

    Args:
        matrix: The counts.
        ink: The colour of the numbers.
    """
    rows = [
        {"gold": gold, "said": said, "tickets": count, "kind": "right" if gold == said else "wrong"}
        for gold, counts in zip(matrix.rows, matrix.counts, strict=True)
        for said, count in zip(matrix.columns, counts, strict=True)
    ]
    most = max((int(row["tickets"]) for row in rows), default=1) or 1
    base = _chart(rows).encode(
        x=alt.X("said:N", sort=list(matrix.columns), title="the model said", axis=_names(angle=-40)),
        y=alt.Y("gold:N", sort=list(matrix.rows), title="people said", axis=_names()),
        tooltip=["gold:N", "said:N", "tickets:Q"],
    )
    cells = base.mark_rect(stroke="#93a3a1", strokeWidth=0.5).encode(
        color=alt.Color("kind:N", scale=_scale(["right", "wrong"], {"right": GOOD, "wrong": WRONG}), legend=None),
        opacity=alt.Opacity("tickets:Q", scale=alt.Scale(domain=[0, most], range=[0.0, 0.85]), legend=None),
    )
    numbers = (
        base.transform_filter("datum.tickets > 0")
        .mark_text(fontSize=14, fontWeight=600, color=ink)
        .encode(text="tickets:Q")
    )
    return _sized(alt.layer(cells, numbers), _ROW * max(2, len(matrix.rows)) + _AXIS + 80)


def score(value: float) -> alt.LayerChart:
    """Return a sentiment's number on its scale from -1 to 1."""
    rows = [{"score": value, "zero": 0.0}]
    x = alt.X(
        "score:Q",
        title=None,
        scale=alt.Scale(domain=[-1, 1], nice=False),
        axis=alt.Axis(values=[-1, -0.5, 0, 0.5, 1], format="+.1f", gridOpacity=0.5),
    )
    colour = GOOD if value >= 0 else WRONG
    bar = _chart(rows).mark_bar(height=14, color=colour, opacity=0.5, cornerRadius=3).encode(x=x, x2="zero:Q")
    point = _chart(rows).mark_point(filled=True, size=180, color=colour, opacity=1).encode(x=x)
    return _sized(alt.layer(bar, point), 80)


_SHARE_TOOLTIP: tuple[alt.Tooltip | str, ...] = (
    "model:N",
    "role:N",
    alt.Tooltip("accuracy:Q", format=".1%"),
    alt.Tooltip("low:Q", format=".1%"),
    alt.Tooltip("high:Q", format=".1%"),
)


def _share(score: Score) -> dict[str, Any]:
    share = score.accuracy
    assert share is not None  # noqa: S101  the callers leave such scores out
    return {"model": score.name, "role": score.role, "accuracy": share.value, "low": share.low, "high": share.high}


def _role_colour(scores: Sequence[Score]) -> alt.Color:
    there = [role for role in ROLES if any(score.role == role for score in scores)]
    return alt.Color("role:N", scale=_scale(there, ROLES), legend=None)


def _chart(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart({"values": [dict(row) for row in rows]})


def _scale(names: Sequence[str], colours: Mapping[str, str]) -> alt.Scale:
    return alt.Scale(domain=list(names), range=[colours[name] for name in names])


def _legend(title: str) -> alt.Legend:
    return alt.Legend(title=title, orient="top", symbolType="circle", labelLimit=_LABEL_WIDTH, columns=3)


def _names(angle: int = 0) -> alt.Axis:
    return alt.Axis(labelLimit=_LABEL_WIDTH, labelAngle=angle, labelOverlap=False, ticks=False, domain=False)


def _counts() -> alt.Axis:
    return alt.Axis(tickMinStep=1, tickCount=6, format=",d", gridOpacity=0.5)


def _shares() -> alt.Axis:
    return alt.Axis(format=".0%", tickCount=5, gridOpacity=0.5)


def _sized(chart: Drawn, height: int) -> Drawn:
    chart.height, chart.width = height, "container"
    return chart
