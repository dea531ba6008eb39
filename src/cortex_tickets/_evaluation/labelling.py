"""Has every classifier label the test split, one after the other, under one budget and one deadline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets.clock import Clock
from cortex_tickets.errors import IncompleteRunError
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget, ModelPrice
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.session import Session
from cortex_tickets.table_run import TableRun
from cortex_tickets.training_set import TrainingSet

LEDGER_SUFFIX = "_EVALUATION"
_ADVICE = (
    "Call evaluate(...) again, which goes on from there, with a larger budget= or timeout= where that is the reason; "
    "or give allow_incomplete=True to measure what is there."
)
_NOTHING = 1e-12
"""AI credits that pay for no text: what a budget that is used up leaves. What is answered already can still be read."""

Progress = bool | RowListener


@runtime_checkable
class Evaluable(Protocol):
    """What an evaluation needs of a classifier; `TicketClassifier` is one, `EmbeddingStudent` another."""

    @property
    def classifier_hash(self) -> str:
        """SHA-256 of all that can change an answer: the key of its ledger rows."""
        ...

    @property
    def model(self) -> str:
        """The model that it asks."""
        ...

    @property
    def is_tuned(self) -> bool:
        """Whether its model was trained for these labels, as a student is."""
        ...

    @property
    def labels(self) -> LabelSet:
        """The labels that it chooses from."""
        ...

    @property
    def price(self) -> ModelPrice | None:
        """AI credits per million tokens; `None` if unknown."""
        ...

    @property
    def session(self) -> Session:
        """The session that it sends its statements over."""
        ...

    def classify_table(
        self,
        source: Any,
        *,
        into: str,
        budget: Budget | None = None,
        chunk_rows: int = ...,
        timeout: float | None = None,
        progress: Progress = False,
    ) -> TableRun:
        """Label every ticket of the source that has no answer in the ledger `into` yet."""
        ...


def label_test_split(
    classifiers: Mapping[str, Evaluable],
    training_set: TrainingSet,
    *,
    budget: Budget | None,
    allow_incomplete: bool,
    chunk_rows: int,
    timeout: float | None,
    progress: Progress,
    clock: Clock,
) -> dict[str, TableRun]:
    """Return each classifier's run over the test split.

    Raises:
        IncompleteRunError: If budget or time ran out and `allow_incomplete` is false.
    """
    if budget is not None:
        # No source states what a fine-tuned model's answers cost; a student must be measurable all the same.
        budget = budget.model_copy(update={"unknown_price": "dearest_listed"})
    source = TicketSource(query=training_set.rows_query(Split.TEST), id="TICKET_ID", text="TEXT")
    into = ledger_table(training_set)
    ends = None if timeout is None else clock.monotonic() + timeout
    runs = {}
    for name, classifier in classifiers.items():
        left = None if ends is None else max(ends - clock.monotonic(), 1e-3)
        run = classifier.classify_table(
            source, into=into, budget=budget, chunk_rows=chunk_rows, timeout=left, progress=progress
        )
        if not run.is_complete and not allow_incomplete:
            raise IncompleteRunError(
                run_id=run.run_id,
                n_left=run.n_left,
                reason=f"{name}: {run.reason or 'no reason given'}",
                advice=_ADVICE,
            )
        runs[name] = run
        budget = left_of(budget, run)
    return runs


def ledger_table(training_set: TrainingSet) -> str:
    """Return the ledger that the set's labels came from, so that paid-for answers are not bought again."""
    if training_set.labels_table is not None:
        return training_set.labels_table
    return str(TableName.parse(training_set.table).sibling(LEDGER_SUFFIX))


def left_of(budget: Budget | None, run: TableRun) -> Budget | None:
    """Return what the run leaves of the budget; an unknown price counts as the dearest listed one.

    Where the server told no tokens, nothing is left.
    """
    if budget is None or budget.ai_credits is None:
        return budget
    spent = run.ai_credits
    if run.input_tokens is None or run.output_tokens is None:
        spent = budget.ai_credits  # nobody knows what was spent, and a hard stop must stay one
    elif spent is None:
        spent = packaged_prices().ceiling(run.model).credits(run.input_tokens, run.output_tokens)
    return budget.model_copy(update={"ai_credits": max(budget.ai_credits - spent, _NOTHING)})
