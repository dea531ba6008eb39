"""Tuned models by name, loaded when they are first asked."""

from __future__ import annotations

import threading

from cortex_tickets.local.fine_tuning.trainer import TunedModel
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.jobs.job_store import JobStore
from cortex_tickets.local.jobs.model_names import full_name


class StoredModels:
    """Every tuned model of the engine; safe to share between threads."""

    def __init__(self, store: JobStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._base_models = store.model_names()
        self._loaded: dict[str, TunedModel] = {}

    def find(self, name: str, asker: Asker) -> TunedModel | None:
        """The model of that name, full or in the asker's schema; `None` when there is none."""
        key = self._key(name, asker)
        if key is None:
            return None
        with self._lock:
            if key not in self._loaded:
                weights = self._store.weights(key)
                if weights is None:
                    return None
                self._loaded[key] = TunedModel.from_bytes(weights)
            return self._loaded[key]

    def base_model_of(self, name: str, asker: Asker) -> str | None:
        """What the model was tuned from."""
        key = self._key(name, asker)
        return None if key is None else self._base_models[key]

    def names(self) -> set[str]:
        """Full names of all."""
        return set(self._base_models)

    def add(self, name: str, base_model: str, model: TunedModel) -> None:
        """A model that was trained now."""
        with self._lock:
            self._base_models[name] = base_model
            self._loaded[name] = model

    def _key(self, name: str, asker: Asker) -> str | None:
        key = full_name(name, asker.database, asker.schema)
        return key if key in self._base_models else None
