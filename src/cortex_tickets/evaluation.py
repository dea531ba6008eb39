"""Models side by side on the same tickets: labels the test split, measures, and says what may be concluded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._evaluation.baseline import BASELINE_NAME, require_extra
from cortex_tickets._evaluation.composed import members_of
from cortex_tickets._evaluation.inputs import input_problems
from cortex_tickets._evaluation.labelling import Evaluable, Progress, label_test_split
from cortex_tickets._evaluation.measured_model import MeasuredModel
from cortex_tickets._evaluation.measuring import measure
from cortex_tickets._evaluation.models import MAX_TEST_TICKETS, measured_models
from cortex_tickets._evaluation.remarks import remarks
from cortex_tickets._evaluation.report.document import Report
from cortex_tickets._evaluation.results.break_even import BreakEven
from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.confidence import ReliabilityBin, RiskPoint
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.evaluation import Evaluation
from cortex_tickets._evaluation.results.label_score import LabelScore
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.results.teacher_audit import ConfusedPair, TeacherAudit
from cortex_tickets._evaluation.teacher_auditing import teacher_audit
from cortex_tickets._evaluation.test_rows import HeldOutTicket, read_test_rows
from cortex_tickets._evaluation.verdict import verdict
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.ledger.settings import CHUNK_ROWS
from cortex_tickets.records.budget import Budget
from cortex_tickets.training_set import TrainingSet

__all__ = [
    "BASELINE_NAME",
    "MAX_TEST_TICKETS",
    "BreakEven",
    "Comparison",
    "ConfusedPair",
    "ConfusionMatrix",
    "Evaluable",
    "Evaluation",
    "LabelScore",
    "ReliabilityBin",
    "Report",
    "RiskPoint",
    "Score",
    "Share",
    "TeacherAudit",
    "evaluate",
]

_TAG = "cortex_tickets: evaluate"


def evaluate(
    classifiers: Mapping[str, Evaluable],
    *,
    on: TrainingSet,
    teacher: str | None = None,
    budget: Budget | None = None,
    baseline: bool = True,
    allow_incomplete: bool = False,
    seed: int = 0,
    notes: Sequence[str] = (),
    chunk_rows: int = CHUNK_ROWS,
    progress: Progress = False,
    timeout: float | None = None,
    clock: Clock = SYSTEM_CLOCK,
) -> Evaluation:
    """Return the models' figures on the test split of a training set, side by side, with a verdict in words.

    Each classifier labels the test split into the ledger that the set's labels came from, so that what was paid for
    is not bought again: only texts without an answer are billed. Then one statement that bills no model reads the
    test tickets with all answers to the client, at most 200,000 of them; with the baseline their texts come along,
    and a second one reads at most 20,000 training texts.

    Accuracy is only ever against gold of a random sample; without it there is only agreement with the teacher.
    Errors and answers that are no label count as wrong. Where the teacher is not among the classifiers, its labels
    that the set holds stand in the table as `teacher (stored)`.

    Args:
        classifiers: The models by the names that the report shall show.
        on: The training set; its training rows teach the baseline, its test rows measure.
        teacher: Which of them gave the labels; by default the one with the set's `teacher_hash`.
        budget: One hard stop for all of them: what the first spends, the next does not have.
        baseline: Whether a linear model, trained on the client, stands beside them. It needs the extra `evaluate`.
        allow_incomplete: Whether to measure when budget or time ran out; what has no answer counts as wrong.
        seed: Seed of the bootstrap and of the sample that teaches the baseline.
        notes: Sentences to be shown with the figures.
        chunk_rows: Distinct texts in one statement: after each one a listener is told, and may stop it by raising.
        progress: True for a bar per model on standard error, or a function that is told of each chunk.
        timeout: Seconds for all labelling together; `None` for no limit.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: Before anything is billed, with every problem: no training set, no classifiers, a
            blank name, other labels than the training set's, an empty or too large test split, an unknown teacher.
        MissingExtraError: If scikit-learn is not installed and `baseline` is not False; before anything is billed.
        IncompleteRunError: If budget or time ran out and `allow_incomplete` is false. What is answered stays in the
            ledger, and the next evaluation goes on from there.
        CortexError: If a statement fails.

    Source:
        The method of each interval and test stands with its function in `cortex_tickets._evaluation.statistics`.
    """
    problems = input_problems(
        classifiers,
        on,
        teacher=teacher,
        baseline=baseline,
        seed=seed,
        timeout=timeout,
        budget=budget,
        chunk_rows=chunk_rows,
    )
    if problems:
        raise InvalidInputError(problems)
    if baseline:
        require_extra()
    runs = label_test_split(
        classifiers,
        on,
        budget=budget,
        allow_incomplete=allow_incomplete,
        chunk_rows=chunk_rows,
        timeout=timeout,
        progress=progress,
        clock=clock,
    )
    session = next(iter(classifiers.values())).session
    client = CortexClient(session, tag=_TAG, clock=clock)
    members = members_of(classifiers)
    ledgers = [(runs[name].into, one.classifier_hash) for name, one in (*classifiers.items(), *members)]
    rows = read_test_rows(client, on, ledgers, with_text=baseline).split(
        len(classifiers), [name for name, _ in members]
    )
    models = measured_models(client, classifiers, runs, rows, on, teacher=teacher, baseline=baseline, seed=seed)
    return _evaluation(
        models,
        rows.tickets,
        on,
        seed=seed,
        notes=notes,
        is_engine=bool(getattr(session, "cortex_tickets_engine", False)),
        created_at=clock.now(),
    )


def _evaluation(
    models: Sequence[MeasuredModel],
    tickets: Sequence[HeldOutTicket],
    on: TrainingSet,
    *,
    seed: int,
    notes: Sequence[str],
    is_engine: bool,
    created_at: datetime,
) -> Evaluation:
    names = on.prompt.labels.names
    unknown_gold = sorted({ticket.gold for ticket in tickets if ticket.gold is not None} - set(names))
    labels = (*names, *unknown_gold)
    measured = measure(models, tickets, labels, seed=seed)
    prices = packaged_prices()
    return Evaluation(
        training_set_id=on.id,
        training_table=on.table,
        n_tickets=len(tickets),
        n_texts=len({ticket.text_hash for ticket in tickets}),
        n_groups=len({ticket.group for ticket in tickets}),
        n_gold=sum(ticket.gold is not None for ticket in tickets),
        labels=labels,
        teacher=next((score.name for score in measured.scores if score.role == "teacher"), None),
        scores=measured.scores,
        comparisons=measured.comparisons,
        verdict=verdict(measured.scores, measured.comparisons),
        notes=(*notes, *remarks(measured.scores, tickets, is_engine=is_engine, unknown_gold=unknown_gold)),
        seed=seed,
        price_date=prices.date,
        dollars_per_ai_credit=prices.dollars_per_ai_credit,
        created_at=created_at,
        teacher_audit=teacher_audit(models, measured.scores, tickets, labels),
    )
