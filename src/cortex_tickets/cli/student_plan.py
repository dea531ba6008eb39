"""What `train` makes, with its price: a fine-tuned model, an embedding student, or whichever the account can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from cortex_tickets import (
    Budget,
    EmbeddingStudent,
    FineTunedModel,
    FineTuneJob,
    InvalidInputError,
    ModelPrice,
    TrainingSet,
    train_student,
)
from cortex_tickets.cli.asking import price_lines
from cortex_tickets.cli.opening import prices_of
from cortex_tickets.cli.settings import Settings


class TrainedModel(BaseModel):
    """A student, as a command tells of it."""

    model_config = ConfigDict(frozen=True, use_attribute_docstrings=True)

    kind: str
    """`fine-tune` or `embedding`."""
    model: str
    """What other commands call it: `fine-tuned:NAME` or `heads:TABLE@VERSION`."""
    reason: str
    """Why it is of this kind."""
    job_id: str | None = None
    """The fine-tune job; `None` where there was none, or nobody told it."""
    training_loss: float | None = None
    """The loss at the end on the training pairs of a tuned model; `None` if the server did not say."""
    validation_loss: float | None = None
    """The same on the validation pairs."""
    validation_accuracy: float | None = None
    """Share of the validation rows that an embedding student has right, 0 to 1."""

    @classmethod
    def of_job(cls, model: FineTunedModel, *, reason: str) -> Self:
        """Return what a fine-tune job made."""
        return cls(
            kind="fine-tune",
            model=f"fine-tuned:{model.name}",
            reason=reason,
            job_id=model.job_id,
            training_loss=model.training_loss,
            validation_loss=model.validation_loss,
        )

    @classmethod
    def of_head(cls, student: EmbeddingStudent, *, reason: str) -> Self:
        """Return an embedding student."""
        head = student.head
        return cls(
            kind="embedding",
            model=f"heads:{head.table}@{head.version}",
            reason=reason,
            validation_accuracy=head.validation_accuracy,
        )

    def __str__(self) -> str:
        return f"{self.reason}\nEvaluate it with --model student={self.model}"


@dataclass(frozen=True, slots=True)
class StudentPlan:
    """How the student is to be made."""

    kind: str
    base_model: str
    embedding_model: str
    max_epochs: int | None
    platform_price: float | None
    name: str | None
    heads: str | None
    prices: Mapping[str, ModelPrice]

    @classmethod
    def of(
        cls, settings: Settings, *, kind: str | None, base_model: str | None, name: str | None, heads: str | None
    ) -> Self:
        """Return the plan of the options over the settings."""
        training = settings.training
        return cls(
            kind=kind or training.student,
            base_model=base_model or training.base_model,
            embedding_model=training.embedding_model,
            max_epochs=training.max_epochs,
            platform_price=training.platform_credits_per_million_tokens,
            name=name,
            heads=heads or settings.tables.heads,
            prices=prices_of(settings),
        )

    def name_for(self, training_set: TrainingSet) -> str:
        """Return the tuned model's name: the one that was given, or one beside the training set."""
        table = training_set.table
        beside = f'{table[:-1]}_STUDENT"' if table.endswith('"') else f"{table}_STUDENT"
        return self.name or beside

    def price_lines(self, session: Any, training_set: TrainingSet) -> Iterator[str]:
        """Yield what each kind that may come of it would cost.

        Raises:
            InvalidInputError: If the kind that was asked for cannot be trained.
        """
        if self.kind != "auto":
            yield from (
                self._fine_tuning(session, training_set)
                if self.kind == "fine-tune"
                else self._embedding(session, training_set)
            )
            return
        # What speaks against one of the two is no reason not to train the other.
        with suppress(InvalidInputError):
            yield from self._fine_tuning(session, training_set)
        with suppress(InvalidInputError):
            yield from self._embedding(session, training_set)

    def train(
        self,
        session: Any,
        training_set: TrainingSet,
        *,
        budget: Budget | None,
        timeout: float | None,
        progress: bool,
    ) -> TrainedModel:
        """Train it, and wait for its end.

        Raises:
            InvalidInputError: Before anything is billed, with everything that speaks against it.
            FineTuneError: If a job did not end well, or in time.
            CortexError: If a statement fails.
        """
        match self.kind:
            case "fine-tune":
                job = FineTuneJob.start(
                    session,
                    name=self.name_for(training_set),
                    base_model=self.base_model,
                    training_set=training_set,
                    max_epochs=self.max_epochs,
                    budget=None if budget is None or budget.platform_credits is None else budget,
                    platform_credits_per_million_tokens=self.platform_price,
                )
                model = job.wait(timeout=timeout, progress=progress)
                found = "found the job that was there" if job.reused else "as was asked for"
                return TrainedModel.of_job(model, reason=f"Fine-tuned {self.base_model}, {found}.")
            case "embedding":
                head = EmbeddingStudent.train(
                    session,
                    training_set,
                    into=self.heads,
                    embedding_model=self.embedding_model,
                    budget=None if budget is None or budget.ai_credits is None else budget,
                    prices=self.prices,
                    timeout=timeout,
                )
                return TrainedModel.of_head(head, reason="Embeddings and a linear head, as was asked for.")
            case _:
                return self._best(session, training_set, budget=budget, timeout=timeout, progress=progress)

    def _best(
        self, session: Any, training_set: TrainingSet, *, budget: Budget | None, timeout: float | None, progress: bool
    ) -> TrainedModel:
        trained = train_student(
            session,
            training_set,
            name=self.name,
            base_model=self.base_model,
            max_epochs=self.max_epochs,
            into=self.heads,
            embedding_model=self.embedding_model,
            budget=budget,
            platform_credits_per_million_tokens=self.platform_price,
            prices=self.prices,
            timeout=timeout,
            progress=progress,
        )
        if isinstance(trained.student, EmbeddingStudent):
            return TrainedModel.of_head(trained.student, reason=trained.reason)
        model = FineTunedModel.load(session, trained.student.model)
        return TrainedModel.of_job(model, reason=trained.reason)

    def _fine_tuning(self, session: Any, training_set: TrainingSet) -> Iterator[str]:
        coming = FineTuneJob.estimate(
            session,
            base_model=self.base_model,
            training_set=training_set,
            max_epochs=self.max_epochs,
            platform_credits_per_million_tokens=self.platform_price,
        )
        yield f"fine-tuning: {coming}"

    def _embedding(self, session: Any, training_set: TrainingSet) -> Iterator[str]:
        coming = EmbeddingStudent.estimate_training(
            session, training_set, into=self.heads, embedding_model=self.embedding_model, prices=self.prices
        )
        yield from price_lines(coming, of="embeddings")
