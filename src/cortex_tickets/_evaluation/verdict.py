"""What the figures allow to be said, in words; often: nothing yet."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._evaluation.results.comparison import SIGNIFICANCE, Comparison
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.share import Share

ENOUGH_GROUPS = 100
"""Fewer groups with gold than this, as if of equal size, tell only very different models apart."""
EASY = 0.9
"""Where the linear baseline has this share right, the tickets are called easy."""
VERY_EASY = 0.98
"""The same for any other model."""
_NO_GOLD = (
    "No ticket of the test split has a gold label of a random sample, so no accuracy can be stated. "
    "Agreement with the teacher says how alike two models are, not which of them is right."
)
_ONE_MODEL = "Only one model was measured, without the linear baseline, so nothing can be said of which is better."


def verdict(scores: Sequence[Score], comparisons: Sequence[Comparison]) -> tuple[str, ...]:
    """Return the sentences that a reader should take away, the most important first."""
    if all(score.accuracy is None for score in scores):
        return (_NO_GOLD,)
    if not comparisons:
        return (_ONE_MODEL,)
    leaders = {role: _best(scores, role) for role in ("teacher", "student", "base", "baseline")}
    # A classifier always stands beside the baseline, so one of the three is there.
    judged = next(best for role in ("student", "base", "teacher") if (best := leaders[role]) is not None)
    sentences = [_size(scores, comparisons)]
    for role, say in (("baseline", _against_baseline), ("base", _against_base), ("teacher", _against_teacher)):
        other = leaders[role]
        if other is not None and other is not judged:
            sentences.append(say(judged, other, between(comparisons, judged.name, other.name)))
    return tuple(sentences)


def between(comparisons: Sequence[Comparison], first: str, second: str) -> Comparison:
    """Return the comparison of the two, the first minus the second."""
    pair = next(found for found in comparisons if {found.first, found.second} == {first, second})
    return pair if pair.first == first else pair.turned()


def least_visible(n_pairs: int) -> int:
    """Return the fewest groups, all won by one model, that Holm's first step can call a difference."""
    needed = 1
    while 2 * 0.5**needed * n_pairs > SIGNIFICANCE:
        needed += 1
    return needed


def _size(scores: Sequence[Score], comparisons: Sequence[Comparison]) -> str:
    size = comparisons[0]
    easy = _ease(scores)
    tickets = f"{size.n_tickets:,}{' easy' if easy else ''} test tickets in {size.n_groups:,} groups"
    if size.n_equal_groups < ENOUGH_GROUPS <= size.n_groups:
        tickets += f", which tell as much as {size.n_equal_groups:.0f} of equal size,"
    visible = least_visible(len(comparisons))
    told = [comparison for comparison in comparisons if comparison.is_significant]
    if size.n_equal_groups < ENOUGH_GROUPS:
        lead = f"{tickets} are too few to tell {'most ' if told else ''}models apart"
        limit = f"models that differ in fewer than {visible} of these groups could not be told apart in any case"
        return f"{lead}: {limit}.{easy}"
    if not told:
        return f"{tickets} do not tell these models apart: no pair differs by more than chance explains.{easy}"
    return f"{tickets} tell {len(told)} of {len(comparisons)} pairs of models apart.{easy}"


def _ease(scores: Sequence[Score]) -> str:
    """Return why the tickets are called easy, or nothing."""
    for role in ("baseline", "base", "student", "teacher"):
        best = _best(scores, role)
        if best is None or best.accuracy is None:
            continue
        if best.accuracy.value >= (EASY if role == "baseline" else VERY_EASY):
            name = "the linear baseline alone" if role == "baseline" else best.name
            return f" They are easy: {name} has {best.accuracy.value:.1%} right."
    return ""


def _best(scores: Sequence[Score], role: str) -> Score | None:
    """Return the most accurate model of a role, the first of equals."""
    return max(
        (score for score in scores if score.role == role), key=lambda score: _value(score.accuracy), default=None
    )


def _value(share: Share | None) -> float:
    return -1.0 if share is None else share.value


def _against_baseline(best: Score, _baseline: Score, comparison: Comparison) -> str:
    interval = _interval(comparison)
    if comparison.low > 0 and comparison.is_significant:
        return f"{best.name} is better than the linear baseline ({interval}): it earns its cost on these tickets."
    leave = "Do not fine-tune or train a student on this evidence"
    if comparison.high < 0 and comparison.is_significant:
        return (
            f"{leave}: the linear baseline is better than {best.name} ({interval}), and it costs nothing for each "
            "ticket."
        )
    return (
        f"{leave}: {best.name} is not shown to be better than the linear baseline ({interval}), which costs nothing "
        "for each ticket."
    )


def _against_base(best: Score, base: Score, comparison: Comparison) -> str:
    interval = _interval(comparison)
    if comparison.is_significant:
        gain = "better" if comparison.difference > 0 else "worse"
        return f"{best.name} is {gain} than {base.name}, which was not tuned ({interval})."
    return f"{best.name} and {base.name}, which was not tuned, are not told apart ({interval})."


def _against_teacher(best: Score, teacher: Score, comparison: Comparison) -> str:
    interval = _interval(comparison)
    if comparison.is_significant:
        return f"{best.name} is {'better' if comparison.difference > 0 else 'worse'} than the teacher ({interval})."
    worst = max(0.0, -comparison.low * 100)
    return (
        f"{best.name} and the teacher are not told apart ({interval}): "
        f"{best.name} may be up to {worst:.1f} points less accurate than {teacher.name}."
    )


def _interval(comparison: Comparison) -> str:
    return (
        f"difference {comparison.difference * 100:+.1f} points, "
        f"95 % interval {comparison.low * 100:+.1f} to {comparison.high * 100:+.1f}"
    )
