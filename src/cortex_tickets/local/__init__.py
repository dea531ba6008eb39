"""The embedded engine: a real Snowpark session without an account; what answers here are stand-ins, no LLM.

Importing this package loads neither Snowpark nor DuckDB; the first `connect` or `Engine` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from snowflake.snowpark import Session

    from cortex_tickets.local.engine import Engine

from cortex_tickets.local.faults.fault import Fault
from cortex_tickets.local.faults.faults import Faults
from cortex_tickets.local.faults.retired_model import RetiredModel

__all__ = ["Engine", "Fault", "Faults", "RetiredModel", "connect"]


def connect(
    path: str | Path | None = None,
    *,
    as_of: str | dt.date | None = None,
    seed: int = 0,
    faults: Faults | None = None,
    engine: Engine | None = None,
) -> Session:
    """A real Snowpark session on an embedded engine in this process.

    The engine listens on 127.0.0.1 only and stops by itself: one without a path when its last session is
    closed, one with a path at interpreter exit. Sessions of one path share one engine.

    Args:
        path: Folder that keeps tables, jobs and models between runs; made if it is missing. `None` keeps
            everything in memory, for this session alone.
        as_of: The day whose model catalog answers, as a date or `YYYY-MM-DD`. `None` is today's catalog.
        seed: Seed of everything random in the engine (fine-tuning).
        faults: What goes wrong, and how often: a rehearsal of the bad day. `None` is nothing.
        engine: An engine to share; the settings above are then its own and must not be given.

    Returns:
        An open session with database CORTEX_TICKETS and schema PUBLIC. Closing it is the caller's.

    Raises:
        MissingExtraError: When the packages of the extra `local` are not installed, or those of the extra `encoder`
            although CORTEX_TICKETS_ENCODER names a folder.
        InvalidInputError: When another process has the engine on this path open, the path is no folder, `as_of` no
            date, a retired model of `faults` not in the catalog, or CORTEX_TICKETS_ENCODER no encoder's folder.
        ValueError: When `engine` is given together with its settings, or an engine on this path is already
            open with other settings.

    Examples:
        >>> from cortex_tickets import local
        >>> with local.connect() as session:
        ...     session.sql("SELECT 1 AS ONE").collect()
        [Row(ONE=1)]
    """
    _require_extra()
    from cortex_tickets.local.shared_engines import engine_for  # noqa: PLC0415 - loads DuckDB and fakesnow

    if engine is not None:
        if path is not None or as_of is not None or seed != 0 or faults is not None:
            raise ValueError("engine= brings its own path, as_of, seed and faults: give either an engine or settings.")
        return engine.session()
    return engine_for(path, as_of=as_of, seed=seed, faults=faults).session()


def _require_extra() -> None:
    """Say which extra is missing rather than which of its modules."""
    from importlib.util import find_spec  # noqa: PLC0415 - wanted only here

    if any(find_spec(name) is None for name in ("duckdb", "fakesnow", "uvicorn", "sklearn")):
        from cortex_tickets.errors import MissingExtraError  # noqa: PLC0415 - the engine stands alone but for this

        raise MissingExtraError(extra="local")


def __getattr__(name: str) -> object:
    if name == "Engine":
        _require_extra()
        from cortex_tickets.local.engine import Engine  # noqa: PLC0415 - loads DuckDB and fakesnow

        return Engine
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
