"""A model that a fine-tune job made, with the prompt that it was trained on."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tuning import described_jobs, list_jobs
from cortex_tickets.errors import InvalidInputError, UnexpectedAnswerError
from cortex_tickets.notebook_card import card, facts
from cortex_tickets.prompts.classification_prompt import ClassificationPrompt
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus
from cortex_tickets.records.record import Received
from cortex_tickets.records.table_name import TableName
from cortex_tickets.session import Session
from cortex_tickets.training_set import TrainingSet

logger = logging.getLogger("cortex_tickets")

_OWN_QUERY = re.compile(
    r"\bFROM\s+(?P<table>(?:\"(?:[^\"]|\"\")+\"|[\w$]+)(?:\.(?:\"(?:[^\"]|\"\")+\"|[\w$]+))*)"
    r"\s+WHERE\s+TRAINING_SET_ID\s*=\s*'(?P<id>[0-9a-f]+)'",
    re.IGNORECASE,
)
"""How `TrainingSet.training_query` reads its table: the set's id stands in the query, and so in the job."""


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
    training_table: str | None = None
    """The table that holds it; `None` for a job made elsewhere."""
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

        Sends SHOW and one DESCRIBE for each job that is listed as successful, the newest first, 100 at most, and
        reads the training set's manifest; nothing is billed. Snowflake clears its list of jobs at times: a model
        whose job is no longer listed is not found.

        Args:
            session: Where the model is.
            name: The model's name, bare or with schema and database.

        Raises:
            InvalidInputError: If it is no name, if no successful job made a model of that name, or if a bare name
                fits several models.
            CortexError: If Snowflake fails.
        """
        wanted = TableName.parse(name, role="model")
        found: dict[str, FineTuneStatus] = {}
        for job in _successful(CortexClient(session)):
            if job.model is not None and _is_called(job.model, wanted):
                found.setdefault(job.model, job)
                if wanted.is_full:
                    break
        if not found:
            raise InvalidInputError(
                f"No successful fine-tune job that this role may see made a model called {name}. "
                "FineTuneJob.list(session) shows the jobs."
            )
        if len(found) > 1:
            raise InvalidInputError(f"The name {name} fits {', '.join(sorted(found))}. Give one of them in full.")
        job = next(iter(found.values()))
        return cls.of_job(job, training_set_of(session, job.training_query))

    @classmethod
    def of_job(cls, job: FineTuneStatus, training_set: TrainingSet | None) -> Self:
        """Return the model that a successful job made.

        Args:
            job: The job's status, with state SUCCESS.
            training_set: What it was trained on; `None` for a job made elsewhere.

        Raises:
            UnexpectedAnswerError: If the server named no model.
        """
        if job.model is None:
            raise UnexpectedAnswerError(f"Fine-tune job {job.job_id} succeeded but names no model", answer=job)
        return cls(
            name=job.model,
            base_model=job.base_model,
            job_id=job.job_id,
            prompt=None if training_set is None else training_set.prompt,
            training_set_id=None if training_set is None else training_set.id,
            training_table=None if training_set is None else training_set.table,
            training_loss=job.training_loss,
            validation_loss=job.validation_loss,
            trained_tokens=job.trained_tokens,
            finished_at=job.finished_at,
        )

    def _repr_html_(self) -> str:
        losses = {"training": self.training_loss, "validation": self.validation_loss}
        loss = ", ".join(f"{value:.4f} {name}" for name, value in losses.items() if value is not None)
        return card(
            f"Fine-tuned model {self.name}",
            facts(
                {
                    "base model": self.base_model,
                    "job": self.job_id,
                    "training set": None if self.training_set_id is None else self.training_set_id[:12],
                    "prompt": "not known: give it with prompt=" if self.prompt is None else self.prompt.hash[:12],
                    "loss": loss or None,
                    "trained tokens": None if self.trained_tokens is None else f"{self.trained_tokens:,}",
                }
            ),
        )


def training_set_of(
    session: Session, training_query: str | None, *, timeout: float | None = None
) -> TrainingSet | None:
    """Return the training set that a job's query reads; `None` for a query made elsewhere or a set that is gone."""
    own = _OWN_QUERY.search(training_query or "")
    if own is None:
        return None
    try:
        return TrainingSet.load(session, own["table"], own["id"], timeout=timeout)
    except InvalidInputError:
        logger.warning("the manifest of the training set in %s is gone, and with it the model's prompt", own["table"])
        return None


def _successful(client: CortexClient) -> Iterator[FineTuneStatus]:
    # A word that SHOW uses and we do not know may still mean success, and DESCRIBE then says more.
    listed = (job for job in list_jobs(client) if job.state in (FineTuneState.SUCCESS, FineTuneState.UNKNOWN))
    return (job for job in described_jobs(client, listed) if job.state is FineTuneState.SUCCESS)


def _is_called(model: str, wanted: TableName) -> bool:
    try:
        parts = TableName.parse(model).parts
    except InvalidInputError:
        return False
    # Old servers told bare names: as many parts as both have must agree.
    shared = min(len(parts), len(wanted.parts))
    return parts[-shared:] == wanted.parts[-shared:]
