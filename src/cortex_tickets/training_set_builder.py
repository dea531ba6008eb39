"""Builds a training set out of tickets that a large model has labelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._training.build_inputs import labels_of, option_problems, prompt_for
from cortex_tickets._training.candidate import Candidate
from cortex_tickets._training.cleaning import dropped_reasons
from cortex_tickets._training.freezing import FrozenRow, content_id, freeze, table_problems
from cortex_tickets._training.grouping import groups_of
from cortex_tickets._training.reading import check_gold_labels, gold_problems, kept_splits, read_candidates
from cortex_tickets._training.report import make_report
from cortex_tickets._training.splitting import Grouped, split_by_hash, split_by_time
from cortex_tickets._training.telling import BuildListener, BuildTeller, build_teller
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.ledger.known_tickets import unknown_ticket_problems
from cortex_tickets.ledger.schema import fully_qualified
from cortex_tickets.ledger.source_check import checked_source
from cortex_tickets.near_copies import group_texts
from cortex_tickets.problems import Problems, whole_number_problems
from cortex_tickets.progress import RowListener
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.build_progress import BuildStep
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.split import Shares, Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun
from cortex_tickets.training_set import TrainingSet

MAX_TEXTS = 50_000
"""Distinct texts that come to the client to be grouped; of more, the warehouse draws a sample."""


class Teacher(Protocol):
    """Anything that labels a table, such as a `TicketClassifier`."""

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        ...

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        timeout: float | None = None,
        progress: bool | RowListener = False,
    ) -> TableRun:
        """Label the source into a ledger."""
        ...


class TrainingSetBuilder:
    """Selects, cleans, groups, splits and freezes tickets with their labels into a training set.

    The constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        seed: Chooses the split, and the sample where there are too many texts.
        shares: Which part of the groups is for training, validation and test.
        split: `group` chooses a group's side by a hash of the group alone, so that tickets of other wording move
            nothing; an added near-copy may move its group, unless `build` is told `keep_splits_of=`. `time` trains
            on the oldest and tests on the newest. By default `time` where the source names `created_at`, else `group`.
        prompt: What the student will be asked; by default a short prompt of the labels' names.
        max_per_label: Training rows per label, at most; `None` for the natural mix.
        max_texts: Distinct texts that come to the client to be grouped.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: If shares, limits or split are out of bounds.
    """

    def __init__(
        self,
        session: Session,
        *,
        seed: int = 0,
        shares: Shares | None = None,
        split: Literal["group", "time"] | None = None,
        prompt: ClassificationPrompt | None = None,
        max_per_label: int | None = None,
        max_texts: int = MAX_TEXTS,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        problems = [*whole_number_problems("seed", seed), *whole_number_problems("max_texts", max_texts, least=1)]
        if max_per_label is not None:
            problems += whole_number_problems("max_per_label", max_per_label, least=1)
        if split not in (None, "group", "time"):
            problems.append(f"split={split!r} is neither 'group' nor 'time'.")
        if problems:
            raise InvalidInputError(problems)
        self._session = session
        self._client = CortexClient(session, tag='{"app": "cortex_tickets", "operation": "build"}', clock=clock)
        self._seed = seed
        self._shares = shares or Shares()
        self._split = split
        self._prompt = prompt
        self._max_per_label = max_per_label
        self._max_texts = max_texts

    def build(
        self,
        source: Any,
        *,
        into: str,
        labels: TableRun | None = None,
        teacher: Teacher | None = None,
        gold: str | None = None,
        keep_splits_of: TrainingSet | None = None,
        budget: Budget | None = None,
        allow_incomplete: bool = False,
        timeout: float | None = None,
        progress: bool | BuildListener = False,
    ) -> TrainingSet:
        """Build the training set and return its record. The same tickets, answers and seed give the same set.

        Writes `into` and `<into>_MANIFEST`. Texts come to the client to be grouped: at most `max_texts` distinct
        ones, beyond which the warehouse draws a sample by hash. Bills nothing if `labels` is given; with `teacher`
        it first labels the source into `<into>_LABELS`.

        Near-identical texts (word Jaccard of 0.8 or more) are never on two sides. Only training rows are dropped:
        those without a label, with a text that has another label elsewhere, and repeats. Test rows keep their mix.

        A set of the same content is not written again: it becomes the newest of its table, with the new record.

        Args:
            source: A table's name, a `TicketSource`, or a Snowpark DataFrame of one query without bind values.
            into: The training set's table; several sets may share it.
            labels: The run whose labels are used.
            teacher: A classifier that labels the source first; give it or `labels`.
            gold: A table that `load_gold` made. Its `random_sample` labels are for measuring; its `correction`
                labels replace the teacher's in training.
            keep_splits_of: An earlier set whose texts stay on the sides they had, whatever was added since. A group
                that an added text makes of two sides is trained on, so that nothing trained on is ever measured.
            budget: For the teacher.
            allow_incomplete: Whether a stopped run will do, or one that does not know every ticket; tickets without
                a label are then left out of training.
            timeout: Seconds for all of it, counted from the call; `None` for no limit. What was written when they are
                over has no manifest, and the next build replaces it.
            progress: True for a bar on standard error, or a function that is told of each step with a
                `BuildProgress`. What it raises stops the build with no row written, as Ctrl-C does then; what a
                teacher has labelled stays in its ledger. Once the rows are being written nothing is told any more.

        Raises:
            InvalidInputError: With every problem: no such table or column, no rows, an `into` of another form, tickets
                that the run does not know (unless `allow_incomplete`).
            InvalidTrainingSetError: If a label is too rare to split, or a label is not among the prompt's.
            IncompleteRunError: If the run is incomplete and that was not allowed.
            StatementTimeoutError: If the time is over.
        """
        problems, client = Problems(), self._client
        wrong = option_problems(labels, teacher, budget=budget, timeout=timeout, progress=progress)
        problems.add(wrong)
        if not wrong:
            client = client.within(timeout)
        given, table, gold_table = self._checked(client, problems, source, into, gold)
        prompt = self._prompt
        if labels is not None and not wrong:
            with problems:
                if not allow_incomplete:
                    labels.require_complete()
            with problems:
                prompt = prompt_for(self._prompt, labels_of(client, labels))
            if given is not None and labels.is_complete and not allow_incomplete:
                problems.add(unknown_ticket_problems(client, given, labels))
        elif teacher is not None and not wrong:
            with problems:
                prompt = prompt_for(self._prompt, teacher.labels)
        if gold_table is not None and prompt is not None:
            with problems:
                check_gold_labels(client, gold_table, prompt.labels.names)
        problems.require_none()
        assert given is not None and table is not None and prompt is not None  # noqa: S101, PT018  else a problem
        with build_teller(progress, client.clock, has_teacher=teacher is not None) as teller:
            if labels is not None:
                run = labels
            else:
                assert teacher is not None  # noqa: S101  one of the two, by the checks above
                # Only now, since this is billed: all that can be known against the set beforehand is known.
                beside, left = str(table.sibling("_LABELS")), client.seconds_left
                run = teacher.classify_table(
                    given, into=beside, budget=budget, timeout=left, progress=teller.of_teacher
                )
                run = run if allow_incomplete else run.require_complete()
            teller.tell(BuildStep.READING)
            candidates = read_candidates(client, given, run, gold_table, seed=self._seed, max_texts=self._max_texts)
            kept = {} if keep_splits_of is None else kept_splits(client, keep_splits_of)
            return self._frozen(
                client,
                candidates,
                source=given,
                table=table,
                run=run,
                gold=gold_table,
                prompt=prompt,
                kept=kept,
                teller=teller,
            )

    def _checked(
        self, client: CortexClient, problems: Problems, source: Any, into: str, gold: str | None
    ) -> tuple[TicketSource | None, TableName | None, TableName | None]:
        given: TicketSource | None = None
        table: TableName | None = None
        gold_table: TableName | None = None
        with problems:
            table = fully_qualified(client, TableName.parse(into, role="training set table"))
            problems.add(table_problems(client, table))
        with problems:
            given = checked_source(client, TicketSource.of(source)).source
            if self._split == "time" and given.created_at is None:
                problems.add(["split='time' needs the column of dates: TicketSource(..., created_at='...')."])
        if gold is not None:
            with problems:
                named = fully_qualified(client, TableName.parse(gold, role="gold table"))
                found = gold_problems(client, named)
                problems.add(found)
                gold_table = None if found else named
        return given, table, gold_table

    def _frozen(
        self,
        client: CortexClient,
        candidates: Sequence[Candidate],
        *,
        source: TicketSource,
        table: TableName,
        run: TableRun,
        gold: TableName | None,
        prompt: ClassificationPrompt,
        kept: Mapping[str, Split],
        teller: BuildTeller,
    ) -> TrainingSet:
        texts = {candidate.text_hash: candidate.text for candidate in candidates}
        groups = group_texts(texts, tell=lambda n_done: teller.tell(BuildStep.GROUPING, n_done, len(texts)))
        by_group, notes = self._split_groups(groups_of(candidates, groups, kept), source)
        sides = {candidate.key: by_group[groups[candidate.text_hash]] for candidate in candidates}
        dropped = dropped_reasons(candidates, sides, seed=self._seed, max_per_label=self._max_per_label)
        rows = [_row(candidate, groups, sides, dropped) for candidate in candidates]
        counts = Counter(row.split for row in rows if row.dropped is None)
        _require_something_to_learn(rows)
        training_set = TrainingSet(
            id=content_id(rows, prompt),
            table=str(table),
            prompt=prompt,
            seed=self._seed,
            teacher_hash=run.classifier_hash,
            teacher_model=run.model,
            labels_table=run.into,
            gold_table=None if gold is None else str(gold),
            source=_table_of(client, source),
            n_training=counts[Split.TRAINING],
            n_validation=counts[Split.VALIDATION],
            n_test=sum(row.split == Split.TEST for row in rows),
            report=make_report(
                candidates, labels=prompt.labels.names, groups=groups, sides=sides, dropped=dropped, notes=notes
            ),
            created_at=client.clock.now(),
        )
        freeze(
            client,
            source,
            rows,
            training_set,
            table,
            tell=lambda n_sent: teller.tell(BuildStep.WRITING, n_sent, len(rows)),
        )
        return training_set

    def _split_groups(self, grouped: Sequence[Grouped], source: TicketSource) -> tuple[dict[str, Split], list[str]]:
        by_time = self._split == "time" or (self._split is None and source.created_at is not None)
        if by_time:
            return split_by_time(grouped, shares=self._shares)
        return split_by_hash(grouped, seed=self._seed, shares=self._shares)


def _table_of(client: CortexClient, source: TicketSource) -> str | None:
    return None if source.table is None else str(fully_qualified(client, TableName.parse(source.table)))


def _row(
    candidate: Candidate,
    groups: Mapping[str, str],
    sides: Mapping[tuple[str, str], Split],
    dropped: Mapping[tuple[str, str], str],
) -> FrozenRow:
    is_measurable = candidate.gold_label is not None
    return FrozenRow(
        ticket_id=candidate.ticket_id,
        text_hash=candidate.text_hash,
        split=sides[candidate.key].value,
        group_id=groups[candidate.text_hash],
        completion=candidate.completion,
        label=candidate.label,
        outcome=candidate.outcome,
        gold_label=candidate.gold_label if is_measurable else candidate.correction,
        gold_source="random_sample" if is_measurable else ("correction" if candidate.correction else None),
        dropped=dropped.get(candidate.key),
    )


def _require_something_to_learn(rows: Sequence[FrozenRow]) -> None:
    learned = {row.completion for row in rows if row.split == Split.TRAINING and row.dropped is None}
    if len(learned) < 2:  # noqa: PLR2004  one label is nothing to tell apart
        raise InvalidTrainingSetError(
            f"The training rows have {len(learned)} distinct labels, and at least two are needed to learn anything. "
            "Check the run's outcomes: run.n_by_outcome says what became of the answers."
        )
