"""The work list: which tickets have no answer yet, made once per run, as a temporary table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cortex_tickets._cortex.client import Row
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import TICKETS, is_blank, text_hash
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.records.table_name import TableName, column_sql


@dataclass(frozen=True, slots=True)
class WorkList:
    """The temporary table of one run, and what it holds."""

    table: TableName
    n_rows: int
    """Rows of the source when the list was made, blank ones included."""
    n_tickets: int
    """Tickets of the source when the list was made: rows equal in id and text are one."""
    n_to_ask: int
    """Distinct texts that have to be asked."""
    n_to_copy: int
    """Tickets whose text was answered before, or is blank."""
    n_waiting: int
    """Tickets that wait for the texts that have to be asked."""
    has_errors: bool
    """Whether some of them stand in the ledger with an error that is to be replaced."""


def make_work_list(
    send: Callable[[Statement], list[Row]],
    operation: Operation,
    source: WorkSource,
    into: TableName,
    work: TableName,
    *,
    count_tokens: bool,
) -> WorkList:
    """Make the temporary table and return what it holds. Two statements, however large the source.

    Beside the tickets that are missing the table has how many there are in all, and how many were answered before, by
    outcome and model: all of it as the source and the ledger were at one moment.
    """
    send(Statement(_create(operation, source, into, work, count_tokens=count_tokens)))
    row = send(
        Statement(
            "SELECT COUNT_IF(STATE = 'ask' AND IS_FIRST) AS N_TO_ASK, "
            "COUNT_IF(STATE IN ('copy', 'blank')) AS N_TO_COPY, "
            "COUNT_IF(STATE = 'ask') AS N_WAITING, COUNT_IF(IS_AGAIN) AS N_AGAIN, "
            "SUM(CASE STATE WHEN 'rows' THEN 0 WHEN 'done' THEN N ELSE 1 END) AS N_TICKETS, "
            f"SUM(IFF(STATE = 'rows', N, 0)) AS N_ROWS FROM {work.sql}"
        )
    )[0]
    return WorkList(
        table=work,
        n_rows=int(row["N_ROWS"] or 0),
        n_tickets=int(row["N_TICKETS"] or 0),
        n_to_ask=int(row["N_TO_ASK"] or 0),
        n_to_copy=int(row["N_TO_COPY"] or 0),
        n_waiting=int(row["N_WAITING"] or 0),
        has_errors=int(row["N_AGAIN"] or 0) > 0,
    )


def _create(operation: Operation, source: WorkSource, into: TableName, work: TableName, *, count_tokens: bool) -> str:
    details = "".join(f", {expression} AS {column_sql(name)}" for name, expression in source.details.items())
    least = "".join(f", MIN({column_sql(name)}) AS {column_sql(name)}" for name in source.details)
    kept = "".join(f", T.{column_sql(name)}" for name in source.details)
    carried = "".join(f", {column_sql(name)}" for name in source.details)
    nothing = ", NULL" * len(source.details)
    key, hashed = ("", "INPUT") if source.key is None else (f", {source.key} AS QUESTION", "QUESTION")
    mine = f"CLASSIFIER_HASH = {literal(operation.hash)}"
    tokens = operation.token_count("INPUT") if count_tokens else "NULL::NUMBER"
    return (
        f"CREATE OR REPLACE TEMPORARY TABLE {work.sql} AS "
        f"WITH {TICKETS} AS (SELECT {source.id}::VARCHAR AS TICKET_ID, {source.text} AS INPUT{key}{details} "
        f"FROM {source.relation}), "
        f"TICKETS AS (SELECT TICKET_ID, {text_hash(hashed)} AS TEXT_HASH, MIN(INPUT) AS INPUT{least} "
        f"FROM {TICKETS} GROUP BY 1, 2), "
        # One row for a key, also where a ledger was hurt from outside and has two.
        "DONE AS (SELECT TICKET_ID, TEXT_HASH, IFF(COUNT_IF(OUTCOME <> 'error') > 0, "
        "MIN(IFF(OUTCOME <> 'error', OUTCOME, NULL)), 'error') AS OUTCOME, MIN(ANSWERED_BY) AS ANSWERED_BY "
        f"FROM {into.sql} WHERE {mine} GROUP BY TICKET_ID, TEXT_HASH), "
        # An error is asked again; every other outcome is final for this classifier.
        "MISSING AS (SELECT T.TICKET_ID, T.TEXT_HASH, T.INPUT, D.OUTCOME IS NOT NULL AS IS_AGAIN"
        f"{kept} FROM TICKETS T LEFT JOIN DONE D ON D.TICKET_ID = T.TICKET_ID AND D.TEXT_HASH = T.TEXT_HASH "
        "WHERE D.OUTCOME IS NULL OR D.OUTCOME = 'error'), "
        "ANSWERED AS (SELECT DISTINCT TEXT_HASH FROM DONE WHERE OUTCOME <> 'error'), "
        f"SORTED AS (SELECT M.*, CASE WHEN {is_blank('M.INPUT')} THEN 'blank' "
        "WHEN A.TEXT_HASH IS NOT NULL THEN 'copy' ELSE 'ask' END AS STATE "
        "FROM MISSING M LEFT JOIN ANSWERED A ON A.TEXT_HASH = M.TEXT_HASH), "
        f"NUMBERED AS (SELECT TICKET_ID, TEXT_HASH, INPUT, IS_AGAIN, STATE{carried}, "
        "ROW_NUMBER() OVER (PARTITION BY TEXT_HASH ORDER BY TICKET_ID) = 1 AS IS_FIRST, "
        "DENSE_RANK() OVER (PARTITION BY STATE ORDER BY TEXT_HASH) - 1 AS N FROM SORTED) "
        "SELECT TICKET_ID, TEXT_HASH, IFF(IS_FIRST AND STATE = 'ask', INPUT, NULL) AS INPUT, IS_AGAIN, STATE"
        f"{carried}, IS_FIRST, N, IFF(IS_FIRST AND STATE = 'ask', {tokens}, NULL) AS TOKENS FROM NUMBERED "
        f"UNION ALL SELECT D.OUTCOME, D.ANSWERED_BY, NULL, FALSE, 'done'{nothing}, FALSE, COUNT(*), NULL "
        "FROM TICKETS T JOIN DONE D ON D.TICKET_ID = T.TICKET_ID AND D.TEXT_HASH = T.TEXT_HASH "
        "WHERE D.OUTCOME <> 'error' GROUP BY D.OUTCOME, D.ANSWERED_BY "
        f"UNION ALL SELECT NULL, NULL, NULL, FALSE, 'rows'{nothing}, FALSE, COUNT(*), NULL FROM {TICKETS} ORDER BY N"
    )


def outcomes_query(work: TableName, into: TableName, classifier_hash: str) -> str:
    """Return a SELECT of how many of the source's tickets have which OUTCOME, ANSWERED_BY whom.

    What was answered before stands in the work list; the others are counted in the ledger itself.
    """
    return (
        "SELECT OUTCOME, ANSWERED_BY, SUM(N) AS N FROM ("
        f"SELECT TICKET_ID AS OUTCOME, TEXT_HASH AS ANSWERED_BY, N FROM {work.sql} WHERE STATE = 'done' "
        f"UNION ALL SELECT L.OUTCOME, L.ANSWERED_BY, COUNT(*) FROM {work.sql} W JOIN {into.sql} L "
        "ON L.TICKET_ID = W.TICKET_ID AND L.TEXT_HASH = W.TEXT_HASH "
        f"WHERE W.STATE IN ('ask', 'copy', 'blank') AND L.CLASSIFIER_HASH = {literal(classifier_hash)} "
        "GROUP BY L.OUTCOME, L.ANSWERED_BY) GROUP BY OUTCOME, ANSWERED_BY ORDER BY N DESC, OUTCOME, ANSWERED_BY"
    )
