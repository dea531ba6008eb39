"""The one retry layer: passing failures are tried again, bounded in attempts and in time."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type

from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import TransientCortexError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how long a passing failure is tried again."""

    max_attempts: int = 5
    """Attempts in all, the first one included."""
    max_seconds: float = 120.0
    """Seconds from the first attempt after which no further one begins."""
    first_wait: float = 1.0
    """Seconds before the second attempt; doubled before each further one."""
    longest_wait: float = 30.0
    """Seconds that a wait is never longer than."""

    def wait_before(self, attempt: int) -> float:
        """Return the seconds to wait after `attempt` failed, jitter included.

        Full jitter keeps many clients that were throttled together from coming back together.
        """
        longest = min(self.longest_wait, self.first_wait * 2.0 ** (attempt - 1))
        return random.uniform(longest / 2, longest)  # noqa: S311  spreading load, not keeping secrets


DEFAULT_RETRY = RetryPolicy()


def with_retries(
    call: Callable[[], T],
    *,
    policy: RetryPolicy = DEFAULT_RETRY,
    clock: Clock = SYSTEM_CLOCK,
    timeout: float | None = None,
) -> T:
    """Return what `call` returns, calling it again while it raises `TransientCortexError`.

    Raises:
        TransientCortexError: The last one, when attempts or time are used up. Any other error at once.
    """
    started = clock.monotonic()
    allowed = policy.max_seconds if timeout is None else min(policy.max_seconds, timeout)

    def is_over(state: RetryCallState) -> bool:
        used = clock.monotonic() - started
        upcoming = state.upcoming_sleep
        return state.attempt_number >= _most_attempts(state, policy) or used + upcoming > allowed

    retrying = Retrying(
        retry=retry_if_exception_type(TransientCortexError),
        wait=lambda state: policy.wait_before(state.attempt_number),
        stop=is_over,
        sleep=clock.sleep,
        reraise=True,
    )
    return retrying(call)


def _most_attempts(state: RetryCallState, policy: RetryPolicy) -> int:
    error = state.outcome.exception() if state.outcome else None
    own = error.max_attempts if isinstance(error, TransientCortexError) else None
    return policy.max_attempts if own is None else min(own, policy.max_attempts)
