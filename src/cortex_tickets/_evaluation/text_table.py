"""An evaluation as lines of text, in columns that stand under each other."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._evaluation.results.score import Score

HEADINGS = (
    "model",
    "accuracy [95 %]",
    "macro F1",
    "agreement",
    "kappa",
    "off-label",
    "error",
    "tokens/ticket",
    "credits/1,000",
)
_BEFORE_COST = HEADINGS.index("tokens/ticket")
UNKNOWN = "unknown"
NOT_APPLICABLE = "-"


def score_rows(scores: Sequence[Score]) -> list[tuple[str, ...]]:
    """Return the headings and each score's figures as text; what went to a teacher only where there is a cascade."""
    rows = [HEADINGS, *map(_cells, scores)]
    if all(score.share_escalated is None for score in scores):
        return rows
    escalated = ("escalated", *(_share(score.share_escalated) for score in scores))
    return [(*row[:_BEFORE_COST], cell, *row[_BEFORE_COST:]) for row, cell in zip(rows, escalated, strict=True)]


def _share(value: float | None) -> str:
    return NOT_APPLICABLE if value is None else f"{value:.1%}"


def _cells(score: Score) -> tuple[str, ...]:
    """Return a score's figures as text, in the order of `HEADINGS`."""
    read, written = score.input_tokens_per_ticket, score.output_tokens_per_ticket
    return (
        score.name,
        NOT_APPLICABLE if score.accuracy is None else str(score.accuracy),
        NOT_APPLICABLE if score.macro_f1 is None else f"{score.macro_f1:.3f}",
        NOT_APPLICABLE if score.agreement is None else f"{score.agreement.value:.1%}",
        NOT_APPLICABLE if score.kappa is None else f"{score.kappa:.3f}",
        f"{score.off_label_rate:.1%}",
        f"{score.error_rate:.1%}",
        UNKNOWN if read is None or written is None else f"{read + written:.1f}",
        credits_text(score.ai_credits_per_1000),
    )


def credits_text(credits_: float | None) -> str:
    """Return credits as text: `unknown` is not 0."""
    if credits_ is None:
        return UNKNOWN
    return f"{credits_:.4f}" if credits_ else "0"


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
