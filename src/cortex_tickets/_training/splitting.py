"""Puts each group on one side: training, validation or test.

By default the side is chosen by a hash of the seed and the group, so that added tickets move nothing. With dates the
newest groups are the test, as they will be in use.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.training_set import Split

MAX_GROUP_SHARE = 0.1
"""A group with more of the texts than this is trained on: on the test side it would be most of the measurement."""
_SIDES = (Split.TRAINING, Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class Shares:
    """Which part of the groups each side gets, 0 to 1."""

    training: float = 0.6
    validation: float = 0.15
    test: float = 0.25

    def __post_init__(self) -> None:
        parts = (self.training, self.validation, self.test)
        if any(not 0 < part < 1 for part in parts) or abs(sum(parts) - 1) > 1e-9:  # noqa: PLR2004  rounding of floats
            raise InvalidInputError(
                f"The shares {parts} of training, validation and test must each be between 0 and 1 and add up to 1."
            )

    def side(self, position: float) -> Split:
        """Return the side of a position between 0 and 1; the test comes last."""
        if position < self.training:
            return Split.TRAINING
        return Split.VALIDATION if position < self.training + self.validation else Split.TEST

    def middle(self, side: Split) -> float:
        """Return the middle of a side's part of 0 to 1."""
        return {
            Split.TRAINING: self.training / 2,
            Split.VALIDATION: self.training + self.validation / 2,
            Split.TEST: 1 - self.test / 2,
        }[side]


@dataclass(frozen=True, slots=True)
class Grouped:
    """One group: its name, label, number of distinct texts, and when its first ticket was opened."""

    name: str
    label: str | None
    n_texts: int
    first_at: datetime | None = None


def split_by_hash(groups: Sequence[Grouped], *, seed: int, shares: Shares) -> tuple[dict[str, Split], list[str]]:
    """Return the side of each group, and notes on what was moved.

    Raises:
        InvalidTrainingSetError: If a label has fewer groups than there are sides.
    """
    positions = {group.name: _position(seed, group.name) for group in groups}
    return _split(groups, positions, shares)


def split_by_time(groups: Sequence[Grouped], *, shares: Shares) -> tuple[dict[str, Split], list[str]]:
    """Return the side of each group by its first ticket: the oldest are trained on, the newest are the test.

    Raises:
        InvalidTrainingSetError: If a group has no date, or a label has fewer groups than there are sides.
    """
    undated = sum(1 for group in groups if group.first_at is None)
    if undated:
        raise InvalidTrainingSetError(
            f"{undated} of {len(groups)} groups have no date, so they cannot be split by time. "
            "Give every ticket its date, or split='group'."
        )
    dated = sorted(groups, key=lambda group: (group.first_at or datetime.min, group.name))  # noqa: DTZ901  never used
    total = sum(group.n_texts for group in dated)
    positions: dict[str, float] = {}
    before = 0
    for group in dated:
        positions[group.name] = before / total
        before += group.n_texts
    return _split(groups, positions, shares)


def _split(
    groups: Sequence[Grouped], positions: Mapping[str, float], shares: Shares
) -> tuple[dict[str, Split], list[str]]:
    _require_enough(groups)
    total = sum(group.n_texts for group in groups)
    sides = {group.name: shares.side(positions[group.name]) for group in groups}
    too_large = [group for group in groups if group.n_texts > max(MAX_GROUP_SHARE * total, 2)]
    for group in too_large:
        sides[group.name] = Split.TRAINING
    notes = [
        f"a group of {group.n_texts} near-identical texts is more than {MAX_GROUP_SHARE:.0%} of all, "
        "so it is trained on and not measured"
        for group in too_large
    ]
    fixed = {group.name for group in too_large}
    return sides, notes + _fill_empty_sides(groups, positions, shares, sides, fixed)


def _require_enough(groups: Sequence[Grouped]) -> None:
    counts = Counter(group.label for group in groups if group.label is not None)
    rare = {label: count for label, count in counts.items() if count < len(_SIDES)}
    if rare:
        raise InvalidTrainingSetError(
            f"The label {label!r} has {count} group{'s' if count > 1 else ''} of texts, too few to split: it needs "
            f"at least {len(_SIDES)}, one each for training, validation and test. Add tickets of other wording that "
            "have it, or leave it out of the labels."
            for label, count in sorted(rare.items())
        )


def _fill_empty_sides(
    groups: Sequence[Grouped],
    positions: Mapping[str, float],
    shares: Shares,
    sides: dict[str, Split],
    fixed: set[str],
) -> list[str]:
    """Give a label that has no group on a side the one that is nearest to that side."""
    notes = []
    by_label: defaultdict[str, list[Grouped]] = defaultdict(list)
    for group in groups:
        if group.label is not None:
            by_label[group.label].append(group)
    for label, members in sorted(by_label.items()):
        for side in _SIDES:
            counts = Counter(sides[group.name] for group in members)
            if counts[side]:
                continue
            movable = [group for group in members if counts[sides[group.name]] > 1 and group.name not in fixed]
            if not movable:
                continue
            nearest = min(movable, key=lambda group: (abs(positions[group.name] - shares.middle(side)), group.name))
            notes.append(f"{label}: one group was moved from {sides[nearest.name]} to {side}, which had none")
            sides[nearest.name] = side
    return notes


def _position(seed: int, group: str) -> float:
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
