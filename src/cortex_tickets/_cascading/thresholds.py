"""The thresholds that may be chosen: fixed here, long before anybody's calibration sample."""

from __future__ import annotations

import math

_HIGHEST, _LOWEST, _PER_UNIT = 16, -7, 100
_DECIMALS = 9


def _share(log_odds: float) -> float:
    return round(1 / (1 + math.exp(-log_odds)), _DECIMALS)


THRESHOLDS: tuple[float, ...] = tuple(
    sorted({_share(step / _PER_UNIT) for step in range(_LOWEST * _PER_UNIT, _HIGHEST * _PER_UNIT + 1)}, reverse=True)
)
"""From the safest, 0.999999887, down to 0.000911051, in equal steps of the log odds.

So they are close together near 1, where a sure model's probabilities crowd. Tested in this order one after the other,
thresholds cost nothing for being many: what is lost is only what lies between two of them.
"""
