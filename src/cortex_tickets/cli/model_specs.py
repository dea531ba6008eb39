"""Makes classifiers of what their words say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never, cast

from cortex_tickets import (
    Cascade,
    EmbeddingStudent,
    FineTunedModel,
    InvalidInputError,
    LabelSet,
    ModelPrice,
    ScoredStudent,
    TicketClassifier,
)
from cortex_tickets.cli.model_spec import ModelSpec

Classifier = TicketClassifier | EmbeddingStudent | ScoredStudent | Cascade
_Member = TicketClassifier | EmbeddingStudent | ScoredStudent


class ModelSpecs:
    """The classifiers of one command, made when they are first asked for.

    Args:
        session: Where they label.
        labels: The labels of Cortex models; `None` where nobody gave any.
        prices: Prices by model.
        certificates: The table of certificates, for cascades.
    """

    def __init__(
        self, session: Any, *, labels: LabelSet | None, prices: Mapping[str, ModelPrice], certificates: str
    ) -> None:
        self._session = session
        self._labels = labels
        self._prices = prices
        self._certificates = certificates
        self._made: dict[ModelSpec, Classifier] = {}

    def classifier(self, spec: ModelSpec) -> Classifier:
        """Return the classifier.

        Raises:
            InvalidInputError: If there is no such thing, or labels are missing.
            CortexError: If Snowflake fails.
        """
        if spec not in self._made:
            self._made[spec] = self._make(spec)
        return self._made[spec]

    def _make(self, spec: ModelSpec) -> Classifier:
        match spec.kind:
            case "cortex" | "AI_CLASSIFY":
                return self._cortex_model(spec)
            case "fine-tuned":
                model = FineTunedModel.load(self._session, spec.names[0])
                return TicketClassifier.from_model(self._session, model, prices=self._prices)
            case "heads":
                return EmbeddingStudent.load(self._session, spec.names[0], spec.version, prices=self._prices)
            case "scored":
                return self._scored(spec)
            case "cascade":
                return self._cascade(spec)
            case _:
                assert_never(spec.kind)

    def _cortex_model(self, spec: ModelSpec) -> TicketClassifier:
        if self._labels is None:
            raise InvalidInputError(no_labels(spec))
        if spec.kind == "AI_CLASSIFY":
            return TicketClassifier(self._session, labels=self._labels, function="AI_CLASSIFY", prices=self._prices)
        return TicketClassifier(self._session, labels=self._labels, model=spec.names, prices=self._prices)

    def _scored(self, spec: ModelSpec) -> ScoredStudent:
        first, second = map(self.classifier, spec.parts)
        # The words were read as of these two kinds.
        return ScoredStudent(cast("TicketClassifier", first), cast("EmbeddingStudent", second), prices=self._prices)

    def _cascade(self, spec: ModelSpec) -> Cascade:
        student, teacher = map(self.classifier, spec.parts)
        # The words were read as of two that are no cascades.
        return Cascade.load(cast("_Member", student), cast("_Member", teacher), table=self._certificates)


def no_labels(spec: ModelSpec) -> str:
    """Return what is said where nobody gave the labels that a classifier chooses from."""
    return (
        f"The model {spec.text} needs labels to choose from. Give --label twice or more, --label-set FILE, or "
        "[[labels]] in cortex_tickets.toml."
    )
