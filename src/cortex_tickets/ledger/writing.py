"""The statements that write ledger rows: answers that are known already, and chunks that ask."""

from __future__ import annotations

from collections.abc import Iterable

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.ledger.lease import Fence
from cortex_tickets.ledger.operation import Operation, WorkSource
from cortex_tickets.ledger.work_list import WorkList
from cortex_tickets.records.table_name import TableName, column_sql

_KEY = ("TICKET_ID", "TEXT_HASH", "CLASSIFIER_HASH")
_ANSWER = ("LABEL", "OUTCOME", "ANSWER", "ERROR", "REPAIR")
_ANSWERED_BY = "ANSWERED_BY"


def write_known(
    operation: Operation, source: WorkSource, into: TableName, work: WorkList, run_id: str, *, fence: Fence
) -> Statement:
    """Return the statement that writes blank tickets, and tickets whose text was answered before."""
    from_ledger = [*_answer_columns(operation), *_who(operation)]
    answers = ", ".join(f"L.{name}" for name in from_ledger)
    select = (
        f"SELECT W.TICKET_ID, W.TEXT_HASH, {', '.join(_if_blank(name) for name in from_ledger)}, "
        f"{literal(operation.hash)} AS CLASSIFIER_HASH, {literal(run_id)} AS RUN_ID, "
        "NULL::NUMBER AS INPUT_TOKENS, NULL::NUMBER AS OUTPUT_TOKENS, CURRENT_TIMESTAMP() AS ANSWERED_AT"
        f"{_details('W', source)} FROM {work.table.sql} W LEFT JOIN ("
        f"SELECT L.TEXT_HASH, {answers} FROM {into.sql} L WHERE L.CLASSIFIER_HASH = {literal(operation.hash)} "
        "AND L.OUTCOME <> 'error' QUALIFY ROW_NUMBER() OVER (PARTITION BY L.TEXT_HASH ORDER BY L.TICKET_ID) = 1"
        f") L ON L.TEXT_HASH = W.TEXT_HASH WHERE W.STATE IN ('copy', 'blank') AND {fence.condition}"
    )
    names = [
        "TICKET_ID",
        "TEXT_HASH",
        *from_ledger,
        "CLASSIFIER_HASH",
        "RUN_ID",
        "INPUT_TOKENS",
        "OUTPUT_TOKENS",
        "ANSWERED_AT",
        *source.details,
    ]
    return _write(into, names, select, fence.values, replaces=work.has_errors)


def write_chunk(
    operation: Operation,
    source: WorkSource,
    into: TableName,
    work: WorkList,
    run_id: str,
    *,
    chunk: range,
    fence: Fence,
    replaces: bool,
) -> Statement:
    """Return the statement that asks the distinct texts of `chunk` and writes all their tickets.

    `replaces` where rows with an error stand in the ledger already.
    """
    # Bound, so that the statement's text is the same for every chunk and is compiled once.
    within = "W.STATE = 'ask' AND W.N >= ? AND W.N < ?"
    values: tuple[object, ...] = (chunk.start, chunk.stop, *fence.values)
    passed = ("TEXT_HASH", "TICKET_ID", *(column_sql(name) for name in source.details))
    asked = f"{work.table.sql} W WHERE {within} AND W.IS_FIRST AND {fence.condition}"
    read = operation.answered(asked, "W.INPUT", passed)
    names = [
        "TICKET_ID",
        "TEXT_HASH",
        *_answer_columns(operation),
        *_who(operation),
        "CLASSIFIER_HASH",
        "RUN_ID",
        "INPUT_TOKENS",
        "OUTPUT_TOKENS",
        "ANSWERED_AT",
        *source.details,
    ]
    constants = (
        f"{''.join(f'{literal(operation.model)} AS {name}, ' for name in _who(operation))}"
        f"{literal(operation.hash)} AS CLASSIFIER_HASH, {literal(run_id)} AS RUN_ID"
    )
    answers = ", ".join(f"P.{name}" for name in _answer_columns(operation))
    if work.n_waiting == work.n_to_ask:
        # Every ticket has a text of its own, so the answers need not be spread over several tickets.
        spread, tokens = f"({read}) P", "P.INPUT_TOKENS, P.OUTPUT_TOKENS"
        ticket = "P.TICKET_ID, P.TEXT_HASH"
    else:
        spread = f"({read}) P JOIN {work.table.sql} W ON W.TEXT_HASH = P.TEXT_HASH AND {within}"
        values = (*values, chunk.start, chunk.stop)
        tokens = (
            "IFF(W.IS_FIRST, P.INPUT_TOKENS, NULL) AS INPUT_TOKENS, "
            "IFF(W.IS_FIRST, P.OUTPUT_TOKENS, NULL) AS OUTPUT_TOKENS"
        )
        ticket = "W.TICKET_ID, W.TEXT_HASH"
    details = _details(ticket[0], source)
    select = (
        f"SELECT {ticket}, {answers}, {constants}, {tokens}, CURRENT_TIMESTAMP() AS ANSWERED_AT{details} FROM {spread}"
    )
    return _write(into, names, select, values, replaces=replaces)


