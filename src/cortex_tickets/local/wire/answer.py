"""Answers as Snowflake's clients read them: results as Arrow or JSON, errors with id, code and state."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from fakesnow.rowtype import ColumnInfo, describe_as_rowtype
from snowflake.connector.errors import Error

from cortex_tickets.local.sql.result import Result
from cortex_tickets.local.sql.semi_structured import kind_of_duck_type
from cortex_tickets.local.wire.arrow_rows import ipc_bytes
from cortex_tickets.local.wire.statement import Statement

_VECTOR = re.compile(r"^(FLOAT|INTEGER)\[(\d+)\]$")
_PARAMETERS = [{"name": "TIMEZONE", "value": "Etc/UTC"}]


def result_answer(statement: Statement, result: Result) -> dict[str, Any]:
    """The body for rows."""
    if result.transfer is not None:
        return _transfer_answer(statement, result.transfer)
    rowtype = _rowtype(result)
    session = statement.session
    compiled = statement.compiled
    is_insert = compiled is not None and compiled.command == "INSERT"
    return {
        "data": {
            "parameters": _PARAMETERS,
            "rowtype": rowtype,
            "total": result.table.num_rows,
            "returned": result.table.num_rows,
            "queryId": statement.query_id,
            "statementTypeId": result.type_id,
            "finalDatabaseName": session.database,
            "finalSchemaName": session.schema,
            "numberOfBinds": 0 if compiled is None else len(compiled.binds),
            "arrayBindSupported": is_insert,
            **_rows(result, rowtype),
        },
        "success": True,
    }


def _transfer_answer(statement: Statement, transfer: Mapping[str, Any]) -> dict[str, Any]:
    """The body that tells the client which files to move."""
    data = {**transfer, "parameters": _PARAMETERS, "rowtype": [], "rowset": [], "total": 0, "returned": 0}
    return {"data": {**data, "queryId": statement.query_id, "queryResultFormat": "json"}, "success": True}


def several_answer(statements: Sequence[Statement]) -> dict[str, Any]:
    """The body for several statements of one request: where the result of each is."""
    first = statements[0]
    types = [0 if item.result is None else item.result.type_id for item in statements]
    return {
        "data": {
            "parameters": _PARAMETERS,
            "rowtype": [],
            "rowset": [],
            "total": 0,
            "returned": 0,
            "queryId": first.query_id,
            "queryResultFormat": "json",
            "finalDatabaseName": first.session.database,
            "finalSchemaName": first.session.schema,
            "resultIds": ",".join(item.query_id for item in statements),
            "resultTypes": ",".join(str(number) for number in types),
        },
        "success": True,
    }


def error_answer(query_id: str, error: Error) -> dict[str, Any]:
    """The body for a refusal."""
    code = f"{error.errno if error.errno > 0 else 2:06d}"
    return {
        "data": {
            "errorCode": code,
            "sqlState": error.sqlstate,
            "queryId": query_id,
            "internalError": False,
        },
        "code": code,
        "message": error.raw_msg if hasattr(error, "raw_msg") else error.msg,
        "success": False,
    }


def pending_answer(statement: Statement, *, is_async: bool) -> dict[str, Any]:
    """The body for a statement that still runs, and where its result will be."""
    return {
        "data": {
            "queryId": statement.query_id,
            "getResultUrl": f"/queries/{statement.query_id}/result",
            "queryAbortsAfterSecs": 300,
        },
        "code": "333334" if is_async else "333333",
        "message": "Query execution in progress.",
        "success": True,
    }


def _rowtype(result: Result) -> list[ColumnInfo]:
    semi_structured = [kind_of_duck_type(kind) for _, kind in result.column_types]
    described = [
        (name, "JSON" if declared is not None or kind.endswith("]") else kind, *[None] * 4)
        for (name, kind), declared in zip(result.column_types, semi_structured, strict=True)
    ]
    rowtype = describe_as_rowtype(
        [(row[0], "DOUBLE" if row[1] == "FLOAT" else _integer(row[1]), *row[2:]) for row in described]
    )
    for info, declared in zip(rowtype, semi_structured, strict=True):
        if declared is not None:
            info["type"] = declared.lower()
    return [_as_vector(info, kind) for info, (_, kind) in zip(rowtype, result.column_types, strict=True)]


def _as_vector(info: ColumnInfo, kind: str) -> ColumnInfo:
    """A vector column with its length and the type of its numbers, as the driver reads them."""
    found = _VECTOR.match(kind)
    if found is None:
        return info
    number = "real" if found[1] == "FLOAT" else "fixed"
    fields = [{**info, "name": "", "type": number, "precision": None, "scale": 0, "length": None, "byteLength": None}]
    return {**info, "type": "vector", "vectorDimension": int(found[2]), "fields": fields}  # type: ignore[typeddict-unknown-key] # fakesnow's own type knows no vectors


def _integer(kind: Any) -> Any:
    return "BIGINT" if kind in {"SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT", "UHUGEINT"} else kind


def _rows(result: Result, rowtype: list[ColumnInfo]) -> dict[str, Any]:
    table = result.table
    if result.is_change:
        rows = zip(*[column.to_pylist() for column in table.columns], strict=True)
        return {
            "queryResultFormat": "json",
            "rowset": [[None if value is None else str(value) for value in row] for row in rows],
        }
    if table.num_columns == 0:
        return {"queryResultFormat": "arrow", "rowsetBase64": ""}
    return {
        "queryResultFormat": "arrow",
        "rowsetBase64": b64encode(ipc_bytes(table, rowtype, [kind for _, kind in result.column_types])).decode("ascii"),
    }
