"""Two models on the same tickets: the interval of their difference, and an exact test that there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from statistics import NormalDist

from cortex_tickets._evaluation.statistics.proportions import Z

MAX_EXACT_GROUPS = 1_000
"""Groups on which the models differ, up to which the p value is exact; beyond, the normal limit is used."""
_BISECTIONS = 60


def tango(only_first: float, only_second: float, n: float) -> tuple[float, float]:
    """Return the score interval of the difference of two paired shares (first minus second).

    It has a width even where the models never differ.

    Args:
        only_first: Tickets that only the first model has right; may be an effective number.
        only_second: Tickets that only the second model has right.
        n: Tickets.

    Source:
        Tango (1998), Statistics in Medicine 17:891-908.
    """
    if n <= 0:
        return -1.0, 1.0

    def score(difference: float) -> float:
        b = -only_first - only_second + (2 * n - only_first + only_second) * difference
        c = -only_second * difference * (1 - difference)
        wrong = (math.sqrt(max(0.0, b * b - 8 * n * c)) - b) / (4 * n)
        variance = n * (2 * wrong + difference * (1 - difference))
        distance = only_first - only_second - n * difference
        return (
            distance / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, distance) if distance else 0.0
        )

    estimate = (only_first - only_second) / n
    return _crossing(score, Z, -1.0, estimate), _crossing(score, -Z, estimate, 1.0)


def exact_p_value(differences: Iterable[int]) -> float:
    """Return the two-sided p value of "neither model is better", by exact sign changes of whole groups.

    Where the models are alike, each group's difference could as well have gone the other way. With single tickets
    this is McNemar's exact test. Groups without a difference tell nothing.

    Args:
        differences: Per group, the first model's right tickets minus the second's.

    Source:
        McNemar (1947), Psychometrika 12:153-157; sign changes by group: Fisher's randomisation test, as in Edgington
        and Onghena (2007), Randomization Tests, chapter 6.
    """
    sizes = [difference for difference in differences if difference]
    observed = abs(sum(sizes))
    if not observed:
        return 1.0
    if len(sizes) > MAX_EXACT_GROUPS:
        spread = math.sqrt(sum(size * size for size in sizes))
        return min(1.0, 2 * NormalDist().cdf(-max(0.0, observed - 1) / spread))
    return min(1.0, 2 * _upper_tail([abs(size) for size in sizes], observed))


def holm(p_values: Sequence[float]) -> list[float]:
    """Return the p values corrected for how many there are, in the same order.

    Source:
        Holm (1979), Scandinavian Journal of Statistics 6:65-70.
    """
    corrected = [0.0] * len(p_values)
    largest = 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        corrected[place] = largest
    return corrected


def _crossing(score: Callable[[float], float], target: float, low: float, high: float) -> float:
    """Return where the falling function `score` meets `target`."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if score(middle) > target:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _upper_tail(sizes: Sequence[int], least: int) -> float:
    """Return the probability that the sum of `sizes`, each with a random sign, is at least `least`."""
    # The number of ways to every sum of the positive ones, as the fields of one integer: adding a size to the sum
    # is a shift. A field holds at most 2 ** len(sizes), so none overflows.
    width = len(sizes) + 1
    ways = 1
    for size in sizes:
        ways += ways << (size * width)
    total = sum(sizes)
    # sum of signed = 2 * positive - total >= least
    mask = (1 << width) - 1
    first = -(-(least + total) // 2)
    found = sum((ways >> (positive * width)) & mask for positive in range(first, total + 1))
    return found / (1 << len(sizes))
