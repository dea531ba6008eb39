"""A failure that every row of a statement has, as the exception that the statement might have failed with instead."""

from __future__ import annotations

from cortex_tickets._cortex.candidates import refusal_of_rows
from cortex_tickets._cortex.failures import failure_class, typed_error
from cortex_tickets._cortex.known_failures import FailureClass
from cortex_tickets.errors import CortexError
from cortex_tickets.ledger.tally import Tally

_OF_THE_STATEMENT = (FailureClass.RETRY, FailureClass.ADMIN, FailureClass.CALLER)


def common_failure(told: Tally, model: str) -> CortexError | None:
    """Return the failure that all rows have in common, `None` if they have none or it is each row's own.

    Snowflake tells the same failure as the statement's, or row by row; what follows from it is the same. A text that
    is refused, and what no table knows, stays with its row.
    """
    if not told.n_rows or told.n_errors < told.n_rows or told.first_error is None or told.last_error is None:
        return None
    refusal = refusal_of_rows(model, [told.first_error, told.last_error])
    if refusal is not None:
        return refusal
    kinds = {failure_class(told.first_error), failure_class(told.last_error)}
    if len(kinds) > 1 or kinds.isdisjoint(_OF_THE_STATEMENT):
        return None
    return typed_error(told.last_error, code=None, query_id=None, statement="")
