"""The SQL of one run's work: which tickets have no answer yet, and the one statement that labels them.

The rules are the ledger's: one row for each ticket, text and classifier; equal texts are asked once over the whole
ledger; blank texts are not sent; a row with an error is replaced; tokens stand on rows that were asked.
"""

from __future__ import annotations

from collections.abc import Mapping

from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.text_sql import is_blank, text_hash
from cortex_tickets._pipeline.layout import indented, laid_out
from cortex_tickets._pipeline.parts import PipelineParts
from cortex_tickets.ledger.schema import LEDGER_COLUMNS
from cortex_tickets.records.table_name import column_sql
from cortex_tickets.sql_comments import comment

RUN_ID = ":run_id"
"""The scripting variable that names the run."""
CLASSIFIER = ":classifier"
"""The scripting variable with the classifier's hash."""
_KEY = ("TICKET_ID", "TEXT_HASH", "CLASSIFIER_HASH")
_COPIED = ("LABEL", "ANSWER", "ERROR", "REPAIR")


def texts_to_ask(parts: PipelineParts) -> str:
    """Return a query for how many distinct texts the run would ask. A SELECT leaves the stream as it is."""
    asked = f"{_with(_work(parts))}\nSELECT TEXT_HASH\nFROM WORK\nWHERE STATE = 'ask' AND IS_FIRST"
    return f"SELECT COUNT(*)\nINTO :n_texts\nFROM (\n{indented(asked)}\n)"


def labelling(parts: PipelineParts) -> str:
    """Return the statement that labels every ticket of the work list, and so uses what the stream shows."""
    columns = ledger_columns(parts)
    selected = ",\n".join(f"{expression} AS {column_sql(name)}" for name, expression in columns.items())
    query = (
        f"{_with({**_work(parts), **_answers(parts)})}\n"
        f"SELECT\n{indented(selected)}\n"
        "FROM WORK W\n"
        "LEFT JOIN ANSWERS A ON A.TEXT_HASH = W.TEXT_HASH\n"
        "LEFT JOIN KNOWN K ON K.TEXT_HASH = W.TEXT_HASH"
    )
    same = " AND ".join(f"T.{name} = S.{name}" for name in _KEY)
    listed = [column_sql(name) for name in columns]
    changed = ",\n".join(f"T.{column_sql(name)} = S.{column_sql(name)}" for name in columns if name not in _KEY)
    return (
        f"MERGE INTO {parts.into.sql} T\nUSING (\n{indented(query)}\n) S\nON {same}\n"
        f"WHEN MATCHED THEN UPDATE SET\n{indented(changed)}\n"
        f"WHEN NOT MATCHED THEN INSERT ({', '.join(listed)})\n"
        f"VALUES ({', '.join(f'S.{name}' for name in listed)})"
    )


def ledger_columns(parts: PipelineParts) -> Mapping[str, str]:
    """Return the expression of every column of a ledger row, over WORK W, ANSWERS A and KNOWN K."""
    extra = tuple(parts.operation.extra_columns)
    found = {
        "TICKET_ID": "W.TICKET_ID",
        "TEXT_HASH": "W.TEXT_HASH",
        **{name: f"IFF(W.STATE = 'copy', K.{name}, A.{name})" for name in (*_COPIED, *extra)},
        "OUTCOME": "CASE W.STATE WHEN 'blank' THEN 'blank' WHEN 'copy' THEN K.OUTCOME ELSE A.OUTCOME END",
        "ANSWERED_BY": (
            f"CASE W.STATE WHEN 'copy' THEN K.ANSWERED_BY WHEN 'ask' THEN {literal(parts.operation.model)} END"
        ),
        "CLASSIFIER_HASH": CLASSIFIER,
        "RUN_ID": RUN_ID,
        "INPUT_TOKENS": "IFF(W.IS_FIRST, A.INPUT_TOKENS, NULL)",
        "OUTPUT_TOKENS": "IFF(W.IS_FIRST, A.OUTPUT_TOKENS, NULL)",
        "ANSWERED_AT": "CURRENT_TIMESTAMP()",
    }
    return {name: found[name] for name in (*LEDGER_COLUMNS, *extra) if name in found}