def write_failed_text(
    operation: Operation,
    source: WorkSource,
    into: TableName,
    work: WorkList,
    run_id: str,
    *,
    number: int,
    error: str,
    fence: Fence,
    replaces: bool,
) -> Statement:
    """Return the statement that writes an error for all tickets of one text, which made a statement of its own fail.

    `replaces` where rows with an error stand in the ledger already.
    """
    extra = {name: kind for name, kind in operation.extra_columns.items() if name != _ANSWERED_BY}
    names = [
        *_KEY,
        "OUTCOME",
        "ERROR",
        _ANSWERED_BY,
        "RUN_ID",
        "ANSWERED_AT",
        *source.details,
        *extra,
    ]
    # Of an earlier answer nothing is left.
    emptied = "".join(f", NULL::{kind} AS {column_sql(name)}" for name, kind in extra.items())
    select = (
        f"SELECT W.TICKET_ID, W.TEXT_HASH, {literal(operation.hash)} AS CLASSIFIER_HASH, 'error' AS OUTCOME, "
        f"?::VARCHAR AS ERROR, {literal(operation.model)} AS ANSWERED_BY, {literal(run_id)} AS RUN_ID, "
        f"CURRENT_TIMESTAMP() AS ANSWERED_AT{_details('W', source)}{emptied} "
        f"FROM {work.table.sql} W WHERE W.STATE = 'ask' AND W.N = ? AND {fence.condition}"
    )
    return _write(into, names, select, (error, number, *fence.values), replaces=replaces)


def _write(
    into: TableName, names: Iterable[str], select: str, values: tuple[object, ...], *, replaces: bool
) -> Statement:
    listed = [column_sql(name) for name in names]
    if not replaces:
        return Statement(f"INSERT INTO {into.sql} ({', '.join(listed)}) {select}", values, writes=True)
    # A row with an error stands there already: it is replaced in the same statement, so that none is ever missing.
    same = " AND ".join(f"T.{name} = S.{name}" for name in _KEY)
    changed = ", ".join(f"T.{name} = S.{name}" for name in listed if name.strip('"') not in _KEY)
    return Statement(
        f"MERGE INTO {into.sql} T USING ({select}) S ON {same} "
        f"WHEN MATCHED THEN UPDATE SET {changed} "
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(listed)}) VALUES ({', '.join(f'S.{name}' for name in listed)})",
        values,
        writes=True,
    )


def _answer_columns(operation: Operation) -> list[str]:
    return [*_ANSWER, *operation.extra_columns]


def _who(operation: Operation) -> list[str]:
    """Return ANSWERED_BY where it is the operation's one model, and not told by its answers row by row."""
    return [] if _ANSWERED_BY in operation.extra_columns else [_ANSWERED_BY]


def _if_blank(name: str) -> str:
    return f"IFF(W.STATE = 'blank', 'blank', L.{name}) AS {name}" if name == "OUTCOME" else f"L.{name} AS {name}"


def _details(table: str, source: WorkSource) -> str:
    return "".join(f", {table}.{column_sql(name)}" for name in source.details)
