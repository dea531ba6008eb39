"""Engines that `connect` shares: one per path, and a fresh one for each session without a path."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

from cortex_tickets.local.catalog import catalog_as_of
from cortex_tickets.local.engine import Engine
from cortex_tickets.local.faults.faults import Faults
from cortex_tickets.local.faults.profile_check import checked_profile

_engines: dict[Path, Engine] = {}
_lock = threading.Lock()


def engine_for(path: str | Path | None, *, as_of: str | dt.date | None, seed: int, faults: Faults | None) -> Engine:
    """The engine of a path, started if need be.

    Raises:
        ValueError: When that path's engine runs already with other settings.
    """
    if path is None:
        return Engine(as_of=as_of, seed=seed, faults=faults, closes_when_unused=True)
    resolved = Path(path).expanduser().resolve()
    with _lock:
        engine = _engines.get(resolved)
        if engine is None or engine.is_closed:
            engine = _engines[resolved] = Engine(resolved, as_of=as_of, seed=seed, faults=faults)
            return engine
    if engine.catalog.day != catalog_as_of(as_of).day or engine.seed != seed:
        raise ValueError(
            f"An engine on this path runs already with as_of={engine.catalog.day} and seed={engine.seed}: "
            "ask for the same, or close it first."
        )
    if engine.faults != checked_profile(faults, engine.catalog):
        raise ValueError(
            "An engine on this path runs already with other faults: ask for the same, or close it first. "
            f"It has {engine.faults.to_text()!r}."
        )
    return engine
