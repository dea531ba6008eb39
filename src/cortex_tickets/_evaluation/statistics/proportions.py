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


def effective_n(groups: Sequence[tuple[int, float]], variance_if_single: float) -> float:
    """Return how many independent tickets tell as much as these grouped ones.

    Args:
        groups: Per group, its tickets and the sum of what is measured on them.
        variance_if_single: Variance of one ticket's measurement, were tickets independent.

    Returns:
        Tickets divided by the design effect, held between Kish's number of groups and the number of tickets.
        Where nothing varies, the design effect is unknown, and the number of groups is the careful answer.

    Source:
        Kish (1965), Survey Sampling; the use in Wilson's interval: Dean and Pagano (2015), Journal of Survey
        Statistics and Methodology 3:484-503.
    """
    n = sum(size for size, _ in groups)
    fewest = n * n / sum(size * size for size, _ in groups)
    if variance_if_single <= 0 or len(groups) == 1:
        return fewest
    mean = math.fsum(total for _, total in groups) / n
    squares = math.fsum((total - mean * size) ** 2 for size, total in groups)
    variance = len(groups) / (len(groups) - 1) * squares / (n * n)
    if variance <= 0:
        return float(n)
    return min(float(n), max(fewest, variance_if_single / variance))
