"""sqlglot logs the text of a statement that it half knows; inside the engine no statement text is logged."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_quiet: ContextVar[bool] = ContextVar("engine_is_parsing", default=False)


class _EngineIsParsing(logging.Filter):
    """Drops records only while the engine parses, so that the host program's own use still logs."""

    def filter(self, record: logging.LogRecord) -> bool:
        del record
        return not _is_quiet.get()


logging.getLogger("sqlglot").addFilter(_EngineIsParsing())


@contextmanager
def quiet_parser() -> Iterator[None]:
    """Parse and generate without a log line."""
    token = _is_quiet.set(True)
    try:
        yield
    finally:
        _is_quiet.reset(token)
