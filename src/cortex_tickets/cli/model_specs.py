"""Turns words such as `claude-sonnet-4-6` or `heads:TICKETS_FT_HEADS` into classifiers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

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

KINDS = {
    "claude-sonnet-4-6": "a Cortex model; several with commas between them are tried in that order",
    "AI_CLASSIFY": "Snowflake's own classifier",
    "fine-tuned:NAME": "a fine-tuned model",
    "heads:TABLE": "the newest embedding student of a table of heads; `heads:TABLE@2` for version 2",
    "scored:A+B": "the labels of classifier A with the probabilities of the embedding student B",
    "cascade:A+B": "the certified cascade of student A and teacher B",
}
"""What a classifier may be called; A and B are names of other classifiers."""
Classifier = TicketClassifier | EmbeddingStudent | ScoredStudent | Cascade


class ModelSpecs:
    """The classifiers of one command, made when they are first asked for.

    Args:
        session: Where they label.
        named: Words by the name that they are called by.
        labels: The labels of Cortex models; `None` where nobody gave any.
        prices: Prices by model.
        certificates: The table of certificates, for cascades.
    """

    def __init__(
        self,
        session: Any,
        named: Mapping[str, str],
        *,
        labels: LabelSet | None,
        prices: Mapping[str, ModelPrice],
        certificates: str,
    ) -> None:
        self._session = session
        self._named = dict(named)
        self._labels = labels
        self._prices = prices
        self._certificates = certificates
        self._made: dict[str, Classifier] = {}
        self._making: list[str] = []

    def classifier(self, word: str) -> Classifier:
        """Return the classifier of a name, or of the words themselves.

        Raises:
            InvalidInputError: If there is no such thing, labels are missing, or names go round in a circle.
            CortexError: If Snowflake fails.
        """
        if word not in self._made:
            if word in self._making:
                raise InvalidInputError(f"The models {' -> '.join([*self._making, word])} name each other in a circle.")
            self._making.append(word)
            self._made[word] = self._make(self._named.get(word, word).strip())
            self._making.pop()
        return self._made[word]

    def _make(self, spec: str) -> Classifier:
        kind, colon, rest = spec.partition(":")
        if not colon:
            return self._cortex_model(spec)
        match kind:
            case "fine-tuned":
                model = FineTunedModel.load(self._session, rest)
                return TicketClassifier.from_model(self._session, model, prices=self._prices)
            case "heads":
                return self._embedding_student(rest)
            case "scored":
                first, second = self._pair(spec, rest)
                if not isinstance(first, TicketClassifier) or not isinstance(second, EmbeddingStudent):
                    raise InvalidInputError(f"{spec!r} must be of a model and of an embedding student, in this order.")
                return ScoredStudent(first, second, prices=self._prices)
            case "cascade":
                student, teacher = self._pair(spec, rest)
                if isinstance(student, Cascade) or isinstance(teacher, Cascade):
                    raise InvalidInputError(f"{spec!r} is a cascade of a cascade; give a student and a teacher.")
                return Cascade.load(student, teacher, table=self._certificates)
            case _:
                raise InvalidInputError(f"{spec!r} is no model. There are: {', '.join(KINDS)}.")

    def _cortex_model(self, spec: str) -> TicketClassifier:
        if self._labels is None:
            raise InvalidInputError(
                f"The model {spec} needs labels to choose from. Give --label twice or more, --label-set FILE, or "
                "[[labels]] in cortex_tickets.toml."
            )
        if spec.upper() == "AI_CLASSIFY":
            return TicketClassifier(self._session, labels=self._labels, function="AI_CLASSIFY", prices=self._prices)
        models = [name.strip() for name in spec.split(",")]
        return TicketClassifier(self._session, labels=self._labels, model=models, prices=self._prices)

    def _embedding_student(self, rest: str) -> EmbeddingStudent:
        table, at, version = rest.rpartition("@")
        if not at:
            return EmbeddingStudent.load(self._session, rest, prices=self._prices)
        if not version.isdecimal():
            raise InvalidInputError(f"'heads:{rest}' must end with a version's number, such as heads:{table}@2.")
        return EmbeddingStudent.load(self._session, table, int(version), prices=self._prices)

    def _pair(self, spec: str, rest: str) -> tuple[Classifier, Classifier]:
        first, plus, second = rest.partition("+")
        if not plus or not first.strip() or not second.strip():
            raise InvalidInputError(
                f"{spec!r} must name two models with + between them, such as cascade:student+teacher."
            )
        return self.classifier(first.strip()), self.classifier(second.strip())
