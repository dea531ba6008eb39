"""Learn then test: the lowest threshold that a calibration sample proves, by tests in a fixed sequence.

Each threshold is a hypothesis, "with it, more than `1 - target` of the tickets are answered otherwise than the
reference says", tested with the exact binomial p value. The tests go from the safest threshold down, each at the whole
level, and stop at the first that does not reject. With probability at least `1 - delta` no true hypothesis is
rejected: to reject any, the first true one in the sequence has to be rejected, which happens with probability `delta`
at most. That needs nothing of how the risk depends on the threshold, of the model, or of its probabilities; it needs
that sequence and level were fixed before the sample, and that the sample is a random one.

Source:
    Angelopoulos, Bates, Candès, Jordan and Lei (2021), Learn then Test: Calibrating Predictive Algorithms to Achieve
    Risk Control, arXiv:2110.01052; fixed sequences: Maurer, Hothorn and Lehmacher (1995), Biometrie in der
    chemisch-pharmazeutischen Industrie 6:3-18; Bauer (1991), Statistics in Medicine 10:871-890; Wiens (2003),
    Pharmaceutical Statistics 2:211-215.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import most_errors

ESCALATE_ALL = math.inf
"""The threshold that no probability reaches: the teacher answers every ticket. It is tested before all others."""


class JudgedTicket(NamedTuple):
    """One ticket of the calibration sample, as the reference judges its two possible answers."""

    probability: float | None
    """The student's; `None` where it has no label, so that the teacher answers whatever the threshold."""
    student_is_right: bool
    """Whether the student's label is the reference's."""
    teacher_is_right: bool
    """Whether the teacher's is."""


@dataclass(frozen=True, slots=True)
class Tested:
    """One threshold of the sequence, and what the sample shows of it."""

    threshold: float
    """A ticket whose probability reaches it is the student's."""
    n_errors: int
    """Tickets that the cascade answers otherwise than the reference, whoever answers."""
    n_escalated: int
    """Tickets that the teacher answers."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What the sequence of tests found."""

    chosen: Tested | None
    """The lowest threshold that was proved; `None` if not even the highest one was."""
    stopped_at: Tested | None
    """The first one that was not proved; `None` if all were."""


def learn_threshold(
    tickets: Sequence[JudgedTicket],
    *,
    target: float,
    level: float,
    thresholds: Sequence[float] = THRESHOLDS,
) -> Learned:
    """Return the lowest threshold with which the sample proves an agreement of at least `target`.

    Args:
        tickets: The calibration sample, ticket by ticket, equal ones included.
        target: Share of all tickets that the cascade has to answer as the reference does, 0 to 1.
        level: Probability, 0 to 1, of a threshold that does not keep the target.
        thresholds: Falling, and fixed without this sample.

    Returns:
        With `ESCALATE_ALL` as the chosen one where the teacher alone keeps the target and no cascade is proved to.
    """
    allowed = most_errors(len(tickets), 1 - target, level)
    ordered = sorted((ticket for ticket in tickets if ticket.probability is not None), key=_probability, reverse=True)
    n_errors, n_escalated, passed = sum(not ticket.teacher_is_right for ticket in tickets), len(tickets), 0
    chosen: Tested | None = None
    for threshold in (ESCALATE_ALL, *thresholds):
        while passed < len(ordered) and _probability(ordered[passed]) >= threshold:
            n_errors += ordered[passed].teacher_is_right - ordered[passed].student_is_right
            n_escalated -= 1
            passed += 1
        tested = Tested(threshold, n_errors, n_escalated)
        # Errors at most `allowed` is the same as a p value of at most the level.
        if n_errors > allowed:
            return Learned(chosen, tested)
        chosen = tested
    return Learned(chosen, None)


def _probability(ticket: JudgedTicket) -> float:
    return -math.inf if ticket.probability is None else ticket.probability
