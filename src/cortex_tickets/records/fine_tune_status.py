"""What Snowflake says of one fine-tune job at one moment."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, assert_never

from cortex_tickets.notebook_card import Tone, card, facts, percent, title
from cortex_tickets.records.record import Received

_MESSAGE_KEYS = ("message", "error_message", "error", "detail", "reason")
"""Where the text of an error object may stand; its keys are not documented."""
_DATA_KEYS = (
    *("prompt", "completion", "input", "output", "text", "value", "values", "row", "rows", "sample", "samples"),
    *("content", "data", "example", "examples", "record", "records", "ticket", "tickets"),
)
"""Where training pairs may stand: no reason, and not to be shown."""


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
        """What went wrong, in words; empty if there is no error.

        Of an object the first text under a key such as `message`, however deep; else its first text, unless the key
        says that it is data; else the object as JSON.
        """
        told = _read(self.error)
        if not told or isinstance(told, str):
            return self.error if isinstance(self.error, str) else ""
        texts = list(_texts(told))
        of_messages = (text for key in _MESSAGE_KEYS for named, text in texts if named == key)
        first = next(of_messages, None) or next((text for _, text in texts), None)
        return first or (self.error if isinstance(self.error, str) else json.dumps(self.error, default=str))

    def _repr_html_(self) -> str:
        good, bad = FineTuneState.SUCCESS, (FineTuneState.ERROR, FineTuneState.CANCELLED)
        tone = Tone.GOOD if self.state is good else Tone.BAD if self.state in bad else Tone.PLAIN
        losses = {"training": self.training_loss, "validation": self.validation_loss}
        loss = ", ".join(f"{value:.4f} {name}" for name, value in losses.items() if value is not None)
        return card(
            title(f"Fine-tune job {self.job_id}", self.status or self.state.value, tone),
            facts(
                {
                    "progress": percent(self.progress),
                    "model": self.model,
                    "base model": self.base_model,
                    "loss": loss or None,
                    "trained tokens": None if self.trained_tokens is None else f"{self.trained_tokens:,}",
                    "epochs at most": None if self.max_epochs is None else str(self.max_epochs),
                    "made": None if self.created_at is None else f"{self.created_at:%Y-%m-%d %H:%M:%S} UTC",
                    "ended": None if self.finished_at is None else f"{self.finished_at:%Y-%m-%d %H:%M:%S} UTC",
                    "error": self.error_text or None,
                }
            ),
        )

    def __str__(self) -> str:
        done = "" if self.progress is None else f", {self.progress:.0%}"
        return f"{self.job_id}: {self.status or self.state.value}{done}"


def _read(error: object) -> object:
    """Return what a text of JSON says if it is an object or a list; anything else as it is."""
    if not isinstance(error, str) or not error.lstrip().startswith(("{", "[")):
        return error
    try:
        return json.loads(error)
    except (ValueError, RecursionError):
        return error


def _texts(value: object) -> Iterator[tuple[str, str]]:
    """Yield each text with its key, the outer ones first; nothing from where training pairs may stand."""
    level: list[tuple[str, object]] = [("", value)]
    while level:
        deeper: list[tuple[str, object]] = []
        for key, item in level:
            if isinstance(item, str):
                if item.strip():
                    yield key, item.strip()
            elif isinstance(item, Mapping):
                named = ((str(inner).lower(), held) for inner, held in item.items())
                deeper += [(inner, held) for inner, held in named if inner not in _DATA_KEYS]
            elif isinstance(item, list | tuple):
                deeper += [(key, held) for held in item]
        level = deeper
