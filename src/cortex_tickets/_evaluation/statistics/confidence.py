"""What a model's probabilities are worth: accuracy by how sure it is, and whether the probabilities are true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from cortex_tickets._evaluation.statistics.proportions import effective_n, wilson

N_POINTS = 20
"""Points of a risk-coverage curve, at most."""
N_BINS = 10
"""Bins of a reliability diagram, of about as many tickets each."""
MIN_RELIABILITY = 500
"""Tickets from which a reliability diagram is drawn: with fewer, its bins tell nothing."""


class Confident(NamedTuple):
    """One ticket with gold, and how sure the model was of its label."""

    group: str
    probability: float
    is_right: bool


class Part(NamedTuple):
    """Tickets of like probability, or at least as sure as a threshold."""

    lowest: float
    highest: float
    mean_probability: float
    n_right: int
    n_tickets: int
    n_groups: int
    low: float
    high: float


def risk_coverage(tickets: Sequence[Confident]) -> list[Part]:
    """Return the surest tickets, from a twentieth of all to all of them: what would be answered above a threshold.

    Tickets of one probability are answered together or not at all, so a part may be larger than its twentieth.

    Source:
        El-Yaniv and Wiener (2010), Journal of Machine Learning Research 11:1605-1641.
    """
    ordered = sorted(tickets, key=lambda ticket: -ticket.probability)
    ends = _ends(ordered, N_POINTS)
    return [_part(ordered[:end]) for end in ends]


def reliability(tickets: Sequence[Confident]) -> list[Part]:
    """Return bins of rising probability, with about as many tickets each; none for fewer than `MIN_RELIABILITY`.

    Source:
        Bröcker and Smith (2007), Weather and Forecasting 22:651-661; bins of equal size: Naeini, Cooper and
        Hauskrecht (2015), AAAI 29:2901-2907.
    """
    if len(tickets) < MIN_RELIABILITY:
        return []
    ordered = sorted(tickets, key=lambda ticket: ticket.probability)
    ends = _ends(ordered, N_BINS)
    return [_part(ordered[start:end]) for start, end in zip([0, *ends], ends, strict=False)]


def _ends(ordered: Sequence[Confident], n_parts: int) -> list[int]:
    """Return where parts end: never between tickets of one probability."""
    ends: list[int] = []
    for part in range(1, n_parts + 1):
        end = max(1, round(part * len(ordered) / n_parts)) if ordered else 0
        while 0 < end < len(ordered) and ordered[end].probability == ordered[end - 1].probability:
            end += 1
        if end and (not ends or end > ends[-1]):
            ends.append(end)
    return ends


def _part(tickets: Sequence[Confident]) -> Part:
    groups: defaultdict[str, list[bool]] = defaultdict(list)
    for ticket in tickets:
        groups[ticket.group].append(ticket.is_right)
    n, n_right = len(tickets), sum(ticket.is_right for ticket in tickets)
    share = n_right / n
    by_group = [(len(members), float(sum(members))) for members in groups.values()]
    low, high = wilson(share, effective_n(by_group, share * (1 - share)))
    return Part(
        lowest=min(ticket.probability for ticket in tickets),
        highest=max(ticket.probability for ticket in tickets),
        mean_probability=sum(ticket.probability for ticket in tickets) / n,
        n_right=n_right,
        n_tickets=n,
        n_groups=len(groups),
        low=low,
        high=high,
    )
