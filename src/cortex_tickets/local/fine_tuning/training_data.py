"""What training rows must look like, and what all of their prompts share; no learning happens here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Pair = tuple[str, str]

_SHOWN_ROWS = 5


class TrainingDataError(ValueError):
    """The rows cannot be trained on. The message names rows by number and never quotes them."""


def check_pairs(pairs: Sequence[Pair], name: str) -> None:
    """Refuse rows that are missing, blank or not text.

    Args:
        pairs: Prompt and completion of each row, as the training query gave them.
        name: What the rows are called in the message: `training data` or `validation data`.

    Raises:
        TrainingDataError: When there are no rows, or a prompt or a completion is NULL, blank or not a string.
    """
    if not pairs:
        raise TrainingDataError(f"The {name} has no rows; at least one row with a prompt and a completion is expected.")
    problems = [
        problem
        for column, kind in ((0, "prompt"), (1, "completion"))
        if (problem := _column_problem(pairs, column, kind))
    ]
    if problems:
        raise TrainingDataError(
            f"The {name} has unusable values: {'; '.join(problems)}. "
            "Every prompt and every completion must be a text that is not blank."
        )


def check_completions(pairs: Sequence[Pair]) -> None:
    """Refuse training rows that all have the same completion.

    Raises:
        TrainingDataError: When fewer than two distinct completions stand in the rows.
    """
    if len({completion for _, completion in pairs}) < 2:  # noqa: PLR2004  two is what "different" means
        raise TrainingDataError(
            f"All {len(pairs)} rows of the training data have the same completion; "
            "at least 2 distinct completions are expected, else there is nothing to learn."
        )


def _column_problem(pairs: Sequence[Pair], column: int, kind: str) -> str:
    # The annotation says text, but the rows come from a query of the user's: NULL and numbers arrive here.
    values: list[object] = [pair[column] for pair in pairs]
    bad = [row for row, value in enumerate(values, 1) if not isinstance(value, str) or not value.strip()]
    if not bad:
        return ""
    shown = ", ".join(map(str, bad[:_SHOWN_ROWS])) + (", ..." if len(bad) > _SHOWN_ROWS else "")
    return f"{len(bad)} of {len(pairs)} rows have a {kind} that is NULL, blank or not a text (rows {shown})"


@dataclass(frozen=True, slots=True)
class PromptFrame:
    """The words around the part of the prompts that differs: the same in every training prompt."""

    prefix: str
    suffix: str

    @classmethod
    def shared_by(cls, prompts: Sequence[str]) -> PromptFrame:
        """Find what all prompts begin and end with, cut back to whole words."""
        prefix = _shared_beginning(prompts)
        if any(prompt == prefix for prompt in prompts):
            # One prompt is the beginning of all others: then the shared words are text, not a frame.
            return cls("", "")
        prefix = prefix[: _last_break(prefix)]
        reversed_rests = [prompt[len(prefix) :][::-1] for prompt in prompts]
        suffix = _shared_beginning(reversed_rests)
        suffix = suffix[: _last_break(suffix)][::-1]
        return cls(prefix, suffix)

    def inside(self, prompt: str) -> str:
        """Return the part of a prompt that the frame leaves; a prompt without the frame stays whole."""
        if not (prompt.startswith(self.prefix) and prompt.endswith(self.suffix)):
            return prompt
        inner = prompt[len(self.prefix) : len(prompt) - len(self.suffix)]
        return inner if inner.strip() else prompt


def _shared_beginning(texts: Sequence[str]) -> str:
    # Whatever the first and the last in sorted order share, all between them share too.
    first, last = min(texts), max(texts)
    length = next((at for at, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), len(first))
    return first[:length]


def _last_break(text: str) -> int:
    """Give the length of the longest beginning that does not end inside a word."""
    for end in range(len(text), 0, -1):
        if not text[end - 1].isalnum():
            return end
    return 0
