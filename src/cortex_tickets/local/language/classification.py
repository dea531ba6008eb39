"""Sorts texts into categories, as AI_CLASSIFY does on the embedded engine: by words, not by understanding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cortex_tickets.local.language.label_matching import Floats, Size, label_matcher
from cortex_tickets.local.language.label_options import LabelOption, LabelOptions, named_options

_ALSO_FITS = 0.6
"""With several labels allowed, one is given when its score is at least this share of the best one's."""


@dataclass(frozen=True, slots=True)
class Category:
    """One category that a text may be sorted into."""

    label: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the labels that are right for it."""

    text: str
    labels: tuple[str, ...]
    explanation: str | None = None


def classify_many(
    texts: Sequence[str],
    categories: Sequence[Category],
    *,
    task_description: str | None,
    examples: Sequence[Example],
    multiple: bool,
) -> list[list[str]]:
    """Return the labels of each text, in order: exactly one, or with `multiple` any number from none up.

    Where several labels fit equally well the first one is given. A category such as `Other` is given where
    nothing else fits.
    """
    labels = [category.label for category in categories]
    offered = named_options(labels, task_description or "")
    options = tuple(
        LabelOption(
            category.label,
            category.description or "",
            tuple(example.text for example in examples if category.label in example.labels),
        )
        for category in categories
    )
    offered = LabelOptions(options, offered.abstain, 0)
    scores = label_scores(texts, offered, "large")
    best = best_labels(scores, offered)
    if not multiple:
        return [[labels[at]] for at in best]
    fits = (scores > 0) & (scores >= _ALSO_FITS * scores.max(axis=1, keepdims=True))
    abstain = [offered.abstain] if offered.abstain is not None else []
    return [[labels[at] for at in np.flatnonzero(row)] or abstain for row in fits]


def label_scores(texts: Sequence[str], offered: LabelOptions, size: Size) -> Floats:
    """Return how much speaks for each label; nothing ever speaks for the label that abstains."""
    judged = tuple(option for option in offered.options if option.name != offered.abstain)
    scores = label_matcher(judged, size).scores(texts)
    if offered.abstain is None:
        return scores
    return np.insert(scores, [option.name for option in offered.options].index(offered.abstain), 0, axis=1)


def best_labels(scores: Floats, offered: LabelOptions) -> list[int]:
    """Return the index of each text's label: ties go to the first, nothing found to the one that abstains."""
    best = scores.argmax(axis=1)
    if offered.abstain is not None:
        names = [option.name for option in offered.options]
        best = np.where(scores.max(axis=1) > 0, best, names.index(offered.abstain))
    return [int(at) for at in best]
