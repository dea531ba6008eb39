"""What a training set is built with: looked at before anything is billed or written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, InvalidTrainingSetError
from cortex_tickets.ledger.schema import RUNS_SUFFIX
from cortex_tickets.problems import seconds_problems
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.label_set import LabelSet
from cortex_tickets.records.table_name import TableName
from cortex_tickets.table_run import TableRun


def option_problems(labels: object, teacher: object, *, budget: object, timeout: object, progress: object) -> list[str]:
    """Return what is wrong with the options, by their types. Sends nothing."""
    problems = seconds_problems(timeout)
    if not (isinstance(progress, bool) or callable(progress)):
        problems.append(
            f"progress={progress!r} must be True for a bar, False, or a function that takes a BuildProgress."
        )
    if budget is not None and not isinstance(budget, Budget):
        problems.append(f"budget={budget!r} is no Budget. Write budget=Budget(ai_credits=...).")
    if (labels is None) == (teacher is None):
        problems.append("Give either labels= (a run) or teacher= (a classifier), and not both.")
    elif labels is not None and not isinstance(labels, TableRun):
        problems.append(f"labels must be the run that classify_table(...) returned, not a {type(labels).__name__}.")
    elif teacher is not None and not hasattr(teacher, "classify_table"):
        problems.append(f"teacher must be a classifier, such as a TicketClassifier, not a {type(teacher).__name__}.")
    return problems


def labels_of(client: CortexClient, run: TableRun) -> LabelSet:
    """Return the labels that the run's classifier chose from, as they stand with the run.

    Raises:
        InvalidInputError: If the ledger does not know the run, or the run does not say its labels.
    """
    runs = TableName.parse(run.into).sibling(RUNS_SUFFIX)
    stored = client.value(Statement(f"SELECT SPECIFICATION FROM {runs.sql} WHERE RUN_ID = ?", (run.run_id,)))
    if stored is None:
        raise InvalidInputError(f"{runs} does not know the run {run.run_id}. Give the run of this ledger.")
    found = _labels_in(json.loads(stored))
    if found is None:
        raise InvalidInputError(
            f"The run {run.run_id} in {runs} does not say which labels {run.model} chose from, so no prompt can be "
            "made of them. Label the tickets anew, with teacher= and the classifier itself."
        )
    return found


def _labels_in(specification: Mapping[str, Any]) -> LabelSet | None:
    """Return the labels of a question: a prompt has them, a head says them, and a question of parts has those of one.

    A scored answer is the label of what is scored; a cascade may give whatever its teacher may.
    """
    if isinstance(specification.get("prompt"), Mapping):
        return ClassificationPrompt.model_validate(specification["prompt"]).labels
    if isinstance(specification.get("label_set"), Mapping):
        return LabelSet.model_validate(specification["label_set"])
    parts = (specification.get(name) for name in ("labelling", "teacher"))
    return next((found for part in parts if isinstance(part, Mapping) and (found := _labels_in(part))), None)


def prompt_for(prompt: ClassificationPrompt | None, label_set: LabelSet) -> ClassificationPrompt:
    """Return the prompt that the student is asked with; by default a short one.

    Raises:
        InvalidTrainingSetError: If it does not offer a label that the tickets may have.
    """
    chosen = prompt or ClassificationPrompt.short(label_set)
    unknown = [name for name in label_set.names if name not in chosen.labels.names]
    if unknown:
        raise InvalidTrainingSetError(
            f"prompt= does not offer the label {name!r}, which the run's tickets may have: no model can be asked "
            "for it with this prompt. Make the prompt of the same labels as the run."
            for name in unknown
        )
    return chosen
