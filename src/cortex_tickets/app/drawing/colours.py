"""The colours of charts and marks: few, the same everywhere, to be told apart on light and on dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

SERIES: Sequence[str] = ("#128a80", "#d98324", "#6c72d9", "#c2528b", "#7d9b2f", "#3d8fc4", "#9a6ad1", "#b0603a")
"""Colours of labels, in the order of the label set."""
INK, INK_ON_DARK = "#1c2726", "#e6eeec"
"""What is written, on light and on dark; the theme says the same."""
GOOD, WRONG = "#128a80", "#d14b4b"
"""What is right, and what is wrong."""
PEOPLE = "#e0559b"
"""What people said, beside what models say."""
NOTHING = "#93a3a1"
"""What has no label, no answer, or does not matter."""
OUTCOMES: Mapping[str, str] = {
    "valid": "#128a80",
    "repaired": "#7cc4bb",
    "abstained": "#6c72d9",
    "off_label": "#d98324",
    "refused": "#c2528b",
    "error": "#d14b4b",
    "blank": "#b9c4c2",
    "not asked": NOTHING,
}
"""Colours of outcomes, those that carry a label first."""
ROLES: Mapping[str, str] = {"teacher": "#6c72d9", "student": "#128a80", "base": "#d98324", "baseline": NOTHING}
"""Colours of models, by their role in an evaluation."""
SPLITS: Mapping[str, str] = {"training": "#128a80", "validation": "#d98324", "test": "#6c72d9"}
"""Colours of splits."""

OPERATIONS: Mapping[str, str] = {"classify": "#128a80", "reply": "#d98324", "reply_again": "#6c72d9"}
"""Colours of what a run did."""

BadgeColour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]
OUTCOME_BADGES: Mapping[str, BadgeColour] = {
    "valid": "green",
    "repaired": "green",
    "abstained": "violet",
    "off_label": "orange",
    "refused": "orange",
    "error": "red",
}
"""Badges of outcomes; all others are gray."""
STATUS_BADGES: Mapping[str, BadgeColour] = {
    "draft": "blue",
    "needs_review": "orange",
    "approved": "green",
    "rejected": "red",
}
"""Badges of replies."""


def label_colours(labels: Sequence[str]) -> list[str]:
    """Return a colour for each label, shape `(n_labels,)`; they repeat where there are more than eight."""
    return [SERIES[place % len(SERIES)] for place in range(len(labels))]
