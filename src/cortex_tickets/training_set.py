"""A frozen training set: where its rows are, what they are, and the prompt they were made with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from pydantic import Field

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, ObjectNotFoundError
from cortex_tickets.markup import Markup
from cortex_tickets.notebook_card import card, facts, listed, percent, table
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.record import Received
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session

MANIFEST_SUFFIX = "_MANIFEST"


class LabelCounts(Received):
    """How the rows of one label are spread."""

    label: str
    """The label; `(none)` for rows that the teacher gave no label."""
    n_training: int
    """Rows that are trained on."""
    n_validation: int
    """Rows of the validation split."""
    n_test: int
    """Rows of the test split."""
    n_groups: int
    """Groups of near-identical texts among all these rows."""


class TrainingSetReport(Received):
    """What was kept, what was dropped and why."""

    n_tickets: int
    """Ticket rows that were read."""
    n_texts: int
    """Distinct texts among them."""
    n_groups: int
    """Groups of identical and near-identical texts."""
    largest_group: int
    """Distinct texts in the largest group."""
    labels: tuple[LabelCounts, ...]
    """Per label, in the order of the label set."""
    dropped: Mapping[str, int]
    """Training rows that are not trained on, by reason."""
    split_groups: Mapping[str, int]
    """Groups per split."""
    missing_labels: tuple[str, ...]
    """Labels of the set that no ticket has."""
    teacher_agreement: float | None
    """Share of the tickets with gold whose label from the teacher is the gold label, 0 to 1; `None` without gold."""
    n_gold: int
    """Tickets with a gold label that may be measured against."""
    notes: tuple[str, ...] = ()
    """What a careful reader should know, in sentences."""

    def __str__(self) -> str:
        lines = [
            (
                f"{self.n_tickets} tickets, {self.n_texts} distinct texts, {self.n_groups} groups "
                f"(largest {self.largest_group} texts)"
            ),
            f"{'label':<24}{'training':>10}{'validation':>12}{'test':>8}{'groups':>8}",
        ]
        lines += [
            f"{row.label:<24}{row.n_training:>10}{row.n_validation:>12}{row.n_test:>8}{row.n_groups:>8}"
            for row in self.labels
        ]
        lines += [f"not trained on: {count} ({reason})" for reason, count in self.dropped.items()]
        if self.teacher_agreement is not None:
            lines.append(f"teacher's labels equal to gold: {self.teacher_agreement:.1%} of {self.n_gold}")
        return "\n".join([*lines, *(f"note: {note}" for note in self.notes)])

    def _repr_html_(self) -> str:
        return card(
            f"{self.n_tickets:,} tickets, {self.n_texts:,} distinct texts, {self.n_groups:,} groups", *self.parts
        )

    @property
    def parts(self) -> list[Markup | None]:
        """The report under its title, as a notebook shows it."""
        rows = [
            (row.label, *(f"{count:,}" for count in (row.n_training, row.n_validation, row.n_test, row.n_groups)))
            for row in self.labels
        ]
        agreement = None
        if self.teacher_agreement is not None:
            agreement = f"{percent(self.teacher_agreement)} of {self.n_gold:,} tickets"
        not_trained_on = "\n".join(f"{count:,}: {reason}" for reason, count in self.dropped.items())
        return [
            table(("label", "training", "validation", "test", "groups"), rows),
            facts(
                {
                    "largest group": f"{self.largest_group:,} texts",
                    "not trained on": not_trained_on or None,
                    "teacher's label is gold": agreement,
                }
            ),
            listed(self.notes),
        ]


class TrainingSet(Received):
    """A frozen training set in a table. The same tickets, answers and seed give the same set, byte for byte.

    The table has a row for each ticket: TRAINING_SET_ID, SPLIT, TICKET_ID, TEXT_HASH, GROUP_ID, TEXT, PROMPT,
    COMPLETION, LABEL, OUTCOME, GOLD_LABEL, GOLD_SOURCE, DROPPED. Several sets may share a table.
    """

    id: str
    """SHA-256, in hexadecimal, over the rows: the same content has the same id."""
    table: str
    """The table, with database and schema."""
    prompt: ClassificationPrompt
    """The prompt that the PROMPT column was rendered with, and that the tuned model has to be asked."""
    seed: int
    """The seed of the split."""
    teacher_hash: str | None
    """`classifier_hash` of the teacher whose labels these are; `None` if they came from elsewhere."""
    teacher_model: str | None
    """The model that gave the labels; `None` if they came from elsewhere."""
    labels_table: str | None
    """The ledger that the labels came from, so that an evaluation does not buy them again."""
    gold_table: str | None
    """The gold table; `None` without gold."""
    source: str | None = None
    """The table that the tickets came from, with database and schema; `None` if it was a query, or nobody told."""
    n_training: int
    """Rows that are trained on."""
    n_validation: int
    """Rows of the validation split that have a label."""
    n_test: int
    """Rows of the test split, those without a label included."""
    report: TrainingSetReport
    """What was kept, dropped and why."""
    created_at: datetime
    """When the set was built last, in UTC: what is built again keeps its rows."""
    schema_version: int = 1
    """Version of the table's and the manifest's form."""
    extra: Mapping[str, Any] = Field(default_factory=dict)
    """What later versions of the package add."""

    @property
    def training_query(self) -> str:
        """The query that Cortex reads the training pairs with; its text carries the set's id."""
        return self._pairs(Split.TRAINING)

    @property
    def validation_query(self) -> str:
        """The query that Cortex reads the validation pairs with.

        It is always sent: without it the server splits the training rows at random, and near-copies leak.
        """
        return self._pairs(Split.VALIDATION)

    def rows_query(self, split: Split | None = None) -> str:
        """Return a SELECT of the set's rows, all columns, of one split or of all.

        Args:
            split: The split; `None` for all of them.
        """
        chosen = "" if split is None else f" AND SPLIT = {literal(split.value)}"
        return f"SELECT * FROM {self._sql_table} WHERE TRAINING_SET_ID = {literal(self.id)}{chosen}"

    @classmethod
    def load(
        cls, session: Session, table: str, training_set_id: str | None = None, *, timeout: float | None = None
    ) -> Self:
        """Return a training set that was frozen before, from its manifest.

        Args:
            session: Where the table is.
            table: The table that `TrainingSetBuilder.build` wrote `into`.
            training_set_id: Which set; `None` for the newest of the table.
            timeout: Seconds, retries included; `None` for the session's own limit.

        Raises:
            InvalidInputError: If the table has no manifest, or no such set.
            StatementTimeoutError: If the time is over first.
        """
        name = TableName.parse(table, role="training set table")
        manifest = name.sibling(MANIFEST_SUFFIX)
        chosen = "" if training_set_id is None else " WHERE TRAINING_SET_ID = ?"
        values = () if training_set_id is None else (training_set_id,)
        query = f"SELECT MANIFEST FROM {manifest.sql}{chosen} ORDER BY CREATED_AT DESC, TRAINING_SET_ID LIMIT 1"
        try:
            found = CortexClient(session).within(timeout).value(Statement(query, values))
        except ObjectNotFoundError:
            raise InvalidInputError(
                f"{table} has no manifest ({manifest}). Give the table that TrainingSetBuilder.build wrote into."
            ) from None
        if found is None:
            which = "no training set" if training_set_id is None else f"no training set {training_set_id[:12]}"
            raise InvalidInputError(f"{manifest} holds {which}. Build one with TrainingSetBuilder.")
        return cls.model_validate(json.loads(found))

    def _repr_html_(self) -> str:
        return card(
            f"Training set of {self.n_training:,} training, {self.n_validation:,} validation and {self.n_test:,} "
            "test tickets",
            facts(
                {
                    "table": self.table,
                    "id": self.id[:12],
                    "tickets": self.source,
                    "labels by": self.teacher_model,
                    "gold": self.gold_table,
                }
            ),
            *self.report.parts,
        )

    @property
    def _sql_table(self) -> str:
        return TableName.parse(self.table).sql

    def _pairs(self, split: Split) -> str:
        return (
            f"SELECT PROMPT, COMPLETION FROM {self._sql_table} "
            f"WHERE TRAINING_SET_ID = {literal(self.id)} AND SPLIT = {literal(split.value)} AND DROPPED IS NULL"
        )
