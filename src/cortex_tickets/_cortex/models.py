"""Which models this account has, and what became of those it has not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from cortex_tickets._cortex.account import lower_keys
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
class FineTuningNotice:
    """What Snowflake has announced about fine-tuning, and where it runs."""

    retirement: str
    """When the feature is to be deprecated, in the notice's words."""
    legacy_since: date
    """From this day an account can fine-tune a base model only if it did so before."""
    training_regions: Mapping[str, str]
    """Where training runs: names by the codes that CURRENT_REGION() gives."""


@dataclass(frozen=True, slots=True)
class BaseModel:
    """One model that the account lists."""

    name: str
    lifecycle_status: str | None
    legacy_date: str | None
    eol_date: str | None
    regions: frozenset[str] = frozenset()
    """Regions that answer by themselves, such as AWS_US_EAST_1."""
    cross_region_scopes: frozenset[str] = frozenset()
    """Cross-region settings with which it is reached from elsewhere, such as ANY_REGION."""


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


def fine_tuning_notice() -> FineTuningNotice:
    """Return what Snowflake has announced about fine-tuning."""
    return FineTuningNotice(**_history_file()["fine_tuning_notice"])


def listed_models(client: CortexClient) -> list[BaseModel]:
    """Return the models that this account lists for this role. One free metadata statement.

    Raises:
        CortexError: If the statement fails: older accounts do not know it.

    Source:
        https://docs.snowflake.com/en/sql-reference/sql/show-cortex-base-models, read 2026-11-25.
    """
    rows = [lower_keys(row) for row in client.rows(Statement(_SHOW_MODELS))]
    return [
        BaseModel(
            str(row["name"]).lower(),
            row.get("lifecycle_status"),
            row.get("legacy_date"),
            row.get("eol_date"),
            _names(row.get("in_region_availability")),
            _names(row.get("cross_region_availability")),
        )
        for row in rows
        if row.get("name")
    ]


def base_models(client: CortexClient) -> list[BaseModel] | None:
    """Return the models that this account lists, or `None` if it will not list them.

    One free metadata statement; the list is filtered by the role.
    """
    try:
        return listed_models(client) or None
    except CortexError:
        return None  # unknown is not "none"


def _names(value: object) -> frozenset[str]:
    """Read an array of names: JSON text, as Snowpark gives it, or a list; a bare text is names with commas."""
    if isinstance(value, str):
        try:
            read = json.loads(value)
        except ValueError:
            read = None
        value = read if isinstance(read, list) else value.split(",")
    entries = value if isinstance(value, list | tuple) else ()
    return frozenset(name for entry in entries if (name := str(entry).strip().upper()))


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
