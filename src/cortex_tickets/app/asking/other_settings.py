"""What a training set was made of, held against the labels and tables that the app has now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cortex_tickets import LabelSet, TrainingSet
from cortex_tickets.app.desk import Desk, quoted

_SHOWN = 5
_USABLE_PART = re.compile(r'_USABLE_[0-9A-F]{12}"$')
"""How the name of a view ends that `gold.usable_gold` made of a gold table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """In what a training set is not of what the app has now."""

    reasons: str
    """What is another thing, for a reader."""
    is_of_other_labels: bool
    """Whether it has labels that the app has not, or lacks one: no model of the app can be measured on it."""

    @property
    def said(self) -> str:
        """What a reader is told of the set, and what to do."""
        return f"This training set was made with other settings: {self.reasons}. Build it anew on the page Fine-tune."


def difference(desk: Desk, made: TrainingSet) -> Difference | None:
    """Return in what a training set is of other labels or tables than the app's; `None` where it is in nothing.

    Asks no model; one statement at most, the first time.
    """
    theirs, ours = made.prompt.labels, desk.settings.labels
    reasons = [*_labels_said(theirs, ours), *_tables_said(desk, made)]
    return Difference("; ".join(reasons), set(theirs.names) != set(ours.names)) if reasons else None


def _labels_said(theirs: LabelSet, ours: LabelSet) -> list[str]:
    if theirs == ours:
        return []
    foreign = [name for name in theirs.names if name not in ours.names]
    lacking = [name for name in ours.names if name not in theirs.names]
    if foreign or lacking:
        has = f"it has the {_labels(foreign)}, which the app has not" if foreign else ""
        lacks = f"lacks {_listed(lacking)}" if lacking else ""
        return [f"{has}, and {lacks}" if has and lacks else has or f"it {lacks}"]
    known = {label.name: label for label in theirs.labels}
    changed = [label.name for label in ours.labels if label != known[label.name]]
    if changed:
        return [f"the {_labels(changed)} had another description or other examples"]
    return ["the labels are in another order, or another one stands for what fits none"]


def _tables_said(desk: Desk, made: TrainingSet) -> list[str]:
    settings = desk.settings
    held = (
        ("its tickets", made.source, settings.tickets),
        ("its labels by models", made.labels_table, settings.ledger),
        ("its labels by people", made.gold_table, settings.gold),
    )
    return [
        f"{what} are those of {theirs}, the app's those of {ours}"
        for what, theirs, ours in held
        if theirs is not None and _USABLE_PART.sub('"', quoted(theirs)) != desk.full_name(ours)
    ]


def _labels(names: Sequence[str]) -> str:
    return f"label{'' if len(names) == 1 else 's'} {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    """Return names as a sentence has them, the first of them where they are many."""
    *shown, last = names
    if len(shown) >= _SHOWN:
        return f"{', '.join(shown[:_SHOWN])} and {len(shown) + 1 - _SHOWN} more"
    return f"{', '.join(shown)} and {last}" if shown else last
