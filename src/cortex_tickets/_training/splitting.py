"""Puts each group on one side: training, validation or test.

By default the side is chosen by a hash of the seed and the group, so that added tickets move nothing. With dates the
newest groups are the test, as they will be in use.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from cortex_tickets.errors import InvalidTrainingSetError
from cortex_tickets.records.split import Shares, Split

MAX_GROUP_SHARE = 0.1
"""A group with more of the texts than this is trained on: on the test side it would be most of the measurement."""
WORTH_A_NOTE = 0.1
"""A label whose share of groups on a side is further from the wanted share than this is reported."""
_SIDES = (Split.TRAINING, Split.VALIDATION, Split.TEST)


@dataclass(frozen=True, slots=True)
class Grouped:
    """One group of near-identical texts."""

    name: str
    label: str | None
    n_texts: int
    """Distinct texts in it."""
    first_at: datetime | None = None
    """When its first ticket was opened."""
    n_tickets: int = 1
    """Tickets in it."""
    kept: Split | None = None
    """The side it had in an earlier set, which it keeps."""


def kept_side(sides: AbstractSet[Split]) -> Split | None:
    """Return the side that a group keeps, given the sides its texts had; `None` for a group that is new.

    Texts of two sides that have become near-copies are trained on: what was trained on once must not be measured.
    """
    if len(sides) > 1:
        return Split.TRAINING
    return next(iter(sides), None)


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
    too_large = [group for group in groups if group.n_texts > max(MAX_GROUP_SHARE * total, 2)]
    fixed = {group.name for group in too_large}
    fixed |= {group.name for group in groups if group.kept is not None}
    sides = {group.name: group.kept or shares.side(positions[group.name]) for group in groups}
    sides |= {group.name: Split.TRAINING for group in too_large}
    notes = [
        f"a group of {group.n_texts} near-identical texts is more than {MAX_GROUP_SHARE:.0%} of all, "
        "so it is trained on and not measured"
        for group in too_large
    ]
    placement = _Placement(sides, positions, shares, fixed)
    by_label: defaultdict[str, list[Grouped]] = defaultdict(list)
    for group in groups:
        if group.label is not None:
            by_label[group.label].append(group)
    for label, members in sorted(by_label.items()):
        notes += placement.fill(label, members)
    return sides, notes


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


@dataclass(frozen=True, slots=True)
class _Placement:
    """The side of every group, and what may be moved."""

    sides: dict[str, Split]
    positions: Mapping[str, float]
    shares: Shares
    fixed: set[str]

    def fill(self, label: str, members: Sequence[Grouped]) -> list[str]:
        """Give a label at least half of its due groups on every side, and say what deviates all the same."""
        due = {side: max(1, int(self.shares.of(side) * len(members) / 2)) for side in _SIDES}
        moved = {side: self._move_to(side, members, due) for side in _SIDES}
        return [
            f"{label}: {count} of {len(members)} groups were moved to {side}, which had too few of it"
            for side, count in moved.items()
            if count
        ] + self._deviations(label, members)

    def _move_to(self, side: Split, members: Sequence[Grouped], due: Mapping[Split, int]) -> int:
        """Move the groups whose position is nearest to the side, until it has what is due; return how many."""
        moved = 0
        while True:
            counts = self._counts(members)
            movable = [
                group
                for group in members
                if counts[self.sides[group.name]] > due[self.sides[group.name]] and group.name not in self.fixed
            ]
            if counts[side] >= due[side] or not movable:
                return moved
            middle = self.shares.middle(side)
            nearest = min(movable, key=lambda group: (abs(self.positions[group.name] - middle), group.name))
            self.sides[nearest.name] = side
            moved += 1

    def _deviations(self, label: str, members: Sequence[Grouped]) -> list[str]:
        """Compare by tickets, which is what a figure is measured on, not by groups."""
        tickets: Counter[Split] = Counter()
        for group in members:
            tickets[self.sides[group.name]] += group.n_tickets
        shares = {side: tickets[side] / tickets.total() for side in _SIDES}
        return [
            f"{label}: {shares[side]:.0%} of its tickets are in {side}, {self.shares.of(side):.0%} were meant"
            for side in _SIDES
            if abs(shares[side] - self.shares.of(side)) > WORTH_A_NOTE
        ]

    def _counts(self, members: Sequence[Grouped]) -> Counter[Split]:
        return Counter(self.sides[group.name] for group in members)


def _position(seed: int, group: str) -> float:
    digest = hashlib.sha256(f"{seed}:{group}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
