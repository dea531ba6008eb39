"""Time as a value that is passed in, so that waiting can be tested without waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Three ways of meeting time; `testing.FakeClock` is the other implementation."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...

    def now(self) -> datetime:
        """The date and time, with the UTC time zone."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic(self) -> float:
        """Seconds since an arbitrary moment; never goes back."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)

    def now(self) -> datetime:
        """The date and time, with the UTC time zone."""
        return datetime.now(UTC)


SYSTEM_CLOCK = SystemClock()
