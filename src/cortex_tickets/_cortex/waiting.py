"""How something that takes long is waited for: until when, and how often one looks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cortex_tickets.clock import Clock


class Deadline:
    """A moment on the monotonic clock, so that a change of the wall clock moves nothing.

    Args:
        clock: The clock that is looked at and slept on.
        seconds: Counted from now; `None` for no deadline.
    """

    def __init__(self, clock: Clock, seconds: float | None) -> None:
        self._clock = clock
        self._started = clock.monotonic()
        self._seconds = seconds

    @property
    def passed(self) -> float:
        """Seconds since it was set."""
        return self._clock.monotonic() - self._started

    @property
    def left(self) -> float | None:
        """Seconds until it is over, never negative; `None` if there is no deadline."""
        return None if self._seconds is None else max(0.0, self._seconds - self.passed)

    @property
    def is_over(self) -> bool:
        """Whether no time is left."""
        return self.left == 0.0

    def pause(self, seconds: float) -> None:
        """Sleep that long, but not past the deadline."""
        self._clock.sleep(seconds if self.left is None else min(seconds, self.left))


@dataclass(frozen=True, slots=True)
class PollSchedule:
    """Pauses between looks: short ones first, growing up to a limit, each moved a little at random.

    A short job is seen to end at once, a long one is not asked about a thousand times, and many clients that were
    started together do not ask together.
    """

    first: float
    """Seconds of the first pause, before jitter."""
    growth: float
    """What each pause is longer than the one before."""
    longest: float
    """Seconds that no pause exceeds, before jitter."""
    jitter: float = 0.2
    """Share by which a pause may be shorter or longer."""

    def pauses(self, uniform: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
        """Yield the pauses in seconds, without end."""
        length = self.first
        while True:
            yield length * uniform(1.0 - self.jitter, 1.0 + self.jitter)
            length = min(self.longest, length * self.growth)
