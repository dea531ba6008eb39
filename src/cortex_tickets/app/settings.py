"""What the app works on: which connection, tables, labels and models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cortex_tickets import InvalidInputError, LabelSet
from cortex_tickets.app.choices import Choices

PREFIX = "CORTEX_TICKETS_APP_"
"""Environment variables of the app begin so; `cortex-tickets app` sets them from its options."""
LABELS = ("Roaming fees", "Slow data speed", "Lost phone", "Add new line", "Closing account")
"""The labels of the quickstart, which the sample tickets are about."""
SAMPLE_TABLE = "SUPPORT_TICKETS"
"""Where the sample tickets are on the embedded engine."""
_TABLES = ("TICKETS", "GOLD", "LEDGER", "TRAINING_SET", "REPLIES")
"""Tables that may be named otherwise, as the variables call them."""
_LABELLING_MODELS = ("claude-sonnet-4-6", "claude-haiku-4-5", "llama3.3-70b", "llama3.1-8b")
_BASE_MODELS = ("llama3.1-8b",)
"""What can be fine-tuned today."""
_WRITING_MODELS = ("claude-haiku-4-5", "claude-sonnet-4-6", "llama3.3-70b")


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the app works and what it makes there."""

    connection: str | None = None
    """Connection of Snowflake's `connections.toml`; `None` for the embedded engine."""
    tickets: str = SAMPLE_TABLE
    """The table of tickets."""
    labels: LabelSet = field(default_factory=lambda: LabelSet.of(LABELS))
    """The labels that there are."""
    engine_path: str | None = None
    """Folder that keeps the embedded engine's tables; `None` to keep nothing."""
    engine_port: int = 0
    """Where the embedded engine listens; 0 takes a free port."""
    gold: str = "TICKET_GOLD"
    """The table of labels that people gave."""
    ledger: str = "TICKET_LABELS"
    """The ledger of labels."""
    training_set: str = "TICKETS_FT"
    """The training set's table."""
    model: str = "TICKETS_LLAMA"
    """The name of the fine-tuned model."""
    replies: str = "TICKET_REPLIES"
    """The ledger of replies."""
    columns: Mapping[str, str | None] = field(default_factory=dict)
    """What the table of tickets calls its columns, by the roles of `TicketSource`: `None` where it has none, and a role
    that is left out has the usual name."""
    records: str = "CORTEX_TICKETS_APP"
    """The app's own table: evaluations and playbooks, as JSON."""
    choices: Choices = field(default_factory=Choices)
    """What the settings file chooses beside that."""

    @property
    def labelling_models(self) -> tuple[str, ...]:
        """Models that may label, those of the settings file first."""
        return _once(*self.choices.models, *_LABELLING_MODELS)

    @property
    def base_models(self) -> tuple[str, ...]:
        """Models that may be tuned, that of the settings file first."""
        return _once(self.choices.base_model, *_BASE_MODELS)

    @property
    def writing_models(self) -> tuple[str, ...]:
        """Models that may write replies, that of the settings file first."""
        return _once(self.choices.writing_model, *_WRITING_MODELS)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Return the settings that the environment variables name; what they leave out is as above.

        Raises:
            InvalidInputError: If the port is no number, or the file of labels or the choices cannot be used.
        """
        given = {
            name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX) and value
        }
        port = given.get("ENGINE_PORT", "0")
        if not port.isdecimal():
            raise InvalidInputError(f"{PREFIX}ENGINE_PORT={port!r} is no port; give a number from 0 to 65535.")
        named = {name.lower(): given[name] for name in _TABLES if name in given}
        return cls(
            connection=given.get("CONNECTION"),
            labels=_labels(given),
            engine_path=given.get("PATH"),
            engine_port=int(port),
            columns=json.loads(given.get("COLUMNS", "{}")),
            choices=Choices.from_json(given.get("CHOICES", "{}")),
            **named,
        )


def _once(*names: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _labels(given: Mapping[str, str]) -> LabelSet:
    if "LABEL_SET" in given:
        return LabelSet.model_validate_json(given["LABEL_SET"])
    return LabelSet.from_toml(Path(given["LABELS"])) if "LABELS" in given else LabelSet.of(LABELS)
