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


@dataclass(frozen=True, slots=True)
class Usage:
    """What the answers cost, for the tickets together."""

    n_texts: int
    """Distinct texts that have an answer."""
    input_tokens: int | None
    """`None` if the service did not tell the tokens of every answer."""
    output_tokens: int | None


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
