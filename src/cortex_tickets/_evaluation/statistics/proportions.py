"""Intervals of a share: Wilson's, and what grouped tickets do to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

LEVEL = 0.95
"""The level of every interval."""
Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)
"""The normal quantile that belongs to it."""


def wilson(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's score interval of a share among `n` independent tickets; `n` may be an effective number.

    Unlike the textbook interval it never leaves 0 to 1 and has a width where all or none are right.

    Source:
        Wilson (1927), Journal of the American Statistical Association 22:209-212; Brown, Cai and DasGupta (2001),
        Statistical Science 16:101-133.
    """
    if n <= 0:
        return 0.0, 1.0
    spread = Z * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    centre = share + Z * Z / (2 * n)
    scale = 1 + Z * Z / n
    # At the ends the bound is the share itself, but for rounding.
    low = 0.0 if share == 0 else max(0.0, (centre - spread) / scale)
    high = 1.0 if share == 1 else min(1.0, (centre + spread) / scale)
    return low, high


def equal_groups(sizes: Sequence[int]) -> float:
    """Return how many groups of one size tell as much as these, if all of a group are right or wrong together.

    Source:
        Kish (1965), Survey Sampling.
    """
    n = sum(sizes)
    return n * n / sum(size * size for size in sizes)


def effective_n(
    groups: Sequence[tuple[int, float]], variance_if_single: float, squares: Sequence[float] | None = None
) -> float:
    """Return how many independent tickets tell as much as these grouped ones.

    The design effect is estimated twice, from how the groups differ and from how little tickets of one group differ,
    and the larger one counts. Where few groups are large and all of them happen to be right, the first sees no
    difference and takes every ticket for independent; the second sees that nobody in these groups was of another
    opinion.

    Args:
        groups: Per group, its tickets and the sum of what is measured on them.
        variance_if_single: Variance of one ticket's measurement, were tickets independent.
        squares: Per group, the sum of the squares of what is measured; `None` where it is 0 or 1 on each ticket.

    Returns:
        Tickets divided by the design effect, held between Kish's number of groups and the number of tickets.
        Where nothing varies, the design effect is unknown, and the number of groups is the careful answer.

    Source:
        Kish (1965), Survey Sampling; the use in Wilson's interval: Dean and Pagano (2015), Journal of Survey
        Statistics and Methodology 3:484-503; the correlation within groups from their pairs: Karlin, Cameron and
        Williams (1981), Proceedings of the National Academy of Sciences 78:2664-2668, and Ridout, Demétrio and Firth
        (1999), Biometrics 55:137-148.
    """
    n = sum(size for size, _ in groups)
    fewest = equal_groups([size for size, _ in groups])
    if variance_if_single <= 0 or len(groups) == 1:
        return fewest
    mean = math.fsum(total for _, total in groups) / n
    residuals = math.fsum((total - mean * size) ** 2 for size, total in groups)
    variance = len(groups) / (len(groups) - 1) * residuals / (n * n)
    between = variance_if_single / variance if variance > 0 else float(n)
    within = n / (1 + _correlation(groups, variance_if_single, squares) * (n / fewest - 1))
    return min(float(n), max(fewest, min(between, within)))


def _correlation(
    groups: Sequence[tuple[int, float]], variance_if_single: float, squares: Sequence[float] | None
) -> float:
    """Return how alike tickets of one group are, 0 to 1: every pair of them counts once."""
    n_pairs = sum(size * (size - 1) for size, _ in groups)
    if not n_pairs:
        return 0.0
    given = [total for _, total in groups] if squares is None else squares
    within = math.fsum(size * square - total * total for (size, total), square in zip(groups, given, strict=True))
    return min(1.0, max(0.0, 1 - within / n_pairs / variance_if_single))
