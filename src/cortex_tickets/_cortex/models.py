"""Which models this account has, and what became of those it has not."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import CortexError

_SHOW_MODELS = "SHOW CORTEX BASE MODELS IN SCHEMA SNOWFLAKE.MODELS"
_CLOSED = ("EOL", "LEGACY")
"""Lifecycle states that a new caller cannot use: legacy models answer only accounts that used them before."""


@dataclass(frozen=True, slots=True)
class ModelHistory:
    """What is known of a model that is gone or going."""

    state: str
    since: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FineTuningLimits:
    """What fine-tuning takes, by the documentation."""

    base_models: tuple[str, ...]
    one_epoch_rows: int
    max_prompt_tokens: int
    max_completion_tokens: int
    max_epochs: int

    def max_rows(self, epochs: int) -> int:
        """Return how many rows a training set may have for this many epochs."""
        return self.one_epoch_rows // epochs


@dataclass(frozen=True, slots=True)
class BaseModel:
    """One model that the account lists."""

    name: str
    lifecycle_status: str | None
    legacy_date: str | None
    eol_date: str | None


@cache
def _history_file() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("model_history.toml").read_text(encoding="utf-8"))


def model_history(model: str) -> ModelHistory | None:
    """Return what became of a model that the guides name, or `None` if nothing is known against it."""
    found = _history_file()["models"].get(model.lower())
    return ModelHistory(found["state"], found["since"], tuple(found["instead"])) if found else None


def fine_tuning_limits() -> FineTuningLimits:
    """Return what fine-tuning takes."""
    limits = _history_file()["fine_tuning"]
    return FineTuningLimits(**{**limits, "base_models": tuple(limits["base_models"])})


def base_models(client: CortexClient) -> list[BaseModel] | None:
    """Return the models that this account lists, or `None` if it will not list them.

    One free metadata statement; the list is filtered by the role.
    """
    try:
        rows = client.rows(Statement(_SHOW_MODELS))
    except CortexError:
        return None  # older accounts do not know the statement: unknown is not "none"
    found = [{key.lower(): value for key, value in row.items()} for row in rows]
    models = [
        BaseModel(str(row["name"]).lower(), row.get("lifecycle_status"), row.get("legacy_date"), row.get("eol_date"))
        for row in found
    ]
    return models or None


def available_model(client: CortexClient, candidates: Sequence[str]) -> tuple[str | None, list[str]]:
    """Return the first of the models that this account can use, or `None` and what speaks against each.

    An account that will not list its models may have them: then it is the first. Fine-tuned models are not listed
    there: do not ask this of them.
    """
    listed = base_models(client)
    if listed is None:
        return candidates[0], []
    here = {entry.name: entry for entry in listed}
    open_models = sorted(name for name, found in here.items() if found.lifecycle_status not in _CLOSED)
    for model in candidates:
        if model.lower() in open_models:
            return model, []
    return None, [_missing(model, open_models) for model in candidates]


def _missing(model: str, available: list[str]) -> str:
    history = model_history(model)
    if history is None:
        fate = f"The model {model!r} is not one that this account lists."
    else:
        instead = [name for name in history.instead if name in available] or list(history.instead)
        verb = "was retired" if history.state == "retired" else "has been in legacy state since"
        since = f" ({history.since})" if history.state == "retired" else f" {history.since}"
        fate = f"The model {model!r} {verb}{since}; use {' or '.join(instead)} instead."
    return f"{fate} This account has: {', '.join(available)}."
