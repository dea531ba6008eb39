"""Which labels a model confuses more than its errors would by chance."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from cortex_tickets._evaluation.statistics.paired import holm
from cortex_tickets.binomial import upper_tail


class Said(NamedTuple):
    """One ticket with gold, and the label it was given; `None` where the answer is none."""

    group: str
    gold: str
    said: str | None


class Confusion(NamedTuple):
    """Tickets of one gold label that were given another."""

    gold: str
    said: str
    n_tickets: int
    n_of: int
    n_groups: int
    n_groups_of: int
    p_value: float
    p_corrected: float


def confusions(tickets: Sequence[Said], labels: Sequence[str]) -> list[Confusion]:
    """Return every ordered pair of labels that was confused, the least probable first.

    Under the hypothesis that errors fall on the other labels evenly, the groups of one gold label that were given a
    certain other one are binomial with the error rate, shared among the other labels. The p value is the exact upper
    tail; near-copies count once, by what most of them were given; the correction is Holm's over all pairs that could
    have been confused.
    """
    units = _units(tickets)
    if len(labels) < 2 or not units:  # noqa: PLR2004  with one label nothing is confused
        return []
    of_gold = Counter(unit.gold for unit in units)
    wrong = Counter((unit.gold, unit.said) for unit in units if unit.said in labels and unit.said != unit.gold)
    rate = sum(wrong.values()) / len(units) / (len(labels) - 1)
    pairs = [(gold, said) for gold in of_gold for said in labels if said != gold]
    p_values = [upper_tail(wrong[pair], of_gold[pair[0]], rate) for pair in pairs]
    n_tickets = Counter((ticket.gold, ticket.said) for ticket in tickets)
    n_of = Counter(ticket.gold for ticket in tickets)
    found = [
        Confusion(gold, said, n_tickets[gold, said], n_of[gold], wrong[gold, said], of_gold[gold], p_value, corrected)
        for (gold, said), p_value, corrected in zip(pairs, p_values, holm(p_values), strict=True)
        if wrong[gold, said]
    ]
    return sorted(found, key=lambda pair: (pair.p_value, pair.gold, pair.said))


def _units(tickets: Sequence[Said]) -> list[Said]:
    """Return one ticket for each group and gold label, with what most of them were given."""
    members: defaultdict[tuple[str, str], list[str | None]] = defaultdict(list)
    for ticket in tickets:
        members[ticket.group, ticket.gold].append(ticket.said)
    return [
        Said(group, gold, max(sorted(set(said), key=str), key=said.count)) for (group, gold), said in members.items()
    ]
