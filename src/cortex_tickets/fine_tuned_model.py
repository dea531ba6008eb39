"""A model that a fine-tune job made, with the prompt that it was trained on."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.record import Received
from cortex_tickets.session import Session


class FineTunedModel(Received):
    """A tuned model, as `TicketClassifier.from_model` takes it."""

    name: str
    """The model's name as the server gave it, with database and schema; the server may have added a suffix."""
    base_model: str | None
    """The model it was tuned from; `None` if the server did not say."""
    job_id: str
    """The fine-tune job that made it."""
    prompt: ClassificationPrompt | None
    """The prompt it was trained on; `None` for a job made elsewhere, which then has to be given by hand."""
    training_set_id: str | None
    """The training set; `None` for a job made elsewhere."""
    training_loss: float | None = None
    """Loss on the training pairs at the end; `None` if the server did not say."""
    validation_loss: float | None = None
    """Loss on the validation pairs at the end; `None` if the server did not say."""
    trained_tokens: int | None = None
    """Input tokens times epochs, which is what is billed; `None` if the server did not say."""
    finished_at: datetime | None = None
    """When training ended, in UTC; `None` if the server did not say."""

    @classmethod
    def load(cls, session: Session, name: str) -> Self:
        """Return the model called `name`, found through the jobs that the account lists.

        Raises:
            InvalidInputError: If no successful job made a model of that name.
        """
        raise NotImplementedError