def _work(parts: PipelineParts) -> Mapping[str, str]:
    """The queries that lead to WORK, by name: the tickets without an answer, and what is to be done with each."""
    ledger, extra = parts.into.sql, parts.operation.extra_columns
    known = ", ".join(("TEXT_HASH", *_COPIED, "OUTCOME", "ANSWERED_BY", *extra))
    return {
        "CHANGED": _changed(parts),
        "TICKETS": (
            f"{comment('Rows equal in id and text are one ticket; a row without an id names none.')}\n"
            f"SELECT TICKET_ID, {text_hash('INPUT')} AS TEXT_HASH, MIN(INPUT) AS INPUT\n"
            "FROM CHANGED\nWHERE TICKET_ID IS NOT NULL\nGROUP BY 1, 2"
        ),
        "DONE": (
            f"SELECT TICKET_ID, TEXT_HASH, OUTCOME, ANSWERED_AT\nFROM {ledger}\n"
            f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND TEXT_HASH IN (SELECT TEXT_HASH FROM TICKETS)"
        ),
        "MISSING": (
            "SELECT N.TICKET_ID, N.TEXT_HASH, N.INPUT\nFROM TICKETS N\n"
            "LEFT JOIN DONE D ON D.TICKET_ID = N.TICKET_ID AND D.TEXT_HASH = N.TEXT_HASH\n"
            f"WHERE D.OUTCOME IS NULL{_or_due(parts)}"
        ),
        "KNOWN": (
            f"{comment('Answers that the ledger has for their texts: these are copied, and not asked again.')}\n"
            f"SELECT {known}\nFROM {ledger}\n"
            f"WHERE CLASSIFIER_HASH = {CLASSIFIER} AND OUTCOME <> 'error'\n"
            "  AND TEXT_HASH IN (SELECT TEXT_HASH FROM MISSING)\n"
            "QUALIFY ROW_NUMBER() OVER (PARTITION BY TEXT_HASH ORDER BY TICKET_ID) = 1"
        ),
        "WORK": (
            "SELECT M.TICKET_ID, M.TEXT_HASH, M.INPUT,\n"
            f"  CASE WHEN {is_blank('M.INPUT')} THEN 'blank'\n"
            "    WHEN K.TEXT_HASH IS NOT NULL THEN 'copy' ELSE 'ask' END AS STATE,\n"
            "  ROW_NUMBER() OVER (PARTITION BY M.TEXT_HASH ORDER BY M.TICKET_ID) = 1 AS IS_FIRST\n"
            "FROM MISSING M\nLEFT JOIN KNOWN K ON K.TEXT_HASH = M.TEXT_HASH"
        ),
    }


def _changed(parts: PipelineParts) -> str:
    id_, text = parts.source.column("id"), parts.source.column("text")
    new = (
        f"{comment('New tickets, and tickets with their new text; a deleted row keeps its label.')}\n"
        f"SELECT {id_}::VARCHAR AS TICKET_ID, {text} AS INPUT\nFROM {parts.stream.sql}\n"
        "WHERE METADATA$ACTION = 'INSERT'"
    )
    if parts.settings.retry_errors_after is None:
        return new
    failed = (
        f"{comment('Tickets whose row in the ledger is an error, and old enough to be asked again.')}\n"
        f"SELECT {id_}::VARCHAR, {text}\nFROM {parts.table.sql}\n"
        f"WHERE {id_}::VARCHAR IN (\n"
        f"  SELECT TICKET_ID\n  FROM {parts.into.sql}\n"
        f"  WHERE CLASSIFIER_HASH = {CLASSIFIER} AND OUTCOME = 'error'\n    AND ANSWERED_AT <= {_due(parts)}\n)"
    )
    return f"{new}\nUNION ALL\n{failed}"


def _due(parts: PipelineParts) -> str:
    return f"DATEADD(second, -{parts.settings.retry_errors_after}, CURRENT_TIMESTAMP())"


def _or_due(parts: PipelineParts) -> str:
    if parts.settings.retry_errors_after is None:
        return ""
    return f" OR (D.OUTCOME = 'error' AND D.ANSWERED_AT <= {_due(parts)})"


def _answers(parts: PipelineParts) -> Mapping[str, str]:
    """The queries that ask, and read the answers."""
    operation = parts.operation
    columns = operation.answer_columns("R")
    return {
        "ASKED": (f"SELECT TEXT_HASH,\n  {operation.call('INPUT')} AS R\nFROM WORK\nWHERE STATE = 'ask' AND IS_FIRST"),
        "RAW_ANSWERS": (
            f"SELECT TEXT_HASH,\n  {columns.answer} AS ANSWER,\n  {columns.error} AS ERROR,\n"
            f"  {columns.input_tokens} AS INPUT_TOKENS, {columns.output_tokens} AS OUTPUT_TOKENS\nFROM ASKED"
        ),
        "ANSWERS": laid_out(operation.read("RAW_ANSWERS", ("TEXT_HASH",))),
    }


def _with(queries: Mapping[str, str]) -> str:
    return "WITH " + ", ".join(f"{name} AS (\n{indented(query)}\n)" for name, query in queries.items())
