"""The sections that an evaluation gives to a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cortex_tickets._evaluation.report.axis import Axis
from cortex_tickets._evaluation.report.charts import Point, Whisker, scatter_chart, whisker_chart
from cortex_tickets._evaluation.report.confidence_section import confidence_section
from cortex_tickets._evaluation.report.parts import facts, paragraphs, sentences
from cortex_tickets._evaluation.report.section import Section
from cortex_tickets._evaluation.report.tables import MAX_CONFUSED, MAX_MATRIX_LABELS, heat_table, table
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.text_table import credits_text, score_rows
from cortex_tickets.markup import Child, Markup, element, joined

if TYPE_CHECKING:
    from cortex_tickets._evaluation.results.evaluation import Evaluation
    from cortex_tickets._evaluation.results.label_score import LabelScore
    from cortex_tickets._evaluation.results.score import Score
    from cortex_tickets._evaluation.results.teacher_audit import TeacherAudit

OPEN_LABELS = 20
"""Label tables longer than this are folded."""
MAX_BESIDE = 6
"""Confusion matrices of at most so many columns stand beside each other where the page is wide."""


def evaluation_sections(evaluation: Evaluation) -> list[Section]:
    """Return the comparison, the labels, the confusion matrices, the outcomes and the cost."""
    found = [_comparison(evaluation)]
    if evaluation.comparisons:
        found.append(_differences(evaluation))
    if evaluation.n_gold:
        found += [_labels(evaluation), _confusion(evaluation)]
    if evaluation.teacher_audit is not None:
        found.append(_audit(evaluation.teacher_audit))
    if any(score.risk_coverage for score in evaluation.scores):
        found.append(confidence_section(evaluation.scores))
    return [*found, _outcomes(evaluation), _cost(evaluation)]


def _comparison(evaluation: Evaluation) -> Section:
    teacher = "" if evaluation.teacher is None else f" Agreement and kappa are with {evaluation.teacher}: not accuracy."
    headings, *rows = score_rows(evaluation.scores)
    return Section(
        "Models side by side",
        joined(
            (
                element("div", paragraphs(evaluation.verdict), class_="verdict"),
                facts(
                    {
                        "test tickets": f"{evaluation.n_tickets:,}",
                        "distinct texts": f"{evaluation.n_texts:,}",
                        "groups of near-copies": f"{evaluation.n_groups:,}",
                        "with gold": f"{evaluation.n_gold:,}",
                    }
                ),
                _share_chart(evaluation),
                table(headings, rows),
                element(
                    "p",
                    "Dots are measured shares, lines their 95 % intervals by group of near-identical texts. "
                    "Errors and answers that are no label count as wrong." + teacher,
                    class_="note",
                ),
                sentences(evaluation.notes),
            )
        ),
    )


def _share_chart(evaluation: Evaluation) -> Markup | None:
    """Accuracy where there is gold, else agreement, and each says what it is."""
    is_accuracy = evaluation.n_gold > 0
    shares = [(score, score.accuracy if is_accuracy else score.agreement) for score in evaluation.scores]
    whiskers = [_whisker(score, share) for score, share in shares if share is not None]
    if not whiskers:
        return None
    axis = Axis.around(min(whisker.low for whisker in whiskers), 1.0)
    title = "Accuracy against gold" if is_accuracy else "Agreement with the teacher (no gold: this is not accuracy)"
    return joined((element("h3", title), whisker_chart(whiskers, axis, _as_percent)))


def _whisker(score: Score, share: Share) -> Whisker:
    tone = {"teacher": 2, "student": 0, "base": 0, "baseline": 1}[score.role]
    return Whisker(score.name, share.value, share.low, share.high, str(share), tone)


def _differences(evaluation: Evaluation) -> Section:
    whiskers = [
        Whisker(
            f"{pair.first} − {pair.second}",  # noqa: RUF001  a minus sign
            pair.difference,
            pair.low,
            pair.high,
            f"{pair.difference * 100:+.1f} [{pair.low * 100:+.1f}, {pair.high * 100:+.1f}]",
            0 if pair.is_significant else 1,
        )
        for pair in evaluation.comparisons
    ]
    reach = max(max(abs(whisker.low), abs(whisker.high)) for whisker in whiskers)
    axis = Axis.around(-reach, reach, n_ticks=4)
    rows = [
        (
            f"{pair.first} and {pair.second}",
            f"{pair.n_only_first} / {pair.n_only_second}",
            f"{pair.p_value:.3g}",
            f"{pair.p_corrected:.3g}",
            "a difference" if pair.is_significant else "not told apart",
        )
        for pair in evaluation.comparisons
    ]
    return Section(
        "Differences between models",
        joined(
            (
                element("h3", "Difference of accuracy, in points, on the same tickets"),
                whisker_chart(whiskers, axis, lambda value: f"{value * 100:+.0f}" if value else "0", zero=0.0),
                table(("pair", "only first / only second right", "exact p", "corrected p", "verdict"), rows),
                element(
                    "p",
                    "Exact paired test by group (McNemar's where every group is one ticket), corrected by Holm's "
                    "method over all pairs shown.",
                    class_="note",
                ),
            )
        ),
    )


def _labels(evaluation: Evaluation) -> Section:
    columns = ("label", "gold", *(score.name for score in evaluation.scores))
    rows: list[list[Child]] = [
        [first.label, f"{first.support:,}", *(_label_cell(score.labels[place]) for score in evaluation.scores)]
        for place, first in enumerate(evaluation.scores[0].labels)
    ]
    shown = table(columns, rows)
    if len(rows) > OPEN_LABELS:
        shown = element("details", element("summary", f"Show all {len(rows)} labels"), shown)
    note = "F1, and under it precision (P) and recall (R). A dash stands where a figure is not defined."
    return Section("Per label", joined((shown, element("p", note, class_="note"))))


def _label_cell(score: LabelScore) -> Markup:
    return joined((_or_dash(score.f1), element("small", f"P {_or_dash(score.precision)}  R {_or_dash(score.recall)}")))


def _confusion(evaluation: Evaluation) -> Section:
    matrices = [(score.name, score.confusion) for score in evaluation.scores if score.confusion is not None]
    shown = [element("div", element("h3", name), heat_table(matrix)) for name, matrix in matrices]
    is_small = max(len(matrix.columns) for _, matrix in matrices) <= MAX_BESIDE
    is_list = len(evaluation.labels) > MAX_MATRIX_LABELS
    note = (
        "The pairs that are confused most."
        if is_list
        else "Rows are gold labels, columns what the model said, outcomes without a label in italics. "
        "The colour is the share of the row."
    )
    return Section(
        "Confusion",
        joined((element("p", note, class_="note"), element("div", shown, class_="beside" if is_small else None))),
    )


def _audit(audit: TeacherAudit) -> Section:
    rows = [
        (
            pair.gold,
            pair.said,
            f"{pair.n_tickets} of {pair.n_of}",
            f"{pair.n_groups} of {pair.n_groups_of}",
            f"{pair.p_corrected:.2g}",
        )
        for pair in audit.confused[:MAX_CONFUSED]
    ]
    columns = ("gold", "the teacher said", "tickets", "groups", "corrected p")
    note = (
        f"Exact binomial tail of the groups, were errors spread evenly over the other labels; corrected by Holm's "
        f"method over {audit.n_pairs} pairs."
    )
    shown = joined((table(columns, rows, n_text_columns=2), element("p", note, class_="note"))) if rows else None
    return Section("The teacher against gold", joined((paragraphs(audit.sentences), shown)))


def _outcomes(evaluation: Evaluation) -> Section:
    seen = list(dict.fromkeys(outcome for score in evaluation.scores for outcome in score.outcomes))
    rows = [
        (score.name, *(f"{score.outcomes.get(outcome, 0.0):.1%}" for outcome in seen)) for score in evaluation.scores
    ]
    note = f"Shares of all {evaluation.n_tickets:,} test tickets."
    return Section("Outcomes", joined((table(("model", *seen), rows), element("p", note, class_="note"))))


def _cost(evaluation: Evaluation) -> Section:
    rows = [
        (
            score.name,
            _tokens(score.input_tokens_per_ticket),
            _tokens(score.output_tokens_per_ticket),
            _tokens(score.input_tokens_per_text),
            credits_text(score.ai_credits_per_1000),
            _dollars(score, evaluation.dollars_per_ai_credit),
            "-" if score.n_texts_asked is None else f"{score.n_texts_asked:,}",
            "-" if score.seconds is None else f"{score.seconds:.1f}",
        )
        for score in evaluation.scores
    ]
    columns = (
        "model",
        "tokens in / ticket",
        "tokens out / ticket",
        "tokens in / text asked",
        "credits / 1,000 tickets",
        "$ / 1,000 tickets",
        "texts asked now",
        "seconds now",
    )
    note = (
        "Tokens for a ticket are as billed: equal texts are asked once and spread over their tickets. AI credits at "
        f"the prices of {evaluation.price_date.isoformat()}, without warehouse time; unknown is not 0. Texts "
        "that stood in the ledger were not asked again."
    )
    return Section("Cost", joined((_cost_chart(evaluation), table(columns, rows), element("p", note, class_="note"))))


def _cost_chart(evaluation: Evaluation) -> Markup | None:
    points = [
        Point(
            score.name,
            score.ai_credits_per_1000,
            score.accuracy.value,
            score.accuracy.low,
            score.accuracy.high,
            f"{score.accuracy.value:.1%}, {credits_text(score.ai_credits_per_1000)} credits",
        )
        for score in evaluation.scores
        if score.accuracy is not None and score.ai_credits_per_1000 is not None
    ]
    if len(points) < 2 or not any(point.x for point in points):  # noqa: PLR2004  one point compares nothing
        return None
    return scatter_chart(
        points,
        x_tick=lambda value: f"{value:g}",
        y_tick=_as_percent,
        caption="Accuracy against AI credits for 1,000 tickets; models whose price is unknown are not drawn",
    )


def _as_percent(value: float) -> str:
    return f"{value * 100:g} %" if abs(value * 100 - round(value * 100)) > 1e-6 else f"{round(value * 100)} %"  # noqa: PLR2004  of rounding


def _tokens(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f}"


def _dollars(score: Score, dollars_per_credit: float) -> str:
    if score.ai_credits_per_1000 is None:
        return "unknown"
    return f"{score.ai_credits_per_1000 * dollars_per_credit:.4f}" if score.ai_credits_per_1000 else "0"


def _or_dash(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
