"""What a ledger's runs table tells of labelling runs that another process made."""

from __future__ import annotations

from collections.abc import Sequence

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import InvalidInputError, ObjectNotFoundError
from cortex_tickets.records.table_name import TableName

RUNS_SUFFIX = "_RUNS"
"""What a ledger's name has added for the table of its runs."""


def newest_run(
    client: CortexClient, into: TableName, *, model: str | None, classifier_hash: str | None, source: TableName | None
) -> Row:
    """Return the newest labelling run of a ledger, with N_BY_OUTCOME counted over all rows of its classifier.

    Args:
        client: How the two statements are sent.
        into: The ledger.
        model: Whose run; `None` where only one model has any.
        classifier_hash: Of which classifier; `None` for any.
        source: The table that was labelled; where runs of it are there, others do not count.

    Raises:
        InvalidInputError: If there is no such ledger or run, or if it is of several models and none was named.
    """
    rows = _newest_runs(client, into)
    if classifier_hash is not None:
        rows = [row for row in rows if row["CLASSIFIER_HASH"] == classifier_hash]
    if source is not None:
        rows = [row for row in rows if _is_called(str(row["SOURCE"]), source)] or rows
    row = _only_model(rows, into, model)
    counted = client.run(
        f"SELECT OUTCOME, COUNT(*) AS N FROM {into.sql} WHERE CLASSIFIER_HASH = ? GROUP BY OUTCOME "
        "ORDER BY N DESC, OUTCOME",
        row["CLASSIFIER_HASH"],
    )
    return {**row, "N_BY_OUTCOME": {str(one["OUTCOME"]): int(one["N"]) for one in counted}}


def _newest_runs(client: CortexClient, into: TableName) -> list[Row]:
    """Return the newest labelling run of each classifier over each source."""
    runs = into.sibling(RUNS_SUFFIX)
    try:
        return client.rows(
            Statement(
                "SELECT RUN_ID, CLASSIFIER_HASH, MODEL, SOURCE, STATE, REASON, N_ROWS, N_TICKETS, N_LEFT, "
                "N_TEXTS_ASKED, INPUT_TOKENS, OUTPUT_TOKENS, AI_CREDITS, STARTED_AT, QUERY_TAG, "
                "DATEDIFF(millisecond, STARTED_AT, FINISHED_AT) / 1000 AS SECONDS, "
                "CURRENT_DATABASE() AS DATABASE_NAME, CURRENT_SCHEMA() AS SCHEMA_NAME "
                f"FROM {runs.sql} WHERE OPERATION IN ('classify', 'cascade') "
                "QUALIFY ROW_NUMBER() OVER "
                "(PARTITION BY CLASSIFIER_HASH, MODEL, SOURCE ORDER BY STARTED_AT DESC, RUN_ID) = 1"
            )
        )
    except ObjectNotFoundError:
        raise InvalidInputError(f"{into} is no ledger: {runs} is not there. Label a table into it first.") from None


def _is_called(source: str, wanted: TableName) -> bool:
    """Whether a run's source is the table: as many parts as both have must agree."""
    try:
        parts = TableName.parse(source).parts
    except InvalidInputError:
        return False  # a query
    shared = min(len(parts), len(wanted.parts))
    return parts[-shared:] == wanted.parts[-shared:]


def _only_model(rows: Sequence[Row], into: TableName, model: str | None) -> Row:
    known = sorted({str(row["MODEL"]) for row in rows})
    if not known:
        raise InvalidInputError(f"The ledger {into} has no labelling run. Label a table into it first.")
    if model is None and len(known) > 1:
        raise InvalidInputError(
            f"The ledger {into} has labels of several models: {', '.join(known)}. Name one of them."
        )
    if model is not None and model not in known:
        raise InvalidInputError(f"The ledger {into} has no run of {model!r}. It has those of: {', '.join(known)}.")
    return max(
        (row for row in rows if model in (None, row["MODEL"])), key=lambda row: (row["STARTED_AT"], row["RUN_ID"])
    )
