"""What a training set is made of, counted for its reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from cortex_tickets._training.candidate import Candidate
from cortex_tickets._training.cleaning import NO_LABEL
from cortex_tickets.near_copies import group_sizes
from cortex_tickets.records.split import Split
from cortex_tickets.training_set import LabelCounts, TrainingSetReport

Key = tuple[str, str]
_NONE = "(none)"


def make_report(
    candidates: Sequence[Candidate],
    *,
    labels: tuple[str, ...],
    groups: Mapping[str, str],
    sides: Mapping[Key, Split],
    dropped: Mapping[Key, str],
    notes: Sequence[str],
) -> TrainingSetReport:
    """Return the report of a training set."""
    sizes = group_sizes(groups)
    agreement, n_gold = _agreement(candidates)
    missing = tuple(label for label in labels if all(candidate.completion != label for candidate in candidates))
    return TrainingSetReport(
        n_tickets=len(candidates),
        n_texts=len(groups),
        n_groups=len(sizes),
        largest_group=max(sizes.values(), default=0),
        labels=_label_counts(candidates, labels, groups, sides, dropped),
        dropped=dict(sorted(Counter(dropped[c.key] for c in candidates if c.key in dropped).items())),
        split_groups=_split_groups(candidates, groups, sides),
        missing_labels=missing,
        teacher_agreement=agreement,
        n_gold=n_gold,
        notes=(*notes, *_notes(candidates, missing, sides, dropped)),
    )


def _label_counts(
    candidates: Sequence[Candidate],
    labels: tuple[str, ...],
    groups: Mapping[str, str],
    sides: Mapping[Key, Split],
    dropped: Mapping[Key, str],
) -> tuple[LabelCounts, ...]:
    counts: Counter[tuple[str, Split]] = Counter()
    members: dict[str, set[str]] = {}
    for candidate in candidates:
        name = candidate.completion or _NONE
        members.setdefault(name, set()).add(groups[candidate.text_hash])
        if sides[candidate.key] is Split.TEST or candidate.key not in dropped:
            counts[name, sides[candidate.key]] += 1
    shown = [*labels, _NONE] if _NONE in members else labels
    return tuple(
        LabelCounts(
            label=name,
            n_training=counts[name, Split.TRAINING],
            n_validation=counts[name, Split.VALIDATION],
            n_test=counts[name, Split.TEST],
            n_groups=len(members.get(name, ())),
        )
        for name in shown
    )


def _split_groups(
    candidates: Sequence[Candidate], groups: Mapping[str, str], sides: Mapping[Key, Split]
) -> dict[str, int]:
    members: dict[str, set[str]] = {side.value: set() for side in Split}
    for candidate in candidates:
        members[sides[candidate.key].value].add(groups[candidate.text_hash])
    return {side: len(found) for side, found in members.items()}


def _agreement(candidates: Sequence[Candidate]) -> tuple[float | None, int]:
    gold = [candidate for candidate in candidates if candidate.gold_label is not None]
    if not gold:
        return None, 0
    return sum(candidate.label == candidate.gold_label for candidate in gold) / len(gold), len(gold)


def _notes(
    candidates: Sequence[Candidate], missing: Sequence[str], sides: Mapping[Key, Split], dropped: Mapping[Key, str]
) -> list[str]:
    notes = [
        f"no ticket has the label {label!r}: no model can learn it here, and macro F1 leaves it out"
        for label in missing
    ]
    lost = sum(1 for c in candidates if sides[c.key] is Split.VALIDATION and dropped.get(c.key) == NO_LABEL)
    if lost:
        notes.append(
            f"{lost} validation tickets have no label from the teacher, so the validation loss leaves them out"
        )
    corrected = [c for c in candidates if c.correction is not None and c.key not in dropped]
    in_training = sum(sides[c.key] is Split.TRAINING for c in corrected)
    if in_training:
        notes.append(f"{in_training} tickets are trained with a corrected label")
    if others := len(corrected) - in_training:
        notes.append(f"{others} tickets with a corrected label fell into validation or test")
    return notes
