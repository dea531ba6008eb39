"""A list of texts through a cascade, and what a table would cost."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cascading.members import Member
from cortex_tickets._cascading.time_left import seconds_for
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets.records.budget import Estimate
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.prediction import LABELLED, Outcome, Prediction
from cortex_tickets.records.ticket import Ticket


def classify_texts(
    client: CortexClient,
    certificate: Certificate,
    student: Member,
    teacher: Member,
    tickets: Sequence[str | Ticket],
) -> list[Prediction]:
    """Return the labels: the student's where it is sure, else the teacher's."""
    answers = student.classify_many(tickets, timeout=seconds_for(client))
    uncertain = [place for place, answer in enumerate(answers) if not stands(answer, certificate.threshold)]
    if uncertain:
        asked = teacher.classify_many([tickets[place] for place in uncertain], timeout=seconds_for(client))
        for place, answer in zip(uncertain, asked, strict=True):
            answers[place] = answer
    return [answer.model_copy(update={"classifier_hash": certificate.cascade_hash}) for answer in answers]


def stands(answer: Prediction, threshold: float) -> bool:
    """Whether the student's answer stands: what `settling.is_sure` says in SQL, or nothing was asked."""
    if answer.outcome is Outcome.BLANK:
        return True
    return answer.outcome in LABELLED and answer.probability is not None and answer.probability >= threshold


def combined_estimate(student: Estimate, teacher: Estimate, share: float, *, model: str) -> Estimate:
    """Return what both cost together, the teacher being asked about `share` of the texts; at most about all of them."""
    known = student.ai_credits is not None and teacher.ai_credits is not None
    credits_ = (student.ai_credits or 0.0) + share * (teacher.ai_credits or 0.0) if known else None
    return Estimate(
        n_tickets=student.n_tickets,
        n_texts=student.n_texts,
        input_tokens=student.input_tokens + round(share * teacher.input_tokens),
        output_tokens=student.output_tokens + round(share * teacher.output_tokens),
        output_tokens_at_most=student.output_tokens_at_most + teacher.output_tokens_at_most,
        model=model,
        ai_credits=credits_,
        ai_credits_at_most=(
            (student.ai_credits_at_most or 0.0) + (teacher.ai_credits_at_most or 0.0) if known else None
        ),
        dollars=None if credits_ is None else credits_ * teacher.dollars_per_ai_credit,
        dollars_per_ai_credit=teacher.dollars_per_ai_credit,
        price_date=teacher.price_date,
    )
