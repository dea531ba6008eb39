"""Labels tickets: one, many, a table, or lazily as SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from cortex_tickets._classifying.inputs import available_labelling, checked_labels, prompt_of
from cortex_tickets._classifying.verbs import ClassifierVerbs
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.labelling import MANAGED_MODEL, Labelling
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.fine_tuned_model import FineTunedModel
from cortex_tickets.problems import Problems, model_names
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.records.label_set import Label, LabelSet
from cortex_tickets.records.learned_from import LearnedFrom
from cortex_tickets.session import Session


class TicketClassifier(ClassifierVerbs):
    """Gives each ticket one label out of a closed set, with a model that runs inside Snowflake.

    The constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        labels: The labels: a list of names, a list of `Label`, or a `LabelSet`.
        model: A Cortex model, such as `claude-sonnet-4-6`, or several in the order in which they are to be tried: the
            next one is asked where one is retired, in legacy state, or not in this region. Not given for
            `function="AI_CLASSIFY"`, whose model Snowflake chooses.
        function: `AI_COMPLETE` asks `model` with an answer constrained to the labels; `AI_CLASSIFY` is Snowflake's
            own classifier, best with at most 20 labels.
        prompt: What is asked; by default a rich prompt made of the labels.
        prices: Prices that the packaged table lacks or has wrong, by model.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: With every problem in the labels, the model and the prompt.
    """

    def __init__(
        self,
        session: Session,
        *,
        labels: LabelSet | Sequence[str] | Sequence[Label],
        model: str | Sequence[str] | None = None,
        function: Literal["AI_COMPLETE", "AI_CLASSIFY"] = "AI_COMPLETE",
        prompt: ClassificationPrompt | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        models = model_names(model)
        label_set = checked_labels(labels, model, function, prompt)
        operation = Labelling(
            function=function,
            model=models[0] if models else MANAGED_MODEL,
            models=models,
            prompt=prompt or ClassificationPrompt.rich(label_set),
            is_constrained=function == "AI_COMPLETE",
        )
        self._become(session, operation, is_tuned=False, prices=prices, clock=clock)

    @classmethod
    def from_model(
        cls,
        session: Session,
        model: FineTunedModel,
        *,
        prompt: ClassificationPrompt | None = None,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a classifier that asks a fine-tuned model with the prompt that it was trained on.

        Args:
            session: Where the model is.
            model: What `FineTuneJob.wait` or `FineTunedModel.load` returned.
            prompt: Only for a model whose job was made elsewhere, and so has no stored prompt.
            prices: The model's price, by its name: no source states it for fine-tuned models.
            clock: Time; a fake one in tests.

        Raises:
            PromptMismatchError: If the model has a stored prompt and another one is given.
            InvalidInputError: If it has none and none is given.
        """
        chosen = prompt_of(model, prompt)
        # Whether response_format works on fine-tuned models is not documented; they learned to answer the bare label.
        operation = Labelling(
            function="AI_COMPLETE",
            model=model.name,
            prompt=chosen,
            is_constrained=False,
            counting_model=model.base_model,
            is_tuned=True,
            learned=None
            if model.training_set_id is None
            else LearnedFrom(training_set_id=model.training_set_id, training_table=model.training_table),
        )
        made = cls(session, labels=chosen.labels, model=model.name, prompt=chosen, prices=prices, clock=clock)
        made._become(session, operation, is_tuned=True, prices=prices, clock=clock)
        return made

    def _become(
        self,
        session: Session,
        operation: Labelling,
        *,
        is_tuned: bool,
        prices: Mapping[str, ModelPrice] | None,
        clock: Clock,
    ) -> None:
        super().__init__(session, operation, is_tuned=is_tuned, prices=prices, clock=clock)
        self._labelling = operation

    @property
    def prompt(self) -> ClassificationPrompt:
        """What it asks."""
        return self._labelling.prompt

    @property
    def operation(self) -> Labelling:
        """What it asks, as the SQL that table operations are made of."""
        return self._labelling

    def _ready(self, client: CortexClient, problems: Problems) -> Labelling:
        return available_labelling(client, self._labelling, problems)
