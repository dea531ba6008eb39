"""The HTTP routes that Snowflake's clients call, in one place."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from cortex_tickets.local.faults.gate import Gate
from cortex_tickets.local.wire.breakable_connections import BreakableConnections
from cortex_tickets.local.wire.login_routes import LoginRoutes
from cortex_tickets.local.wire.query_routes import QueryRoutes
from cortex_tickets.local.wire.session_desk import SessionDesk
from cortex_tickets.local.wire.statement_desk import StatementDesk


def wire_app(
    sessions: SessionDesk, statements: StatementDesk, gate: Gate, connections: BreakableConnections
) -> Starlette:
    """The application for one engine, whose answers pass the gate on their way to the client."""
    logins = LoginRoutes(sessions, statements)
    queries = QueryRoutes(sessions, statements, gate, connections)
    return Starlette(
        routes=[
            Route("/session/v1/login-request", logins.login, methods=["POST"]),
            Route("/session/token-request", logins.renew, methods=["POST"]),
            Route("/session/heartbeat", logins.heartbeat, methods=["POST"]),
            Route("/session", logins.end, methods=["POST"]),
            Route("/telemetry/send", logins.swallow, methods=["POST"]),
            Route("/queries/v1/query-request", queries.start, methods=["POST"]),
            Route("/queries/v1/abort-request", queries.abort_request, methods=["POST"]),
            Route("/queries/{query_id}/abort-request", queries.abort, methods=["POST"]),
            Route("/queries/{query_id}/result", queries.result, methods=["GET"]),
            Route("/monitoring/queries/{query_id}", queries.status, methods=["GET"]),
        ],
        exception_handlers={ClientDisconnect: _nobody_listens},
    )


def _nobody_listens(_request: Request, _error: Exception) -> Response:
    """What a client that went away before it had said everything does not hear."""
    return Response(status_code=400)
