"""What a fine-tune job is asked for, and when two requests are the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.records.table_name import TableName

DEFAULT_EPOCHS = 3
"""Epochs that are reckoned with where Snowflake chooses: its table of row limits calls 3 the default."""


@dataclass(frozen=True, slots=True)
class FineTuneRequest:
    """All that CREATE sends."""

    model: TableName
    """The model to be made, with database and schema; Snowflake may add a suffix."""
    base_model: str
    training_query: str
    validation_query: str
    max_epochs: int | None

    @property
    def epochs(self) -> int:
        """Epochs to reckon with."""
        return DEFAULT_EPOCHS if self.max_epochs is None else self.max_epochs

    @property
    def options(self) -> str:
        """The options as the JSON text that CREATE takes; empty if there are none."""
        return "" if self.max_epochs is None else json.dumps({"max_epochs": self.max_epochs})

    @property
    def identity(self) -> str:
        """SHA-256 of what makes two jobs the same: base model, both queries, options. The name is not part of it."""
        content = [self.base_model, self.training_query, self.validation_query, self.options]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()

    def is_answered_by(self, status: FineTuneStatus) -> bool:
        """Whether the job does what is asked for here; a job whose queries are not told is not taken for the same."""
        return (
            (status.base_model or "").lower() == self.base_model
            and status.training_query == self.training_query
            and status.validation_query == self.validation_query
            and self._has_same_options(status)
        )

    def _has_same_options(self, status: FineTuneStatus) -> bool:
        if status.options is None:
            return True  # older servers do not tell them; not told is no contradiction
        if self.max_epochs is None:
            return status.max_epochs in (None, DEFAULT_EPOCHS)
        return status.max_epochs == self.max_epochs
