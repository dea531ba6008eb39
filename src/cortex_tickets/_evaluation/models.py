"""Which models stand in the table: the classifiers, the teacher's stored labels, the linear baseline."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._evaluation.baseline import BASELINE_MODEL, BASELINE_NAME, predict, read_pairs
from cortex_tickets._evaluation.composed import Composed, n_calibration_tickets, payments, share_escalated
from cortex_tickets._evaluation.labelling import Evaluable
from cortex_tickets._evaluation.measured_model import MeasuredModel
from cortex_tickets._evaluation.results.score import Role
from cortex_tickets._evaluation.test_rows import UNANSWERED, HeldOutRows, HeldOutTicket, TicketAnswer
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.table_run import TableRun
from cortex_tickets.training_set import TrainingSet

MAX_TEST_TICKETS = 200_000
"""Test tickets that an evaluation reads to the client, at most."""
STORED_TEACHER = "teacher (stored)"


def measured_models(
    client: CortexClient,
    classifiers: Mapping[str, Evaluable],
    runs: Mapping[str, TableRun],
    rows: HeldOutRows,
    training_set: TrainingSet,
    *,
    teacher: str | None,
    baseline: bool,
    seed: int,
) -> list[MeasuredModel]:
    """Return the models with their answers, in the order in which tables show them."""
    chosen = teacher or next(
        (name for name, classifier in classifiers.items() if classifier.classifier_hash == training_set.teacher_hash),
        None,
    )
    models = [
        _with_members(
            client,
            classifier,
            MeasuredModel(
                name=name,
                role=_role(classifier, is_teacher=name == chosen),
                model=classifier.model,
                answers=answers,
                classifier_hash=classifier.classifier_hash,
                price=classifier.price,
                n_texts_asked=runs[name].n_texts_asked,
                seconds=runs[name].seconds,
            ),
            rows,
        )
        for (name, classifier), answers in zip(classifiers.items(), rows.answers, strict=True)
    ]
    if chosen is None and any(ticket.stored_label is not None for ticket in rows.tickets):
        models.insert(0, _stored(rows.tickets, training_set))
    return [*models, _baseline(client, rows.tickets, training_set, seed)] if baseline else models


def _with_members(
    client: CortexClient, classifier: Evaluable, model: MeasuredModel, rows: HeldOutRows
) -> MeasuredModel:
    """Return the model; of a composed one with what its members cost and what chose its threshold."""
    if not isinstance(classifier, Composed):
        return model
    of_student, of_teacher = rows.of_members[model.name]
    return replace(
        model,
        members=payments(classifier, model.answers, of_student, of_teacher),
        share_escalated=share_escalated(model.answers),
        n_calibration_tickets=n_calibration_tickets(client, classifier, rows.tickets),
    )


def _role(classifier: Evaluable, *, is_teacher: bool) -> Role:
    if is_teacher:
        return "teacher"
    return "student" if classifier.is_tuned else "base"


def _stored(tickets: Sequence[HeldOutTicket], training_set: TrainingSet) -> MeasuredModel:
    return MeasuredModel(
        name=STORED_TEACHER,
        role="teacher",
        model=training_set.teacher_model or "not known",
        answers=[TicketAnswer(ticket.stored_label, ticket.stored_outcome or UNANSWERED) for ticket in tickets],
        classifier_hash=training_set.teacher_hash,
    )


def _baseline(
    client: CortexClient, tickets: Sequence[HeldOutTicket], training_set: TrainingSet, seed: int
) -> MeasuredModel:
    started = time.perf_counter()
    said = predict(read_pairs(client, training_set, seed=seed), [ticket.text or "" for ticket in tickets])
    return MeasuredModel(
        name=BASELINE_NAME,
        role="baseline",
        model=BASELINE_MODEL,
        answers=[TicketAnswer(label, Outcome.VALID if label is not None else Outcome.BLANK) for label in said],
        seconds=time.perf_counter() - started,
    )
