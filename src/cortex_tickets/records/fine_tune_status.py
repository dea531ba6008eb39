"""What Snowflake says of one fine-tune job at one moment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from cortex_tickets.records.record import Received

_MESSAGE_KEYS = ("message", "error_message", "error", "detail", "reason")
"""Where the text of an error object may stand; its keys are not documented."""


class FineTuneState(StrEnum):
    """Where a job stands."""

    PENDING = "PENDING"
    """Accepted, not yet begun."""
    RUNNING = "RUNNING"
    """Training; Snowflake's SQL says IN_PROGRESS, its Python client RUNNING."""
    SUCCESS = "SUCCESS"
    """Done: the model can be asked."""
    ERROR = "ERROR"
    """Ended by Snowflake; there is no model."""
    CANCELLED = "CANCELLED"
    """Ended by somebody; there is no model."""
    UNKNOWN = "UNKNOWN"
    """A word that was not documented when this was written. The job may still end well, so waiting goes on."""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        match self:
            case FineTuneState.SUCCESS | FineTuneState.ERROR | FineTuneState.CANCELLED:
                return True
            case FineTuneState.PENDING | FineTuneState.RUNNING | FineTuneState.UNKNOWN:
                return False
            case _:
                assert_never(self)


class FineTuneStatus(Received):
    """One job as it stood when it was asked about.

    Source:
        [FINETUNE ('DESCRIBE')](https://docs.snowflake.com/en/sql-reference/functions/finetune-describe),
        read 2026-11-22.
    """

    job_id: str
    """The job's id, such as `ft_6556e15c-…`; opaque."""
    state: FineTuneState
    """Where the job stands."""
    status: str
    """Snowflake's own word for it; empty if it gave none."""
    progress: float | None = None
    """Share of the training that is done, 0 to 1; `None` if the server did not say."""
    model: str | None = None
    """The model's name, to be used as it stands; `None` before SUCCESS."""
    base_model: str | None = None
    """The model that is tuned; `None` if the server did not say."""
    training_query: str | None = None
    """The query of the training pairs; `None` if the server did not say."""
    validation_query: str | None = None
    """The query of the validation pairs; empty if none was sent, `None` if the server did not say."""
    options: Mapping[str, Any] | None = None
    """The options that the server reports; `None` if it did not say."""
    created_at: datetime | None = None
    """When the job was made, in UTC; `None` if the server did not say."""
    finished_at: datetime | None = None
    """When training ended, in UTC; `None` before that."""
    trained_tokens: int | None = None
    """Input tokens times epochs, which is what is billed; `None` before SUCCESS."""
    training_loss: float | None = None
    """Loss on the training pairs at the end; `None` if the server did not say."""
    validation_loss: float | None = None
    """Loss on the validation pairs at the end; `None` if the server did not say."""
    error: str | Mapping[str, Any] | None = None
    """What went wrong, as text or as the object that came; `None` unless the state is ERROR."""

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return self.state.is_over

    @property
    def max_epochs(self) -> int | None:
        """Epochs that were asked for at most; `None` if the server did not say."""
        try:
            return int((self.options or {})["max_epochs"])
        except (KeyError, TypeError, ValueError, OverflowError):
            return None

    @property
    def error_text(self) -> str:
        """What went wrong, in words; empty if there is no error."""
        if self.error is None or isinstance(self.error, str):
            return self.error or ""
        told = (self.error.get(key) for key in _MESSAGE_KEYS)
        return next((text for text in told if isinstance(text, str) and text), json.dumps(self.error, default=str))

    def __str__(self) -> str:
        done = "" if self.progress is None else f", {self.progress:.0%}"
        return f"{self.job_id}: {self.status or self.state.value}{done}"
