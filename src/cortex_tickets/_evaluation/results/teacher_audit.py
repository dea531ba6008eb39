"""The teacher held against gold: what its students cannot learn from it."""

from __future__ import annotations

from cortex_tickets._evaluation.results.comparison import SIGNIFICANCE
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets.records.record import Received


class ConfusedPair(Received):
    """Tickets of one gold label that the teacher gave another one."""

    gold: str
    """The label that is right."""
    said: str
    """The label that it gave instead."""
    n_tickets: int
    """Tickets of that gold label that it gave the other one."""
    n_of: int
    """Tickets of that gold label."""
    n_groups: int
    """The same in groups of near-copies, each counted by what most of its tickets were given: what the test goes by."""
    n_groups_of: int
    """Groups of that gold label."""
    p_value: float
    """Probability of at least so many, were errors spread evenly over the other labels; exact."""
    p_corrected: float
    """The same after Holm's correction over all pairs that could have been confused."""

    @property
    def is_significant(self) -> bool:
        """Whether the corrected p value is at most 0.05."""
        return self.p_corrected <= SIGNIFICANCE

    def __str__(self) -> str:
        groups = "" if self.n_groups_of == self.n_of else f" ({self.n_groups} of {self.n_groups_of} groups)"
        return (
            f"{self.said!r} for {self.n_tickets} of {self.n_of} tickets{groups} whose gold label is {self.gold!r} "
            f"(corrected p = {self.p_corrected:.2g})"
        )


class TeacherAudit(Received):
    """What the teacher's labels get wrong on the test tickets with gold. It holds no ticket text."""

    name: str
    """The teacher's name in the evaluation."""
    accuracy: Share
    """The teacher's own accuracy: what a student that copies it perfectly would have."""
    never_given: dict[str, int]
    """Labels that it never gave although gold has them, with the number of their tickets."""
    confused: tuple[ConfusedPair, ...]
    """Every pair that it confused, the least probable by chance first."""
    n_pairs: int
    """Pairs that could have been confused: what the correction is over."""

    @property
    def sentences(self) -> tuple[str, ...]:
        """What it means, in words."""
        said = [f"{self.name} has {self.accuracy} right: a student that copies it perfectly has no more."]
        said += [
            f"{self.name} never gives {label!r}, which is the gold label of {count} test "
            f"ticket{'' if count == 1 else 's'}: no student can learn it from these labels."
            for label, count in self.never_given.items()
        ]
        significant = [pair for pair in self.confused if pair.is_significant]
        said += [f"{self.name} says {pair}: more than errors would by chance." for pair in significant]
        if self.accuracy.count == self.accuracy.n_tickets:
            said.append(f"{self.name} has none of the test tickets with gold wrong.")
        elif not significant:
            said.append(f"No pair of labels is confused more than chance explains, among {self.n_pairs} pairs.")
        return tuple(said)

    def __str__(self) -> str:
        return "\n".join(self.sentences)
