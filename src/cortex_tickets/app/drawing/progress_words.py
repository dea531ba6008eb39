"""How far work is, in words: each phase of it has its own, since each is counted from its own beginning."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets import BuildProgress, BuildStep, RunProgress
from cortex_tickets.app.drawing.plain_text import escaped

_SECONDS_IN_A_MINUTE = 90
_SECOND_TRY = "reply_again"
_LETTERS = ("reply", _SECOND_TRY)
_STEPS: Mapping[BuildStep, tuple[str, str]] = {
    BuildStep.LABELLING: ("Labelling", "texts"),
    BuildStep.READING: ("Reading tickets and labels", ""),
    BuildStep.GROUPING: ("Looking for near-copies", "texts"),
    BuildStep.WRITING: ("Writing", "tickets"),
}
"""What a step of building a training set is called, and what it counts."""


def words_of_progress(progress: RunProgress | BuildProgress | None) -> str:
    """Return how far work is; `None` is work that has not told yet."""
    match progress:
        case None:
            return "Getting ready"
        case BuildProgress():
            called, counted = _STEPS[progress.step]
            return escaped(f"{called}: {_counted(progress, counted)}" if progress.n_all else called)
        case _:
            return escaped(", ".join(_parts_of_run(progress)))


def _counted(progress: RunProgress | BuildProgress, what: str) -> str:
    return f"{progress.n_done:,} of {progress.n_all:,} {what}"


def _parts_of_run(progress: RunProgress) -> list[str]:
    # The model's name tells the phases of a comparison apart, which asks one after the other.
    asked = _counted(progress, "letters" if progress.operation in _LETTERS else "texts")
    parts = [f"{progress.model}: {asked}"]
    if progress.operation == _SECOND_TRY:
        parts.insert(0, "Second try of letters with findings")
    if progress.n_errors:
        parts.append(f"{progress.n_errors:,} errors")
    if progress.ai_credits is not None:
        parts.append(f"{progress.ai_credits:.4f} AI credits")
    if progress.seconds_left:
        seconds = progress.seconds_left
        left = f"{seconds:.0f} s" if seconds < _SECONDS_IN_A_MINUTE else f"{seconds / 60:.0f} min"
        parts.append(f"about {left} left")
    return parts
