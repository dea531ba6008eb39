"""A student whose answers get their probability from another student's head."""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._classifying.inputs import available_labelling
from cortex_tickets._classifying.verbs import ClassifierVerbs
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.head_check import head_problems
from cortex_tickets._cortex.scored_labelling import ScoredLabelling
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.embedding_student import EmbeddingStudent
from cortex_tickets.errors import InvalidInputError
from cortex_tickets.problems import Problems
from cortex_tickets.records.budget import ModelPrice
from cortex_tickets.ticket_classifier import TicketClassifier

__all__ = ["ScoredStudent"]


class ScoredStudent(ClassifierVerbs):
    """A classifier's labels, each with the probability that an `EmbeddingStudent`'s head gives to it.

    A fine-tuned model tells no probability, and a cascade needs one. Both are asked in one statement: the classifier
    gives the label, and the head says how likely that label is, and which other one is likeliest. A label that the
    head never learnt, and an answer that is no label, have no probability.

    The constructor stores and checks; it sends nothing. Safe to share between threads.

    Args:
        classifier: Gives the labels, such as `TicketClassifier.from_model(session, model)`.
        score: Gives the probabilities; of the same label set. What it embeds is counted with the classifier's tokens,
            at the classifier's price.
        prices: The classifier's price where it is not known, by model.
        clock: Time; a fake one in tests.

    Raises:
        InvalidInputError: If either is something else, or their labels differ.
    """

    def __init__(
        self,
        classifier: TicketClassifier,
        score: EmbeddingStudent,
        *,
        prices: Mapping[str, ModelPrice] | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        problems = _problems(classifier, score)
        if problems:
            raise InvalidInputError(problems)
        operation = ScoredLabelling(classifier.operation, score.head)
        known = {} if classifier.price is None else {classifier.model: classifier.price}
        super().__init__(
            classifier.session,
            operation,
            is_tuned=classifier.is_tuned,
            prices={**known, **(prices or {})},
            clock=clock,
        )
        self._scored = operation

    @property
    def operation(self) -> ScoredLabelling:
        """What it asks, as the SQL that table operations are made of."""
        return self._scored

    def _ready(self, client: CortexClient, problems: Problems) -> ScoredLabelling:
        problems.add(head_problems(client, self._scored.head))
        labelling = available_labelling(client, self._scored.labelling, problems)
        return self._scored.asking(labelling.model)

    def _ready_for_texts(self, client: CortexClient) -> ScoredLabelling:
        problems = head_problems(client, self._scored.head)
        if problems:
            raise InvalidInputError(problems)
        return self._scored


def _problems(classifier: object, score: object) -> list[str]:
    problems = []
    if not isinstance(classifier, TicketClassifier):
        problems.append(f"classifier must be a TicketClassifier, not a {type(classifier).__name__}.")
    if not isinstance(score, EmbeddingStudent):
        problems.append(f"score must be an EmbeddingStudent, not a {type(score).__name__}.")
    if not isinstance(classifier, TicketClassifier) or not isinstance(score, EmbeddingStudent):
        return problems
    ours, theirs = set(classifier.labels.names), set(score.labels.names)
    if ours == theirs:
        return []
    differing = ", ".join(sorted(ours ^ theirs))
    problem = (
        f"The classifier and the head have different labels: only one of them has {differing}. "
        "Train the head on the training set that the classifier is of."
    )
    return [problem]
