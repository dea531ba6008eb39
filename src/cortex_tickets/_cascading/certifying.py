"""From a judged sample to a certificate, or to what it would take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets._cascading.fixed_sequence import JudgedTicket, Tested, learn_threshold
from cortex_tickets._cascading.judging import Answer, AnsweredTicket
from cortex_tickets._cascading.thresholds import THRESHOLDS
from cortex_tickets.binomial import most_errors, tickets_needed, upper_bound
from cortex_tickets.errors import NotCertifiedError
from cortex_tickets.records.budget import ModelPrice

_PER = 1_000
_TARGET_STEPS = 1_000
"""A lower target is told in thousandths, rounded down."""


@dataclass(frozen=True, slots=True)
class Proof:
    """The threshold that the sample proves."""

    chosen: Tested
    bound: float
    """Exact lower bound of the agreement at this threshold alone."""


def proof_of(tickets: Sequence[JudgedTicket], *, target: float, level: float, teacher: str, further: float) -> Proof:
    """Return the lowest threshold that the sample proves.

    Args:
        tickets: The sample, judged.
        target: Share of tickets to be answered as the reference does, 0 to 1.
        level: What this attempt spends of delta.
        teacher: Its model, for a refusal.
        further: The delta that one more attempt at this level would take, for a refusal.

    Raises:
        NotCertifiedError: If it proves none with which the student answers any ticket, with what it would take.
    """
    learned = learn_threshold(tickets, target=target, level=level)
    n = len(tickets)
    if learned.chosen is None or learned.chosen.n_escalated == n:
        raise _refusal(tickets, target=target, level=level, teacher=teacher, further=further)
    return Proof(learned.chosen, 1 - upper_bound(learned.chosen.n_errors, n, level))


def credits_per_1000(answers: Sequence[tuple[str, Answer]], price: ModelPrice | None) -> float | None:
    """Return the AI credits of 1,000 distinct texts; `None` if price or tokens are unknown.

    Args:
        answers: Of a model, with the hash of the text that it is about.
        price: The model's.
    """
    told = {
        text_hash: (answer.input_tokens, answer.output_tokens or 0)
        for text_hash, answer in answers
        if answer.input_tokens is not None
    }
    if price is None or not told:
        return None
    read, wrote = (sum(counts) / len(told) for counts in zip(*told.values(), strict=True))
    return _PER * price.credits(read, wrote)


def student_answers(tickets: Sequence[AnsweredTicket]) -> list[tuple[str, Answer]]:
    """Return the student's answers with the hashes of their texts."""
    return [(ticket.text_hash, ticket.student) for ticket in tickets]


def teacher_answers(tickets: Sequence[AnsweredTicket]) -> list[tuple[str, Answer]]:
    """Return the teacher's answers with the hashes of their texts."""
    return [(ticket.text_hash, ticket.teacher) for ticket in tickets]


def _refusal(
    tickets: Sequence[JudgedTicket], *, target: float, level: float, teacher: str, further: float
) -> NotCertifiedError:
    n = len(tickets)
    alone = sum(not ticket.teacher_is_right for ticket in tickets)
    first = _first_with_the_student(tickets)
    n_allowed = most_errors(n, 1 - target, level)
    # With no test before the one that lets the student answer may there be more errors than are allowed.
    n_errors = max(alone, first)
    whose = (
        f"{teacher} alone answers {alone} otherwise than the reference"
        if alone > n_allowed
        else f"{first} are answered otherwise than the reference once the student answers what it is surest of"
    )
    needed = tickets_needed(n_errors, n, 1 - target, level)
    possible = math.floor((1 - upper_bound(n_errors, n, level)) * _TARGET_STEPS) / _TARGET_STEPS
    takes = [] if needed is None else [f"{needed:,} tickets with the same share of them"]
    takes += [f"a target of at most {possible:g}"] if possible > 0 else []
    told = " or ".join(takes) or "other models"
    text = (
        f"This cascade is not certified. Of the {n} tickets of the calibration sample {whose}, and a target of "
        f"{target:g} at a level of {level:.4g} allows {n_allowed}. It would take {told}, a better student or a better "
        "teacher. Another attempt is not free: it needs a fresh sample, since what is tried again on this one because "
        "of what came out is no proof, and it is one more chance to be lucky, which counts: at the same level it takes "
        f"delta={further:.4g}, which then holds over all attempts of this student and teacher."
    )
    return NotCertifiedError(
        text,
        n=n,
        n_errors=n_errors,
        n_allowed=n_allowed,
        n_needed=needed,
        target_possible=possible if possible > 0 else None,
    )


def _first_with_the_student(tickets: Sequence[JudgedTicket]) -> int:
    """Return the errors at the highest threshold with which the student answers a ticket; all tickets' without one."""
    surest = max((ticket.probability for ticket in tickets if ticket.probability is not None), default=-math.inf)
    threshold = next((step for step in THRESHOLDS if step <= surest), math.inf)
    return sum(
        not (
            ticket.student_is_right
            if ticket.probability is not None and ticket.probability >= threshold
            else ticket.teacher_is_right
        )
        for ticket in tickets
    )
