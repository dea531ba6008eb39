"""What a careful reader of the figures should know: zero support, corrections, grouping, unknown prices."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.scoring import OUTCOMES
from cortex_tickets._evaluation.test_rows import UNANSWERED, HeldOutTicket

ENGINE = (
    "The models here are the embedded engine's stand-ins: no language model answered, the tuned stand-in is itself "
    "a linear text model, like the baseline, and its token counts are approximations. These figures rehearse the "
    "procedure; they say nothing about Snowflake's models."
)


def remarks(
    scores: Sequence[Score], tickets: Sequence[HeldOutTicket], *, is_engine: bool, unknown_gold: Sequence[str]
) -> tuple[str, ...]:
    """Return the remarks, one sentence or two each."""
    found = [
        _support(scores),
        _corrections(tickets),
        _groups(tickets),
        _outcomes(scores),
        _prices(scores),
        *_calibration(scores),
    ]
    if unknown_gold:
        found.append(f"Gold has labels outside the label set, which no model can give: {', '.join(unknown_gold)}.")
    if is_engine:
        found.append(ENGINE)
    return tuple(remark for remark in found if remark)


def _support(scores: Sequence[Score]) -> str | None:
    first = scores[0]
    absent = [label.label for label in first.labels if not label.support]
    if not absent or first.macro_f1 is None:
        return None
    n_supported = len(first.labels) - len(absent)
    counted_as_zero = first.macro_f1 * n_supported / len(first.labels)
    is_, names = ("is", absent[0]) if len(absent) == 1 else ("are", ", ".join(absent))
    return (
        f"{names} {is_} not in the test split's gold: precision may be 0 there, recall is undefined, and macro F1 is "
        f"the mean over the other {n_supported} labels. A tool that counts such labels as 0 would say "
        f"{counted_as_zero:.3f} for {first.name} instead of {first.macro_f1:.3f}."
    )


def _corrections(tickets: Sequence[HeldOutTicket]) -> str | None:
    n_corrected = sum(ticket.is_corrected for ticket in tickets)
    n_gold = sum(ticket.gold is not None for ticket in tickets)
    parts = []
    if n_corrected:
        parts.append(
            f"{n_corrected:,} corrections are no random sample and are left out of accuracy: they were looked at "
            "because something was wrong."
        )
    if 0 < n_gold < len(tickets):
        parts.append(f"{n_gold:,} of {len(tickets):,} test tickets have gold that counts.")
    return " ".join(parts) or None


def _groups(tickets: Sequence[HeldOutTicket]) -> str | None:
    n_groups = len({ticket.group for ticket in tickets})
    if n_groups == len(tickets):
        return None
    return (
        f"{len(tickets):,} tickets stand in {n_groups:,} groups of identical and near-identical texts; intervals and "
        "tests go by group, because near-copies are right or wrong together."
    )


def _outcomes(scores: Sequence[Score]) -> str | None:
    seen = {outcome for score in scores for outcome in score.outcomes}
    without = [outcome for outcome in OUTCOMES[3:] if outcome in seen]
    if not without:
        return None
    names = ", ".join("not answered by an incomplete run" if name == UNANSWERED else name for name in without)
    return f"Tickets without a label ({names}) count as wrong; none is left out of any figure."


def _prices(scores: Sequence[Score]) -> str | None:
    unknown = [score.name for score in scores if score.role != "baseline" and score.ai_credits_per_1000 is None]
    if not unknown:
        return None
    return (
        f"Cost is unknown, not 0, for {', '.join(unknown)}: its price or its tokens are not known. "
        "Give prices={model: ModelPrice(...)} to the classifier, or to a cascade's student and teacher."
    )


def _calibration(scores: Sequence[Score]) -> list[str]:
    found = []
    for score in scores:
        if score.share_escalated is not None and score.n_calibration_tickets is None:
            found.append(
                f"It is not known whether {score.name} chose its threshold on some of these tickets, where its figures "
                "would flatter: the table that its certificate was written into is not known, or not there."
            )
        elif score.n_calibration_tickets:
            found.append(
                f"{score.name} chose its threshold on {score.n_calibration_tickets:,} of these tickets, near-copies "
                "included: there its figures flatter, and no gate passes on them. What holds of it says its "
                "certificate; to measure it, take tickets that came later."
            )
    return found
