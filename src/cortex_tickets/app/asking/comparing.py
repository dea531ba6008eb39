"""Measures teacher, base and student side by side on the test split, and keeps what came of it."""

from __future__ import annotations

from cortex_tickets import (
    Estimate,
    Evaluation,
    FineTunedModel,
    IncompleteRunError,
    Split,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    evaluate,
)
from cortex_tickets.app.asking.fine_tuning import set_of_id
from cortex_tickets.app.asking.kept_records import keep, kept
from cortex_tickets.app.asking.labelling import budget_of, chunk_rows, left_said, within_settings
from cortex_tickets.app.asking.other_settings import difference
from cortex_tickets.app.background import Listener, Task, WorkLeftError
from cortex_tickets.app.desk import Desk
from cortex_tickets.session import Session

_RECORD = "evaluation"


def classifiers(
    desk: Desk, made: TrainingSet, *, base_model: str, tuned: FineTunedModel | None, session: Session | None = None
) -> dict[str, TicketClassifier]:
    """Return what is compared, by the names that the report shows: teacher, base and, once there is one, student.

    Without the teacher, where the app cannot ask it any more: its labels stand in the report as the set holds them.
    """
    found: dict[str, TicketClassifier] = {}
    teacher = _teacher(desk, made)
    if teacher is not None:
        found["teacher"] = desk.classifier(teacher, session)
    if base_model != teacher:
        found["base"] = desk.classifier(base_model, session)
    if tuned is not None:
        found["student"] = desk.tuned_classifier(tuned, session)
    return found


def _teacher(desk: Desk, made: TrainingSet) -> str | None:
    """Return what gave the labels, as the app asks it; `None` where nothing that it can ask is that.

    Of several models a training set knows the first alone, and the settings all.
    """
    named = () if made.teacher_model is None else (made.teacher_model,)
    asked = (*desk.settings.labelling_models, *named)
    return next((name for name in asked if desk.classifier(name).classifier_hash == made.teacher_hash), None)


def estimate_evaluation(desk: Desk, made: TrainingSet, models: dict[str, TicketClassifier]) -> list[Estimate]:
    """Return what labelling the test split would cost, one for each model. What is answered is not counted."""
    held_out = TicketSource(
        query=made.rows_query(Split.TEST),
        text="TEXT",
        customer_name=None,
        customer_email=None,
        service_type=None,
        contact_preference=None,
    )
    into = made.labels_table or desk.settings.ledger
    return [model.estimate(held_out, into=into) for model in models.values()]


def evaluation_task(
    desk: Desk, made: TrainingSet, limit: float | None, *, base_model: str, tuned: FineTunedModel | None
) -> Task:
    """Return the work that labels the test split with each model, measures, and keeps the evaluation.

    All models together stay within a limit of AI credits.
    """
    limit = within_settings(desk, limit)

    def measure(listener: Listener) -> str:
        with desk.own_session() as session:
            models = classifiers(desk, made, base_model=base_model, tuned=tuned, session=session)
            try:
                found = evaluate(
                    models, on=made, budget=budget_of(limit), chunk_rows=chunk_rows(made.n_test), progress=listener
                )
            except IncompleteRunError as stopped:
                raise WorkLeftError(left_said(stopped.n_left, stopped.reason, limit)) from stopped
        keep(desk, _RECORD, found.model_dump_json())
        return f"{found.n_tickets:,} test tickets are measured."

    return measure


def last_evaluation(desk: Desk) -> Evaluation | None:
    """Return the newest evaluation that the app made; `None` before the first."""
    record = kept(desk, _RECORD)
    return None if record is None else Evaluation.model_validate_json(record)


def measured_otherwise(desk: Desk, found: Evaluation, made: TrainingSet) -> str | None:
    """Return what a reader has to know of what an evaluation measured; `None` where it is of the app's own set."""
    if found.training_set_id == made.id:
        if difference(desk, made) is None:
            return None
        return (
            "This was measured on a training set that was made with other settings. Once that is built anew, compare "
            "again."
        )
    earlier = set_of_id(desk, found.training_table, found.training_set_id)
    other = None if earlier is None else difference(desk, earlier)
    if other is None:
        return "This was measured on an earlier training set. Compare again."
    return f"This was measured on an earlier training set, made with other settings: {other.reasons}. Compare again."
