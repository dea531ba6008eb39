"""Models side by side on the same tickets: labels the test split, measures, and says what may be concluded."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._evaluation.baseline import BASELINE_NAME, require_extra
from cortex_tickets._evaluation.gates import failures
from cortex_tickets._evaluation.inputs import input_problems
from cortex_tickets._evaluation.labelling import Evaluable, Progress, label_test_split, ledger_table
from cortex_tickets._evaluation.measured_model import MeasuredModel
from cortex_tickets._evaluation.measuring import measure
from cortex_tickets._evaluation.models import MAX_TEST_TICKETS, measured_models
from cortex_tickets._evaluation.remarks import remarks
from cortex_tickets._evaluation.report.document import Report
from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.label_score import LabelScore
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.share import Share
from cortex_tickets._evaluation.saving import checked_path, write_whole
from cortex_tickets._evaluation.test_rows import HeldOutTicket, read_test_rows
from cortex_tickets._evaluation.text_table import HEADINGS, aligned, score_cells
from cortex_tickets._evaluation.verdict import between, verdict
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError, RequirementError
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.record import Received
from cortex_tickets.training_set import TrainingSet

__all__ = [
    "BASELINE_NAME",
    "MAX_TEST_TICKETS",
    "Comparison",
    "ConfusionMatrix",
    "Evaluable",
    "Evaluation",
    "LabelScore",
    "Report",
    "Score",
    "Share",
    "evaluate",
]

_TAG = "cortex_tickets: evaluate"


class Evaluation(Received):
    """Models measured on the same test tickets, and what may be concluded. It holds no ticket text.

    `print` shows a table and the verdict; `save` writes the report, or a JSON file that
    `Evaluation.model_validate_json` reads back.
    """

    training_set_id: str
    """The training set whose test split was used."""
    training_table: str
    """The table that it is in."""
    n_tickets: int
    """Tickets of the test split: what outcome rates, agreement and cost are shares of."""
    n_texts: int
    """Distinct texts among them."""
    n_groups: int
    """Groups of identical and near-identical texts among them: what intervals and tests go by."""
    n_gold: int
    """Tickets with a gold label of a random sample: what accuracy is a share of."""
    labels: tuple[str, ...]
    """The labels, in the order of the label set."""
    teacher: str | None
    """The name of the model that agreement is measured with; `None` without one."""
    scores: tuple[Score, ...]
    """One per model, in the order given; the linear baseline stands last."""
    comparisons: tuple[Comparison, ...]
    """Every pair of models; empty without gold, and where there is one model only."""
    verdict: tuple[str, ...]
    """What may be concluded, in sentences."""
    notes: tuple[str, ...]
    """What a careful reader should know, in sentences."""
    seed: int
    """The seed of the bootstrap."""
    price_date: date
    """The date of the price table."""
    dollars_per_ai_credit: float
    """US dollars for one AI credit."""
    created_at: datetime
    """When it was measured, in UTC."""

    def table(self) -> list[Score]:
        """Return one record for each model; the same as `scores`, as a list."""
        return list(self.scores)

    def score(self, name: str) -> Score:
        """Return one model's figures.

        Raises:
            InvalidInputError: If there is no such model.
        """
        for score in self.scores:
            if score.name == name:
                return score
        raise InvalidInputError(_unknown(name, self.scores))

    def confusion(self, name: str) -> ConfusionMatrix:
        """Return a model's confusion matrix: gold labels against what it said, outcomes without a label included.

        Raises:
            InvalidInputError: If there is no such model, or no gold.
        """
        found = self.score(name).confusion
        if found is None:
            raise InvalidInputError("No test ticket has a gold label of a random sample, so nothing can be confused.")
        return found

    def compare(self, first: str, second: str) -> Comparison:
        """Return the accuracy of `first` minus that of `second`, with interval and corrected p value.

        The correction is Holm's over all pairs of this evaluation, however many of them are looked at.

        Raises:
            InvalidInputError: If one of them is unknown, both are the same, or there is no gold.
        """
        problems = [_unknown(name, self.scores) for name in (first, second) if name not in self._names]
        if first == second and not problems:
            problems.append(f"{first!r} cannot be compared with itself; give two names.")
        if not self.comparisons and not problems:
            problems.append("No test ticket has a gold label of a random sample, so accuracies cannot be compared.")
        if problems:
            raise InvalidInputError(problems)
        return between(self.comparisons, first, second)

    def require(
        self,
        *,
        accuracy: Mapping[str, float] | None = None,
        no_worse_than: Mapping[str, tuple[str, float]] | None = None,
    ) -> Self:
        """Return the evaluation itself if it meets what is asked; bounds are compared, not point values.

        Args:
            accuracy: By model, the least accuracy, 0 to 1, that the lower bound of its 95 % interval must reach.
            no_worse_than: By model, another model and a margin, 0 to 1: the lower bound of the difference of their
                accuracies must not be below minus the margin.

        Raises:
            RequirementError: With every gate that is not met and its figures; without gold none is.
            InvalidInputError: If a model is unknown, or a number is not between 0 and 1.
        """
        failed = failures(self.scores, self.comparisons, accuracy or {}, no_worse_than or {})
        if failed:
            raise RequirementError(failed)
        return self

    def report(self, title: str = "Evaluation") -> Report:
        """Return the report as a document that more sections can be added to."""
        return Report(title).add_evaluation(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the evaluation: `.html` for the self-contained report, `.json` for the figures.

        The file appears whole or not at all, and replaces an older one.

        Raises:
            InvalidInputError: If the path ends otherwise, or its folder does not exist.
        """
        target = checked_path(path, (".html", ".json"))
        is_page = target.suffix.lower() == ".html"
        write_whole(target, self.report().page() if is_page else self.model_dump_json(indent=2) + "\n")

    @property
    def _names(self) -> set[str]:
        return {score.name for score in self.scores}

    def _repr_html_(self) -> str:
        return self.report().fragment()

    def __str__(self) -> str:
        head = (
            f"{self.n_tickets:,} test tickets, {self.n_texts:,} distinct texts, {self.n_groups:,} groups; "
            f"{self.n_gold:,} with gold"
        )
        teacher = [] if self.teacher is None else [f"agreement and kappa are with {self.teacher}"]
        table = aligned([HEADINGS, *(score_cells(score) for score in self.scores)])
        notes = [f"note: {note}" for note in self.notes]
        return "\n".join([head, *table, *teacher, *self.verdict, *notes])


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
        progress: True for a bar per model on standard error, or a function that is told of each chunk.
        timeout: Seconds for all labelling together; `None` for no limit.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: Before anything is billed, with every problem: no classifiers, a blank name, other labels
            than the training set's, an empty or too large test split, an unknown teacher.
        MissingExtraError: If scikit-learn is not installed and `baseline` is not False; before anything is billed.
        IncompleteRunError: If budget or time ran out and `allow_incomplete` is false. What is answered stays in the
            ledger, and the next evaluation goes on from there.
        CortexError: If a statement fails.

    Source:
        The method of each interval and test stands with its function in `cortex_tickets._evaluation.statistics`.
    """
    problems = input_problems(classifiers, on, teacher=teacher, baseline=baseline)
    if problems:
        raise InvalidInputError(problems)
    if baseline:
        require_extra()
    runs = label_test_split(
        classifiers,
        on,
        budget=budget,
        allow_incomplete=allow_incomplete,
        timeout=timeout,
        progress=progress,
        clock=clock,
    )
    session = next(iter(classifiers.values())).session
    client = CortexClient(session, tag=_TAG, clock=clock)
    ledgers = [
        (runs[name].into or ledger_table(on), classifier.classifier_hash) for name, classifier in classifiers.items()
    ]
    rows = read_test_rows(client, on, ledgers, with_text=baseline)
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
    )


def _unknown(name: str, scores: Sequence[Score]) -> str:
    known = ", ".join(score.name for score in scores)
    return f"There is no model {name!r} in this evaluation. It has: {known}."
