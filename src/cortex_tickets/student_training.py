"""Trains the best student that an account can have today, and says why it is that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cortex_tickets._cortex.models import fine_tuning_limits
from cortex_tickets._fine_tuning.waiting import StatusListener
from cortex_tickets.account_preflight import Preflight, preflight
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.embedding_student import DEFAULT_MODEL, EmbeddingStudent
from cortex_tickets.errors import FineTuneRefusedError
from cortex_tickets.fine_tune_job import FineTuneJob
from cortex_tickets.notebook_card import card, facts
from cortex_tickets.problems import Problems, seconds_problems
from cortex_tickets.records.budget import Budget, ModelPrice
from cortex_tickets.records.preflight_check import CheckGroup, CheckState, PreflightCheck
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session
from cortex_tickets.ticket_classifier import TicketClassifier
from cortex_tickets.training_set import TrainingSet

__all__ = ["TrainedStudent", "train_student"]

_MODEL_SUFFIX = "_STUDENT"


@dataclass(frozen=True, slots=True)
class TrainedStudent:
    """A student, and why it is this kind of student."""

    student: TicketClassifier | EmbeddingStudent
    """A classifier over a fine-tuned model, or an `EmbeddingStudent`."""
    reason: str
    """Why, in words: what the account told of fine-tuning."""
    preflight: Preflight
    """All that the account told."""

    def __str__(self) -> str:
        return f"{type(self.student).__name__} ({self.student.model}). {self.reason}"

    def _repr_html_(self) -> str:
        kind = "A fine-tuned student" if isinstance(self.student, TicketClassifier) else "A student over embeddings"
        return card(kind, facts({"model": self.student.model, "why": self.reason}))


def train_student(
    session: Session,
    training_set: TrainingSet,
    *,
    name: str | None = None,
    base_model: str | None = None,
    max_epochs: int | None = None,
    into: str | None = None,
    embedding_model: str = DEFAULT_MODEL,
    budget: Budget | None = None,
    platform_credits_per_million_tokens: float | None = None,
    prices: Mapping[str, ModelPrice] | None = None,
    timeout: float | None = None,
    progress: bool | StatusListener = False,
    clock: Clock = SYSTEM_CLOCK,
) -> TrainedStudent:
    """Return a student of this training set: a fine-tuned model where the account can have one, else a head.

    Asks `preflight`, which bills nothing. Where that says no to fine-tuning, an `EmbeddingStudent` is trained. Where it
    says yes, a `FineTuneJob` is started and waited for; where it cannot tell, the same is tried, and a refusal, which
    bills nothing, leads to the `EmbeddingStudent`. A job that starts and then fails is raised: it was paid for.

    Args:
        session: Where to train, and where the student labels.
        training_set: What `TrainingSetBuilder.build` made.
        name: The fine-tuned model's name; `None` for the training set's table with `_STUDENT` added.
        base_model: The model to tune; `None` for the first that can be tuned.
        max_epochs: As for `FineTuneJob.start`.
        into: The table of heads; as for `EmbeddingStudent.train`.
        embedding_model: As for `EmbeddingStudent.train`.
        budget: Platform credits limit the job, AI credits the vectors; a currency that is not given has no limit.
        platform_credits_per_million_tokens: As for `FineTuneJob.start`.
        prices: The price of the student's model, by its name.
        timeout: Seconds for the job's end, or for the head's statements; `None` for no limit.
        progress: As for `FineTuneJob.wait`.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: Before anything is billed, with what `FineTuneJob.start` or `EmbeddingStudent.train` found.
        FineTuneError: If a job started and did not end well in time.
        CortexError: If a statement fails.

    Examples:
        >>> trained = train_student(session, training_set)  # doctest: +SKIP
        >>> print(trained.reason)  # doctest: +SKIP
    """
    given: object = training_set
    problems = Problems()
    problems.add(seconds_problems(timeout))
    if not isinstance(given, TrainingSet):
        problems.add([f"training_set must be a TrainingSet, not a {type(given).__name__}."])
    problems.require_none()
    table = TableName.parse(training_set.table)
    tuned = base_model or fine_tuning_limits().base_models[0]
    schema = str(TableName(table.parts[:-1])) if len(table.parts) > 1 else None
    found = preflight(session, schema=schema, clock=clock)
    told = _told(found, tuned)
    if told is not None and told.state is not CheckState.NO:
        try:
            job = FineTuneJob.start(
                session,
                name=name or str(table.sibling(_MODEL_SUFFIX)),
                base_model=tuned,
                training_set=training_set,
                max_epochs=max_epochs,
                budget=None if budget is None or budget.platform_credits is None else budget,
                platform_credits_per_million_tokens=platform_credits_per_million_tokens,
                clock=clock,
            )
        except FineTuneRefusedError as refusal:
            refused = f"fine-tuning {tuned} was refused ({refusal}), after preflight could not tell ({told.evidence})"
        else:
            model = job.wait(timeout=timeout, progress=progress)
            student = TicketClassifier.from_model(session, model, prices=prices, clock=clock)
            seen = "" if told.state is CheckState.YES else "Snowflake took the job, although preflight could not tell: "
            return TrainedStudent(student, f"Fine-tuned {tuned}. {seen}{told.evidence}.", found)
    else:
        refused = f"{tuned} cannot be fine-tuned here"
        refused += " (it is no model that can be tuned today)" if told is None else f" ({told.evidence})"
    head = EmbeddingStudent.train(
        session,
        training_set,
        into=into,
        embedding_model=embedding_model,
        budget=None if budget is None or budget.ai_credits is None else budget,
        prices=prices,
        timeout=timeout,
        clock=clock,
    )
    return TrainedStudent(head, f"Embeddings and a linear head, since {refused}.", found)


def _told(found: Preflight, base_model: str) -> PreflightCheck | None:
    wanted = f"fine-tuning {base_model}"
    return next((one for one in found.checks if one.group is CheckGroup.FINE_TUNING and one.name == wanted), None)
