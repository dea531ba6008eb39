"""Classifiers of two others: what both were paid for, how much went to the second, and what chose the threshold."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.ticket_key import ticket_key
from cortex_tickets._evaluation.labelling import Evaluable
from cortex_tickets._evaluation.measured_model import Payment
from cortex_tickets._evaluation.test_rows import UNANSWERED, HeldOutTicket, TicketAnswer
from cortex_tickets.errors import ObjectNotFoundError
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.table_name import TableName

_NOT_ASKED = TicketAnswer(None, UNANSWERED)


@runtime_checkable
class Composed(Protocol):
    """What an evaluation needs of a classifier that asks two others: `Cascade` is one."""

    @property
    def student(self) -> Evaluable:
        """The classifier that is asked about every ticket."""
        ...

    @property
    def teacher(self) -> Evaluable:
        """The classifier that is asked where the student is not sure."""
        ...

    @property
    def certificate(self) -> Certificate | None:
        """What was proved of the two."""
        ...


def members_of(classifiers: Mapping[str, Evaluable]) -> list[tuple[str, Evaluable]]:
    """Return the two members of each composed classifier, the student first, with the classifier's name."""
    composed = [(name, one) for name, one in classifiers.items() if isinstance(one, Composed)]
    return [(name, member) for name, one in composed for member in (one.student, one.teacher)]


def is_escalated(answer: TicketAnswer) -> bool:
    """Whether the teacher answered: a student's answer that stands has a probability."""
    return answer.probability is None and answer.outcome not in (Outcome.BLANK, UNANSWERED)


def share_escalated(answers: Sequence[TicketAnswer]) -> float:
    """Return the share of all tickets that went to the teacher."""
    return sum(map(is_escalated, answers)) / len(answers)


def payments(
    composed: Composed,
    answers: Sequence[TicketAnswer],
    of_student: Sequence[TicketAnswer],
    of_teacher: Sequence[TicketAnswer],
) -> tuple[Payment, Payment]:
    """Return what both members are paid for: the student for all tickets, the teacher for what went to it.

    The teacher's other answers may stand in the ledger, too, as where it gave the labels; no cascade asks for them.
    """
    asked = [taught if is_escalated(answer) else _NOT_ASKED for answer, taught in zip(answers, of_teacher, strict=True)]
    return Payment(of_student, composed.student.price), Payment(asked, composed.teacher.price)


def n_calibration_tickets(client: CortexClient, composed: Composed, tickets: Sequence[HeldOutTicket]) -> int | None:
    """Return how many test tickets chose the threshold, or have a near-copy that did. One statement.

    Returns:
        `None` if it is not known which tickets chose it.
    """
    keys = _calibration_keys(client, composed)
    if keys is None:
        return None
    chosen = {ticket.group for ticket in tickets if ticket_key(ticket.ticket_id, ticket.text_hash) in keys}
    return sum(ticket.group in chosen for ticket in tickets)


def _calibration_keys(client: CortexClient, composed: Composed) -> set[str] | None:
    certificate = composed.certificate
    if certificate is None:
        return None
    try:
        rows = client.run(
            f"SELECT TICKET_KEYS FROM {TableName.parse(certificate.attempts_table).sql} WHERE SAMPLE_HASH = ? LIMIT 1",
            certificate.sample_hash,
        )
    except ObjectNotFoundError:
        return None
    return set(json.loads(rows[0]["TICKET_KEYS"])) if rows else None
