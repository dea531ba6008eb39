"""One model with its answers on the test split, before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cortex_tickets._evaluation.results.score import Role
from cortex_tickets._evaluation.test_rows import HeldOutTicket, TicketAnswer
from cortex_tickets.records.budget import ModelPrice

_BILLED = ("valid", "repaired", "abstained", "off_label")
"""Outcomes of an answer that came, and whose tokens must therefore be known."""


@dataclass(frozen=True, slots=True)
class Payment:
    """Answers that were paid for, and their price."""

    answers: Sequence[TicketAnswer]
    """Ticket by ticket; `unanswered` where nothing was asked."""
    price: ModelPrice | None


@dataclass(frozen=True, slots=True)
class MeasuredModel:
    """A model's name, what it is, and its answers, ticket by ticket."""

    name: str
    role: Role
    model: str
    answers: Sequence[TicketAnswer]
    classifier_hash: str | None = None
    price: ModelPrice | None = None
    n_texts_asked: int | None = None
    seconds: float | None = None
    members: tuple[Payment, ...] = ()
    """What the members of a composed classifier were paid for; empty for one that is paid for its own answers."""
    share_escalated: float | None = None
    """Share of all tickets that went to the teacher; `None` for what is no cascade."""
    n_calibration_tickets: int | None = None
    """Test tickets that chose the threshold; `None` where that is not known, and for what is no cascade."""

    @property
    def payments(self) -> tuple[Payment, ...]:
        """All that was paid for."""
        return self.members or (Payment(self.answers, self.price),)


@dataclass(frozen=True, slots=True)
class Usage:
    """What answers cost, for the tickets together."""

    n_texts: int
    """Distinct texts that have an answer."""
    input_tokens: int | None
    """`None` if the service did not tell the tokens of every answer."""
    output_tokens: int | None
    ai_credits: float | None = None
    """`None` if price or tokens are unknown."""


def total_usage(tickets: Sequence[HeldOutTicket], model: MeasuredModel) -> Usage:
    """Return what all that was paid for cost together, for the texts that the model itself answered."""
    used = [(usage(tickets, payment.answers), payment.price) for payment in model.payments]
    # A member that was asked nothing costs nothing.
    asked = [(part, price) for part, price in used if part.n_texts] or used
    credits_ = [
        None
        if price is None or part.input_tokens is None or part.output_tokens is None
        else price.credits(part.input_tokens, part.output_tokens)
        for part, price in asked
    ]
    return Usage(
        n_texts=usage(tickets, model.answers).n_texts,
        input_tokens=_sum([part.input_tokens for part, _ in asked]),
        output_tokens=_sum([part.output_tokens for part, _ in asked]),
        ai_credits=_total(credits_),
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def usage(tickets: Sequence[HeldOutTicket], answers: Sequence[TicketAnswer]) -> Usage:
    """Return the tokens of the distinct texts: equal texts were asked once."""
    by_text = {
        ticket.text_hash: answer
        for ticket, answer in zip(tickets, answers, strict=True)
        if answer.outcome in _BILLED or answer.input_tokens is not None
    }
    asked = list(by_text.values())
    is_known = bool(asked) and all(answer.input_tokens is not None for answer in asked)
    return Usage(
        n_texts=len(asked),
        input_tokens=sum(answer.input_tokens or 0 for answer in asked) if is_known else None,
        output_tokens=sum(answer.output_tokens or 0 for answer in asked) if is_known else None,
    )
