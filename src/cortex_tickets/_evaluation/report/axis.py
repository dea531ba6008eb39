"""Where round numbers stand on an axis."""

from __future__ import annotations

import math
from dataclasses import dataclass

_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Axis:
    """A range of values with round ends, and the round values inside it."""

    low: float
    high: float
    step: float

    @classmethod
    def around(cls, low: float, high: float, *, n_ticks: int = 5) -> Axis:
        """Return an axis that holds `low` and `high`."""
        if not high > low:
            high = low + (abs(low) or 1.0)
        rough = (high - low) / n_ticks
        magnitude = 10.0 ** math.floor(math.log10(rough))
        step = next(size for size in _STEPS if size * magnitude >= rough * (1 - 1e-9)) * magnitude
        return cls(math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step, step)

    @property
    def ticks(self) -> list[float]:
        """The round values, both ends among them."""
        return [self.low + place * self.step for place in range(round((self.high - self.low) / self.step) + 1)]

    def place(self, value: float) -> float:
        """Return where the value stands, 0 at the low end and 1 at the high one."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))
