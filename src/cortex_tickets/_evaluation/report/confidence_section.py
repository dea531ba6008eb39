"""What the models' probabilities are worth: accuracy by coverage, and, from enough tickets, whether they are true."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cortex_tickets._evaluation.report.axis import Axis
from cortex_tickets._evaluation.report.charts import Whisker, line_chart, whisker_chart
from cortex_tickets._evaluation.report.section import Section
from cortex_tickets._evaluation.report.tables import table
from cortex_tickets.markup import Markup, element, joined

if TYPE_CHECKING:
    from cortex_tickets._evaluation.results.score import Score

_SHOWN_COVERAGES = (0.25, 0.5, 0.75, 0.9, 1.0)


def confidence_section(scores: Sequence[Score]) -> Section:
    """Return the section; models that give no probability are left out."""
    sure = [score for score in scores if score.risk_coverage]
    lines = {score.name: [(point.coverage, 1 - point.accuracy) for point in score.risk_coverage] for score in sure}
    parts: list[Markup | None] = [
        element("h3", "Share of wrong answers, where only the surest tickets are answered"),
        line_chart(lines, x_name="share of the tickets that are answered", y_name="share of wrong answers among them"),
        _table(sure),
    ]
    for score in sure:
        parts += _reliability(score)
    note = (
        "A threshold that is chosen on these tickets is no guarantee for others: that is what a certificate is for. "
        "A reliability diagram is drawn from 500 tickets with gold on."
    )
    return Section("How sure the models are", joined((*parts, element("p", note, class_="note"))))


def _table(scores: Sequence[Score]) -> Markup:
    rows = []
    for score in scores:
        for wanted in _SHOWN_COVERAGES:
            point = min(score.risk_coverage, key=lambda point: abs(point.coverage - wanted))
            rows.append(
                (
                    score.name,
                    f"{point.coverage:.0%}",
                    f"{point.threshold:.3f}",
                    f"{point.accuracy:.1%} [{point.low:.1%}, {point.high:.1%}]",
                    f"{point.n_tickets:,}",
                )
            )
    return table(("model", "answered", "least probability", "accuracy [95 %]", "tickets"), list(dict.fromkeys(rows)))


def _reliability(score: Score) -> list[Markup]:
    if not score.reliability:
        return []
    whiskers = [
        Whisker(
            f"{part.lowest:.2f} to {part.highest:.2f}",
            part.accuracy,
            part.low,
            part.high,
            f"mean {part.mean_probability:.1%}, right {part.accuracy:.1%}",
            0 if part.low <= part.mean_probability <= part.high else 1,
        )
        for part in score.reliability
    ]
    axis = Axis.around(min(whisker.low for whisker in whiskers), 1.0)
    heading = f"{score.name}: share right by probability (mean distance {score.calibration_error or 0.0:.1%})"
    return [element("h3", heading), whisker_chart(whiskers, axis, lambda value: f"{value:.0%}")]
