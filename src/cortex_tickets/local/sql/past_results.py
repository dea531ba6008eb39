"""The statements that a session has run, for LAST_QUERY_ID and RESULT_SCAN."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from cortex_tickets.local.sql.result import Result

_MOST_KEPT = 1_000


class PastResults:
    """Ids of a session's statements in order, and what is still kept of their results."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._results: OrderedDict[str, Callable[[], Result | None]] = OrderedDict()

    def add(self, query_id: str, result: Callable[[], Result | None]) -> None:
        """A statement has ended; `result` gives its result while that is kept."""
        with self._lock:
            self._results[query_id] = result
            if len(self._results) > _MOST_KEPT:
                self._results.popitem(last=False)

    def query_id(self, place: int = -1) -> str | None:
        """The id of a statement: -1 is the last, 1 the first; `None` where there is none."""
        with self._lock:
            ids = list(self._results)
        position = place - 1 if place > 0 else place
        return ids[position] if place and -len(ids) <= position < len(ids) else None

    def result(self, query_id: str) -> Result | None:
        """The rows of a statement; `None` where they are kept no more, or never were."""
        kept = self._results.get(query_id)
        return None if kept is None else kept()
