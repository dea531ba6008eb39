"""Draws whole groups again and again: what would other tickets like these have given?"""

from __future__ import annotations

import random
from collections.abc import Sequence

from cortex_tickets._evaluation.statistics.proportions import LEVEL

DRAWS = 1_999
"""Bootstrap draws. One less than 2,000, so that the bounds are the 50th value from either end."""
MAX_BLOCKS = 5_000
"""More groups than this are dealt at random into so many blocks, which are then drawn."""

Counts = tuple[int, ...]


def group_totals(groups: Sequence[Counts], *, draws: int = DRAWS, seed: int) -> list[Counts]:
    """Return, for each draw, the column sums over as many groups as there are, drawn with replacement.

    All columns come from the same draw, so differences between columns are paired. The work does not grow beyond
    `MAX_BLOCKS` groups.

    Args:
        groups: Shape `(n_groups, n_columns)`: counts of each group, none negative.
        draws: How often.
        seed: The same seed gives the same draws on every machine.

    Returns:
        Shape `(draws, n_columns)`.

    Source:
        Davison and Hinkley (1997), Bootstrap Methods and their Application, section 3.8; blocks of groups: Wolter
        (2007), Introduction to Variance Estimation, chapter 2 (random groups).
    """
    source = random.Random(seed)  # noqa: S311  draws for statistics, not for secrets
    blocks = _dealt(groups, source)
    width = (max(map(sum, blocks)) * len(blocks)).bit_length() + 1
    # All columns of a group in one integer: one addition adds them all, and no field can overflow into the next.
    packed = [sum(count << (width * place) for place, count in enumerate(block)) for block in blocks]
    mask = (1 << width) - 1
    places = range(len(blocks[0]))
    totals = (sum(source.choices(packed, k=len(packed))) for _ in range(draws))
    return [tuple((total >> (width * place)) & mask for place in places) for total in totals]


def percentile_bounds(values: Sequence[float]) -> tuple[float, float]:
    """Return the percentile interval of the bootstrap's values."""
    ordered = sorted(values)
    place = max(1, int((len(ordered) + 1) * (1 - LEVEL) / 2 + 1e-9))
    return ordered[place - 1], ordered[-place]


def _dealt(groups: Sequence[Counts], source: random.Random) -> list[Counts]:
    if len(groups) <= MAX_BLOCKS:
        return list(groups)
    mixed = source.sample(list(groups), len(groups))
    return [
        tuple(map(sum, zip(*mixed[first::MAX_BLOCKS], strict=True)))  # every MAX_BLOCKS-th, so blocks differ by one
        for first in range(MAX_BLOCKS)
    ]
