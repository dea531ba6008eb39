"""From counts by group to a figure with its interval: which method when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cortex_tickets._evaluation.statistics.cluster_bootstrap import Counts, percentile_bounds
from cortex_tickets._evaluation.statistics.paired import tango
from cortex_tickets._evaluation.statistics.proportions import effective_n, wilson

Method = Literal["wilson", "tango", "cluster bootstrap"]


class Bounds(NamedTuple):
    """An interval and how it was made."""

    low: float
    high: float
    method: Method


def share_bounds(groups: Sequence[tuple[int, int]], draws: Sequence[Counts] | None) -> Bounds:
    """Return the interval of a share.

    Wilson's where every group is a single ticket. Else the percentile interval of the cluster bootstrap, widened
    where it is narrower than Wilson's on the effective number of tickets: with few groups, or with none wrong, the
    bootstrap alone is too sure, down to no width at all.

    Args:
        groups: Per group, tickets and right ones.
        draws: Per bootstrap draw, tickets and right ones; not looked at where every group is single.
    """
    n, right = _column(groups, 0), _column(groups, 1)
    share = right / n
    if is_single(groups) or draws is None:
        return Bounds(*wilson(share, n), "wilson")
    low, high = percentile_bounds([total[1] / total[0] for total in draws])
    careful = wilson(share, effective_n(groups, share * (1 - share)))
    return Bounds(min(low, careful[0]), max(high, careful[1]), "cluster bootstrap")


def difference_bounds(groups: Sequence[tuple[int, int, int, int]], draws: Sequence[Counts] | None) -> Bounds:
    """Return the interval of the difference of two shares on the same tickets, first minus second.

    Tango's where every group is a single ticket, else the paired cluster bootstrap, widened as in `share_bounds`.

    Args:
        groups: Per group: tickets, first right, second right, both right.
        draws: Per bootstrap draw: tickets, first right, second right; not looked at where every group is single.
    """
    n = _column(groups, 0)
    only_first = _column(groups, 1) - _column(groups, 3)
    only_second = _column(groups, 2) - _column(groups, 3)
    if is_single(groups) or draws is None:
        return Bounds(*tango(only_first, only_second, n), "tango")
    low, high = percentile_bounds([(total[1] - total[2]) / total[0] for total in draws])
    mean = (only_first - only_second) / n
    variance = (only_first + only_second) / n - mean * mean
    effective = effective_n(
        [(group[0], group[1] - group[2]) for group in groups],
        variance,
        squares=[group[1] + group[2] - 2 * group[3] for group in groups],
    )
    scale = effective / n
    careful = tango(only_first * scale, only_second * scale, effective)
    return Bounds(min(low, careful[0]), max(high, careful[1]), "cluster bootstrap")


def is_single(groups: Sequence[Counts] | Sequence[tuple[int, int]]) -> bool:
    """Whether every group is one ticket."""
    return all(group[0] == 1 for group in groups)


def _column(groups: Sequence[Counts], place: int) -> int:
    return sum(group[place] for group in groups)
