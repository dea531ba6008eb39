"""Models measured on the same test tickets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Self

from cortex_tickets._evaluation.breaking_even import break_even
from cortex_tickets._evaluation.gates import failures
from cortex_tickets._evaluation.report.document import Report
from cortex_tickets._evaluation.results.break_even import BreakEven
from cortex_tickets._evaluation.results.comparison import Comparison
from cortex_tickets._evaluation.results.confusion_matrix import ConfusionMatrix
from cortex_tickets._evaluation.results.score import Score
from cortex_tickets._evaluation.results.teacher_audit import TeacherAudit
from cortex_tickets._evaluation.text_table import aligned, score_rows
from cortex_tickets._evaluation.verdict import between
from cortex_tickets.errors import InvalidInputError, RequirementError
from cortex_tickets.file_writing import checked_path, write_whole
from cortex_tickets.records.record import Received


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
    teacher_audit: TeacherAudit | None = None
    """The teacher against gold: labels it never gives, pairs it confuses; `None` without a teacher or gold."""

    def table(self) -> list[Score]:
        """Return one record for each model; the same as `scores`, as a list."""
        return list(self.scores)

    def score(self, name: str) -> Score:
        """Return one model's figures.

        Args:
            name: The name that it had in `evaluate`, or that the baseline or the stored labels have.

        Raises:
            InvalidInputError: If there is no such model.
        """
        for score in self.scores:
            if score.name == name:
                return score
        raise InvalidInputError(_unknown(name, self.scores))

    def confusion(self, name: str) -> ConfusionMatrix:
        """Return a model's confusion matrix: gold labels against what it said, outcomes without a label included.

        Args:
            name: The model's name here.

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

        Args:
            first: A model's name here.
            second: That of another.

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
            RequirementError: With every gate that is not met and its figures; without gold none is, and none on a
                cascade that chose its threshold on some of these tickets.
            InvalidInputError: If a model is unknown, or a number is not between 0 and 1.
        """
        failed = failures(self.scores, self.comparisons, accuracy or {}, no_worse_than or {})
        if failed:
            raise RequirementError(failed)
        return self

    def break_even(
        self,
        name: str,
        *,
        training_dollars: float,
        months_in_use: float,
        against: str | None = None,
        dollars_per_month: float = 0.0,
        dollars_per_1000: Mapping[str, float] | None = None,
    ) -> BreakEven:
        """Return the monthly volume from which a model is cheaper than another, its training included.

        What a ticket costs is what was measured here, at the evaluation's price table, without the warehouse's time.

        Args:
            name: The model that has to be trained: a student, or a cascade.
            training_dollars: US dollars for one training, such as `FineTuneJob.estimate` with your platform price.
            months_in_use: Months that one training is used for, before the next one.
            against: The model that it would replace; by default the teacher.
            dollars_per_month: Further US dollars a month that only it costs.
            dollars_per_1000: By model, US dollars for 1,000 tickets, where the price is unknown or another one.

        Raises:
            InvalidInputError: With every problem: an unknown model, no teacher, a price that is neither measured nor
                given, a number below 0, months of 0.
        """
        return break_even(
            self.scores,
            name,
            against or self.teacher,
            training_dollars=training_dollars,
            months_in_use=months_in_use,
            dollars_per_month=dollars_per_month,
            dollars_per_1000=dollars_per_1000 or {},
            dollars_per_ai_credit=self.dollars_per_ai_credit,
        )

    def report(self, title: str = "Evaluation") -> Report:
        """Return the report as a document that more sections can be added to.

        Args:
            title: Stands above it.
        """
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
        table = aligned(score_rows(self.scores))
        notes = [f"note: {note}" for note in self.notes]
        audit = [] if self.teacher_audit is None else [f"audit: {line}" for line in self.teacher_audit.sentences]
        return "\n".join([head, *table, *teacher, *self.verdict, *audit, *notes])


def _unknown(name: str, scores: Sequence[Score]) -> str:
    known = ", ".join(score.name for score in scores)
    return f"There is no model {name!r} in this evaluation. It has: {known}."
