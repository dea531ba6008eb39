"""Holds the teacher's answers against gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cortex_tickets._evaluation.measured_model import MeasuredModel
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.teacher_audit import ConfusedPair, TeacherAudit
from cortex_tickets._evaluation.statistics.confusions import Said, confusions
from cortex_tickets._evaluation.test_rows import HeldOutTicket


def teacher_audit(
    models: Sequence[MeasuredModel], scores: Sequence[Score], tickets: Sequence[HeldOutTicket], labels: Sequence[str]
) -> TeacherAudit | None:
    """Return what the teacher gets wrong; `None` without a teacher or without gold."""
    model, accuracy = next(
        ((model, score.accuracy) for model, score in zip(models, scores, strict=True) if model.role == "teacher"),
        (None, None),
    )
    if model is None or accuracy is None:
        return None
    said = [
        Said(ticket.group, ticket.gold, answer.label)
        for ticket, answer in zip(tickets, model.answers, strict=True)
        if ticket.gold is not None
    ]
    of_gold, given = Counter(ticket.gold for ticket in said), {ticket.said for ticket in said}
    return TeacherAudit(
        name=model.name,
        accuracy=accuracy,
        never_given={label: of_gold[label] for label in labels if of_gold[label] and label not in given},
        confused=tuple(ConfusedPair(**pair._asdict()) for pair in confusions(said, labels)),
        n_pairs=len(of_gold) * (len(labels) - 1),
    )
