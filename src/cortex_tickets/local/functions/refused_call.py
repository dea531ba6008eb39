"""What the model service says to a call that it refuses, before an envelope is put around it."""

from __future__ import annotations

from cortex_tickets.local.functions.schema_check import VALIDATION_ERROR
from cortex_tickets.local.sql.errors import StatementError

# Two codes were seen for the same refusal; the newer one is used (public reports, gathered 2026-11-22).
REFUSED_CALL = 512513


class RefusedCallError(StatementError):
    """The model service refuses a call, and the whole statement with it.

    Attributes:
        function: Name of the function as the log shows it.
        status: What the service answers with, such as 400.
        words: What it says, without quotes around it.
    """

    def __init__(self, function: str, status: int, words: str) -> None:
        self.function = function
        self.status = status
        self.words = words
        super().__init__(REFUSED_CALL, f"{status} {words!r}")


def refused(function: str, status: int, words: str) -> RefusedCallError:
    """A refusal of the model service."""
    return RefusedCallError(function, status, words)


def refused_row(function: str, error: str) -> RefusedCallError:
    """What becomes of a row's error where a function raises instead of giving NULL."""
    return RefusedCallError(function, 422 if error.startswith(VALIDATION_ERROR) else 400, error)
