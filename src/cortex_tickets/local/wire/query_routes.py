"""Statements over HTTP: start, wait, ask how it goes, fetch, cancel."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

from snowflake.connector.errors import ProgrammingError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cortex_tickets.local.faults.gate import Delivery, Gate
from cortex_tickets.local.sql.errors import to_snowflake
from cortex_tickets.local.sql.session import EngineSession
from cortex_tickets.local.wire.answer import error_answer, pending_answer, result_answer, several_answer
from cortex_tickets.local.wire.bound_values import bound_values_of
from cortex_tickets.local.wire.breakable_connections import BreakableConnections
from cortex_tickets.local.wire.broken_answer import BrokenAnswer
from cortex_tickets.local.wire.login_routes import gone
from cortex_tickets.local.wire.requests import body_of, parameters_of, token_of
from cortex_tickets.local.wire.session_desk import SessionDesk
from cortex_tickets.local.wire.several_statements import several_statements
from cortex_tickets.local.wire.statement import State, Statement
from cortex_tickets.local.wire.statement_desk import StatementDesk

# Snowflake answers a long statement after this long and lets the client come back for the result.
_SECONDS_BEFORE_PENDING = 20.0
# How clients fetch the result of an asynchronous statement.
_RESULT_SCAN = re.compile(
    r"\s*select\s+\*\s+from\s+table\s*\(\s*result_scan\s*\(\s*'([0-9a-f-]+)'\s*\)\s*\)\s*;?\s*", re.IGNORECASE
)


class QueryRoutes:
    """Handlers for statements; none of them blocks the event loop."""

    def __init__(
        self, sessions: SessionDesk, statements: StatementDesk, gate: Gate, connections: BreakableConnections
    ) -> None:
        self._sessions = sessions
        self._statements = statements
        self._gate = gate
        self._connections = connections

    async def start(self, request: Request) -> Response:
        """Start a statement, or join the one that the same request has started."""
        session = self._sessions.find(token_of(request))
        if session is None:
            return gone()
        body = await body_of(request)
        text = str(body.get("sqlText") or "")
        if scan := _RESULT_SCAN.fullmatch(text):
            return await self._kept_result(scan[1])
        try:
            statements = several_statements(_statement_of(body, session))
        except ProgrammingError as error:
            return JSONResponse(error_answer("", error))
        request_id = request.query_params.get("requestId", "")
        if len(statements) > 1:
            return await self._run_in_turn(statements, request_id)
        return await self._run(statements[0], request_id, is_async=bool(body.get("asyncExec")))

    async def result(self, request: Request) -> Response:
        """The result of a statement, when it is done."""
        if self._sessions.find(token_of(request)) is None:
            return gone()
        return await self._kept_result(request.path_params["query_id"])

    async def status(self, request: Request) -> JSONResponse:
        """How a statement goes."""
        statement = self._statements.find(request.path_params["query_id"])
        if statement is None:
            return JSONResponse({"data": {"queries": []}, "success": True})
        query = {"id": statement.query_id, "status": statement.state.value}
        if statement.error is not None:
            answer = error_answer(statement.query_id, statement.error)
            query |= {"errorCode": answer["code"], "errorMessage": answer["message"]}
        return JSONResponse({"data": {"queries": [query]}, "success": True})

    async def abort_request(self, request: Request) -> JSONResponse:
        """Cancel the statement that a request brought."""
        body = await body_of(request)
        self._statements.stop_request(str(body.get("requestId", "")))
        return JSONResponse({"data": None, "success": True})

    async def abort(self, request: Request) -> JSONResponse:
        """Cancel a statement by its id."""
        self._statements.cancel(request.path_params["query_id"])
        return JSONResponse({"data": None, "success": True})

    async def _run(self, statement: Statement, request_id: str, *, is_async: bool) -> Response:
        statement = self._statements.start(statement, request_id)
        if statement.loses_its_client():
            return BrokenAnswer(Delivery.CUT_OFF, self._connections)
        if is_async:
            return JSONResponse(pending_answer(statement, is_async=True))
        return await self._answer_when_done(statement)

    async def _run_in_turn(self, statements: Sequence[Statement], request_id: str) -> Response:
        """Several statements of one request: each has an id, and the client fetches its result by it."""
        started: list[Statement] = []
        for number, statement in enumerate(statements):
            started.append(self._statements.start(statement, f"{request_id}/{number}" if request_id else ""))
            if started[-1].loses_its_client():
                return BrokenAnswer(Delivery.CUT_OFF, self._connections)
            await asyncio.wrap_future(started[-1].done)
            if started[-1].error is not None:
                return self._delivered(started[-1], _answer(started[-1]))
        return self._delivered(started[-1], several_answer(started))

    async def _kept_result(self, query_id: str) -> Response:
        statement = self._statements.find(query_id)
        if statement is None or (statement.state is State.SUCCESS and statement.result is None):
            missing = ProgrammingError(msg=f"Statement {query_id} not found", errno=709, sqlstate="02000")
            return JSONResponse(error_answer(query_id, missing))
        return await self._answer_when_done(statement)

    async def _answer_when_done(self, statement: Statement) -> Response:
        done = asyncio.wrap_future(statement.done)
        try:
            await asyncio.wait_for(asyncio.shield(done), _SECONDS_BEFORE_PENDING)
        except TimeoutError:
            return JSONResponse(pending_answer(statement, is_async=False))
        return self._delivered(statement, _answer(statement))

    def _delivered(self, statement: Statement, body: dict[str, Any]) -> Response:
        """The answer, as whole as the fault gate lets it be."""
        answer = JSONResponse(body)
        delivery = self._gate.delivery(statement.query_id)
        if delivery is Delivery.WHOLE:
            return answer
        return BrokenAnswer(delivery, self._connections, bytes(answer.body))


def _answer(statement: Statement) -> dict[str, Any]:
    """The body for a statement that is done."""
    if statement.error is not None:
        return error_answer(statement.query_id, statement.error)
    if statement.result is None:
        missing = ProgrammingError(msg="The result is kept no more", errno=709, sqlstate="02000")
        return error_answer(statement.query_id, missing)
    try:
        return result_answer(statement, statement.result)
    except Exception as error:  # noqa: BLE001 - clients send a request again for minutes when it fails unanswered
        return error_answer(statement.query_id, to_snowflake(error))


def _statement_of(body: Mapping[str, Any], session: EngineSession) -> Statement:
    """The statement that a request brings.

    Raises:
        ProgrammingError: 100037, told at once: a client sends a request again for minutes when it fails unanswered.
    """
    try:
        values, is_batch = bound_values_of(body)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        raise ProgrammingError(msg="A bound value does not fit its type.", errno=100037, sqlstate="22018") from None
    return Statement(
        text=str(body.get("sqlText") or ""),
        session=session,
        values=values,
        is_batch=is_batch,
        parameters=parameters_of(body),
        describe_only=bool(body.get("describeOnly")),
    )
