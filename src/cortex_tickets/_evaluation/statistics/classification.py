"""Per-label counts, macro F1 and kappa, with defined behaviour where a label never occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How often a label was right, given and true."""

    right: int
    given: int
    true: int

    @property
    def precision(self) -> float | None:
        """Share of the tickets given this label that have it; `None` if it was never given."""
        return self.right / self.given if self.given else None

    @property
    def recall(self) -> float | None:
        """Share of the tickets with this label that were given it; `None` if none has it."""
        return self.right / self.true if self.true else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; 0 if never right, `None` if the label was neither given nor true."""
        return 2 * self.right / (self.given + self.true) if self.given + self.true else None


def label_counts(labels: Sequence[str], gold: Sequence[str], given: Sequence[str | None]) -> dict[str, LabelCount]:
    """Return the counts of each of `labels`; a ticket without a label given counts in no label's `given`."""
    right = Counter(true for true, said in zip(gold, given, strict=True) if true == said)
    true, said = Counter(gold), Counter(given)
    return {label: LabelCount(right[label], said[label], true[label]) for label in labels}


def macro_f1(counts: Sequence[LabelCount]) -> float | None:
    """Return the mean F1 over the labels that some ticket truly has; `None` if there are none.

    Source:
        Sokolova and Lapalme (2009), Information Processing and Management 45:427-437.
    """
    values = [count.f1 or 0.0 for count in counts if count.true]
    return sum(values) / len(values) if values else None


def agreement_kappa(first: Sequence[str | None], second: Sequence[str | None]) -> float | None:
    """Return Cohen's kappa of two labellings; `None` if chance alone would make them agree always.

    A ticket without a label from either counts as a disagreement, also where both have none.

    Source:
        Cohen (1960), Educational and Psychological Measurement 20:37-46.
    """
    n = len(first)
    if n == 0:
        return None
    agreed = sum(a is not None and a == b for a, b in zip(first, second, strict=True)) / n
    ours, theirs = Counter(first), Counter(second)
    by_chance = sum(ours[label] * theirs[label] for label in ours if label is not None) / (n * n)
    return (agreed - by_chance) / (1 - by_chance) if by_chance < 1 else None
