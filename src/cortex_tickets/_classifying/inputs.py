"""Looks at what a classifier is made of and asked about, before anything is sent."""

from __future__ import annotations

from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.labelling import Labelling
from cortex_tickets._cortex.models import available_model
from cortex_tickets.errors import InvalidInputError, PromptMismatchError
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.problems import Problems, model_name_problems
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.label_set import LabelSet


def checked_labels(labels: Any, model: object, function: str, prompt: ClassificationPrompt | None) -> LabelSet:
    """Return the label set of a new classifier.

    Raises:
        InvalidInputError: With every problem in the labels, the model and the prompt.
    """
    problems: list[str] = []
    label_set: LabelSet | None = None
    try:
        label_set = LabelSet.of(labels)
    except InvalidInputError as error:
        problems += error.problems
    if function not in ("AI_COMPLETE", "AI_CLASSIFY"):
        problems.append(f"function={function!r} is neither 'AI_COMPLETE' nor 'AI_CLASSIFY'.")
    elif function == "AI_CLASSIFY" and model is not None:
        problems.append("AI_CLASSIFY takes no model=: Snowflake chooses it. Leave model= out.")
    elif function == "AI_COMPLETE":
        problems += model_name_problems(model, function)
    if prompt is not None and label_set is not None and prompt.labels != label_set:
        problems.append("prompt= was made for other labels than labels=; make it of the same label set.")
    if problems or label_set is None:
        raise InvalidInputError(problems)
    return label_set


def available_labelling(client: CortexClient, labelling: Labelling, problems: Problems) -> Labelling:
    """Return what is asked of the first model that the account has; if it has none, that is a problem.

    Neither fine-tuned models nor Snowflake's own choice are listed: they are asked as they are.
    """
    if not labelling.is_listed:
        return labelling
    model, against = available_model(client, labelling.candidates)
    problems.add(against)
    return labelling.asking(model or labelling.model)


def prompt_of(model: FineTunedModel, prompt: ClassificationPrompt | None) -> ClassificationPrompt:
    """Return the prompt that a fine-tuned model is asked with.

    Raises:
        PromptMismatchError: If the model has a stored prompt and another one is given.
        InvalidInputError: If it has none and none is given.
    """
    stored = model.prompt
    if stored is not None and prompt is not None and prompt.hash != stored.hash:
        raise PromptMismatchError(model=model.name, expected=stored.hash, given=prompt.hash)
    chosen = stored or prompt
    if chosen is None:
        raise InvalidInputError(
            f"The model {model.name} comes from a job that was made elsewhere, so the prompt it was trained on is not "
            "known here. Give it: TicketClassifier.from_model(session, model, prompt=ClassificationPrompt(...))."
        )
    return chosen
