"""What a training set was made of, held against the labels and tables that the app has now."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cortex_tickets import LabelSet, TrainingSet
from cortex_tickets.app.desk import Desk, quoted

_SHOWN = 5
_GOLD = "its labels by people"
_USABLE_PART = re.compile(r'_USABLE_[0-9A-F]{12}"$')
"""How the name of a view ends that `gold.usable_gold` made of a gold table."""


@dataclass(frozen=True, slots=True)
class Difference:
    """In what a training set is not of what the app has now."""

    reasons: str
    """What is another thing, for a reader."""
    is_of_other_labels: bool
    """Whether its labels are not the app's in all that a model is asked with: names, descriptions, examples, order.

    Nothing is trained or measured on it then: the student would be asked with the labels of then, the others with those
    of now, and no verdict could say which labels it is about.
    """
    is_unlabelled: bool
    """Whether the tickets may have no labels yet that it could be built anew of."""

    def said(self, *, on_fine_tune: bool = False) -> str:
        """Return what a reader is told of the set, and what to do."""
        build = "Label the tickets on the page Overview, then build" if self.is_unlabelled else "Build"
        where = "below" if on_fine_tune else "on the page Fine-tune"
        return f"This training set was made with other settings: {self.reasons}. {build} it anew {where}."


def difference(desk: Desk, made: TrainingSet) -> Difference | None:
    """Return in what a training set is of other labels or tables than the app's; `None` where it is in nothing.

    Asks no model; one statement at most, the first time.
    """
    of_labels, of_tables = _labels_said(made.prompt.labels, desk.settings.labels), _tables_said(desk, made)
    if not of_labels and not of_tables:
        return None
    return Difference(
        reasons="; ".join([*of_labels, *of_tables.values()]),
        is_of_other_labels=bool(of_labels),
        is_unlabelled=bool(of_labels) or bool(of_tables.keys() - {_GOLD}),
    )


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


def _tables_said(desk: Desk, made: TrainingSet) -> dict[str, str]:
    settings = desk.settings
    held = (
        ("its tickets", made.source, settings.tickets),
        ("its labels by models", made.labels_table, settings.ledger),
        (_GOLD, made.gold_table, settings.gold),
    )
    return {
        what: f"{what} are those of {theirs}, the app's those of {ours}"
        for what, theirs, ours in held
        if theirs is not None and _USABLE_PART.sub('"', quoted(theirs)) != desk.full_name(ours)
    }


def _labels(names: Sequence[str]) -> str:
    return f"label{'' if len(names) == 1 else 's'} {_listed(names)}"


def _listed(names: Iterable[str]) -> str:
    """Return names as a sentence has them, the first of them where they are many."""
    *shown, last = names
    if len(shown) >= _SHOWN:
        return f"{', '.join(shown[:_SHOWN])} and {len(shown) + 1 - _SHOWN} more"
    return f"{', '.join(shown)} and {last}" if shown else last
