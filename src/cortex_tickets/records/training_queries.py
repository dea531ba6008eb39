"""Training and validation pairs in tables that were made elsewhere."""

from __future__ import annotations

from pydantic import field_validator

from cortex_tickets.records.record import Record
from cortex_tickets.records.sendable import sendable_query


class TrainingQueries(Record):
    """Two SELECTs of training pairs, for tables that `TrainingSetBuilder` did not make.

    A job of these has no stored prompt: `TicketClassifier.from_model(..., prompt=)` then needs it. Both queries are
    sent: without a validation query Snowflake splits the training rows at random, and near-copies leak.

    Two jobs with the same two texts are the same job to `FineTuneJob.start`, even if the rows have changed: let the
    text name what it reads, as in `WHERE VERSION = 7`.

    Examples:
        >>> queries = TrainingQueries(
        ...     training_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'training'",
        ...     validation_query="SELECT PROMPT, COMPLETION FROM DB.S.PAIRS WHERE SPLIT = 'validation'",
        ... )
    """

    training_query: str
    """SELECT with the columns PROMPT and COMPLETION, names fully qualified."""
    validation_query: str
    """SELECT with the columns PROMPT and COMPLETION, of rows that are not trained on."""

    @field_validator("training_query", "validation_query")
    @classmethod
    def _is_one_query(cls, query: str) -> str:
        bare = sendable_query(query).strip().rstrip(";").rstrip()
        if not bare:
            raise ValueError("a query is blank; give SELECT PROMPT, COMPLETION FROM ...")
        return bare
