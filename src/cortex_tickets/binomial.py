"""Exact binomial tails, and what follows from them: bounds of a share, and how many tickets a proof takes."""

from __future__ import annotations

import math

_BISECTIONS = 80
_DRIFT = 1e-6
MOST_TICKETS = 1_000_000
"""Beyond so many tickets no number is told: nobody would label them."""


def lower_tail(n_errors: int, n: int, risk: float) -> float:
    """Return the probability of at most `n_errors` errors among `n` tickets, each wrong with probability `risk`.

    It is the exact p value of "the share of errors is more than `risk`", for any number of tickets: no normal limit.

    Args:
        n_errors: Errors that were seen; below 0 the probability is 0.
        n: Tickets.
        risk: 0 to 1, both excluded.
    """
    if n_errors >= n:
        return 1.0
    odds, whole = math.log(risk), math.log1p(-risk)
    of_n = math.lgamma(n + 1)
    return min(
        1.0,
        math.fsum(
            math.exp(of_n - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * odds + (n - k) * whole)
            for k in range(n_errors + 1)
        ),
    )


def upper_tail(least: int, n: int, share: float) -> float:
    """Return the probability that at least `least` of `n` are such, each with probability `share`, 0 to 1, exactly."""
    if least <= 0 or share >= 1:
        return 1.0
    # The others are at most so many. Not 1 minus the lower tail, whose last digits are all that a small one has.
    return lower_tail(n - least, n, 1 - share) if share > 0 and least <= n else 0.0


def upper_bound(n_errors: int, n: int, level: float) -> float:
    """Return the one-sided upper bound of the share of errors that holds with probability `1 - level`.

    It is the largest share under which so few errors are not rarer than `level`.

    Source:
        Clopper and Pearson (1934), Biometrika 26:404-413.
    """
    if n_errors >= n:
        return 1.0
    low, high = n_errors / n, 1.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if lower_tail(n_errors, n, middle) > level:
            low = middle
        else:
            high = middle
    return high


def most_errors(n: int, risk: float, level: float) -> int:
    """Return with how many errors among `n` tickets "more than `risk` are wrong" is still rejected at `level`.

    Returns:
        -1 if not even a sample without an error rejects it.
    """
    found = -1
    while found + 1 < n and lower_tail(found + 1, n, risk) <= level:
        found += 1
    return found


def fewest_tickets(risk: float, level: float) -> int:
    """Return how many tickets without a single error it takes to reject "more than `risk` are wrong" at `level`."""
    n = max(1, math.floor(math.log(level) / math.log1p(-risk)))
    while lower_tail(0, n, risk) > level:
        n += 1
    return n


def tickets_needed(n_errors: int, n: int, risk: float, level: float) -> int | None:
    """Return with how many tickets, more than `n`, the same share of errors rejects "more than `risk` are wrong".

    The smallest such number, with the errors rounded up to whole ones. A sample of that size may have more errors, or
    fewer: with the share as it was seen, about every second one passes.

    Args:
        n_errors: Errors that were seen.
        n: Tickets they were seen among; too few to reject.
        risk: 0 to 1, both excluded.
        level: 0 to 1, both excluded.

    Returns:
        `None` if no number does, since the share is not below `risk`, or if it is more than a million.
    """
    if n_errors >= n * risk:
        return None
    tickets, errors = n, n_errors
    tail = lower_tail(errors, tickets, risk)
    while tickets < MOST_TICKETS:
        # One ticket more, with the errors kept: the tail loses those samples whose next ticket is an error too many.
        tail -= risk * _exactly(errors, tickets, risk)
        tickets += 1
        while errors * n < tickets * n_errors:
            errors += 1
            tail += _exactly(errors, tickets, risk)
        # What was added up is off in its last digits.
        if tail <= level * (1 + _DRIFT) and lower_tail(errors, tickets, risk) <= level:
            return tickets
    return None


def _exactly(n_errors: int, n: int, risk: float) -> float:
    """Return the probability of so many errors, no more and no fewer."""
    ways = math.lgamma(n + 1) - math.lgamma(n_errors + 1) - math.lgamma(n - n_errors + 1)
    return math.exp(ways + n_errors * math.log(risk) + (n - n_errors) * math.log1p(-risk))
