"""One fine-tune job: what FINETUNE('DESCRIBE') and ('SHOW') say of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Status = Literal["PENDING", "IN_PROGRESS", "SUCCESS", "ERROR", "CANCELLED"]
TERMINAL: frozenset[str] = frozenset({"SUCCESS", "ERROR", "CANCELLED"})
_NOT_YET = 0.99


class Interruptible(Protocol):
    """Something that runs and can be told to stop."""

    def interrupt(self) -> None:
        """Stop it."""


@dataclass
class FineTuneJob:
    """One fine-tune job.

    Attributes:
        id: `ft_` and a UUID.
        model: Full name of the model to be, suffix included.
        base_model: What is tuned.
        training_data: Text of the training query.
        validation_data: Text of the validation query; empty without one.
        options: As given, `max_epochs` or nothing.
        database: Where unqualified names of the queries are looked up.
        schema: The same.
        created_on: Epoch milliseconds.
        finished_on: Epoch milliseconds; `None` while it is under way.
        status: Snowflake's name.
        progress: 0 to 1.
        error: Message; `None` unless the status is ERROR.
        trained_tokens: Input tokens times epochs; `None` unless it succeeded.
        training_loss: Mean loss on the training rows at the end.
        validation_loss: Mean loss on the validation rows at the end.
    """

    id: str
    model: str
    base_model: str
    training_data: str
    validation_data: str
    options: Mapping[str, Any]
    database: str
    schema: str
    created_on: int
    finished_on: int | None = None
    status: Status = "PENDING"
    progress: float = 0.0
    error: str | None = None
    trained_tokens: int | None = None
    training_loss: float | None = None
    validation_loss: float | None = None

    def __post_init__(self) -> None:
        self.is_cancelled = threading.Event()
        self._query: Interruptible | None = None
        self._lock = threading.Lock()

    def watch(self, query: Interruptible | None) -> None:
        """Remember where its query runs."""
        with self._lock:
            self._query = query

    def stop(self) -> None:
        """Ask its thread to stop; a query under way is interrupted."""
        with self._lock:
            self.is_cancelled.set()
            if self._query is not None:
                self._query.interrupt()

    def has_ended(self) -> bool:
        """Whether nothing more will happen; another thread may have seen to it."""
        return self.status in TERMINAL

    @property
    def epochs(self) -> int:
        """How often the data is gone through."""
        return int(self.options.get("max_epochs", 3))

    def described(self, status: str | None = None) -> str:
        """JSON of FINETUNE('DESCRIBE').

        Args:
            status: Reported in the place of the true one, with nothing that only an end has; `None` is the true one.

        Source:
            docs.snowflake.com/en/sql-reference/functions/finetune-describe, read 2026-11-22.
        """
        value: dict[str, Any] = {
            "base_model": self.base_model,
            "created_on": self.created_on,
            "id": self.id,
            "progress": round(self.progress if status is None else min(self.progress, _NOT_YET), 4),
            "status": status or self.status,
            "training_data": self.training_data,
            "validation_data": self.validation_data,
            "options": dict(self.options),
        }
        if status is not None:
            return json.dumps(value)
        if self.status == "ERROR":
            value["error"] = {"message": self.error}
        if self.finished_on is not None:
            value["finished_on"] = self.finished_on
        if self.status == "SUCCESS":
            value["model"] = self.model
            value["trained_tokens"] = self.trained_tokens
            value["training_result"] = {
                "validation_loss": self.validation_loss,
                "training_loss": self.training_loss,
            }
        return json.dumps(value)

    def listed(self, status: str | None = None) -> dict[str, Any]:
        """Its element of FINETUNE('SHOW'); `status` as in `described`."""
        return {
            "id": self.id,
            "status": status or self.status,
            "base_model": self.base_model,
            "created_on": self.created_on,
        }
