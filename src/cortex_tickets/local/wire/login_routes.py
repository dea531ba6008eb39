"""Logging in, staying logged in, logging out."""

from __future__ import annotations

from typing import Any

from fakesnow.expr import normalise_ident
from fakesnow.transforms import SERVER_VERSION
from starlette.requests import Request
from starlette.responses import JSONResponse

from cortex_tickets.local.wire.requests import body_of, token_of
from cortex_tickets.local.wire.session_desk import SessionDesk
from cortex_tickets.local.wire.statement_desk import StatementDesk

_SECONDS_VALID = 86_400
_THREAD_SAFE = "PYTHON_SNOWPARK_ENABLE_THREAD_SAFE_SESSION"


class LoginRoutes:
    """Everybody may log in: the engine listens on this machine only."""

    def __init__(self, sessions: SessionDesk, statements: StatementDesk) -> None:
        self._sessions = sessions
        self._statements = statements

    async def login(self, request: Request) -> JSONResponse:
        """Open a session."""
        data: dict[str, Any] = (await body_of(request)).get("data", {})
        asked = request.query_params
        parameters = data.get("SESSION_PARAMETERS") or {}
        for name in ("warehouse", "roleName"):
            if asked.get(name):
                key = {"warehouse": "WAREHOUSE", "roleName": "ROLE"}[name]
                parameters[key] = normalise_ident(asked[name])
        token, session = self._sessions.open(
            user=str(data.get("LOGIN_NAME") or "USER").upper(),
            database=normalise_ident(asked["databaseName"]) if asked.get("databaseName") else None,
            schema=normalise_ident(asked["schemaName"]) if asked.get("schemaName") else None,
            parameters=parameters,
        )
        context = session.context_values()
        return _success(
            {
                "token": token,
                "masterToken": f"master-{token}",
                "validityInSeconds": _SECONDS_VALID,
                "masterValidityInSeconds": _SECONDS_VALID,
                "displayUserName": session.user,
                # Clients refuse to run against a version that they consider too old.
                "serverVersion": SERVER_VERSION,
                "sessionId": session.session_id,
                "parameters": [
                    {"name": "AUTOCOMMIT", "value": session.has_autocommit},
                    {"name": "CLIENT_SESSION_KEEP_ALIVE_HEARTBEAT_FREQUENCY", "value": 3600},
                    # 0 keeps bound rows in the request; they would be put on a stage otherwise.
                    {"name": "CLIENT_STAGE_ARRAY_BINDING_THRESHOLD", "value": 0},
                    {"name": "CLIENT_TELEMETRY_ENABLED", "value": False},
                    # Statements of one session run side by side here, so that Snowpark may have a cursor per thread.
                    {"name": _THREAD_SAFE, "value": session.parameters.get(_THREAD_SAFE, "true").lower() == "true"},
                ],
                "sessionInfo": {
                    "databaseName": context["database"],
                    "schemaName": context["schema"],
                    "warehouseName": context["warehouse"],
                    "roleName": context["role"],
                },
            }
        )

    async def renew(self, request: Request) -> JSONResponse:
        """The same token again: tokens of the engine do not expire."""
        token = token_of(request).removeprefix("master-")
        return _success(
            {
                "sessionToken": token,
                "masterToken": f"master-{token}",
                "validityInSecondsST": _SECONDS_VALID,
                "validityInSecondsMT": _SECONDS_VALID,
            }
        )

    async def heartbeat(self, request: Request) -> JSONResponse:
        """A session that is there is alive."""
        return _success(None) if self._sessions.find(token_of(request)) else gone()

    async def end(self, request: Request) -> JSONResponse:
        """End a session; statements of it that still run are cancelled."""
        token = token_of(request)
        if request.query_params.get("delete"):
            session = self._sessions.find(token)
            if session is not None:
                self._statements.cancel_session(session.session_id)
            self._sessions.end(token)
        return _success(None)

    async def swallow(self, request: Request) -> JSONResponse:
        """Telemetry goes nowhere."""
        del request
        return _success("Logged")


def gone() -> JSONResponse:
    """The session is not there: the client must log in again."""
    return JSONResponse(
        {
            "data": None,
            "code": "390111",
            "message": "Session no longer exists. New login required to access the service.",
            "success": False,
        }
    )


def _success(data: Any) -> JSONResponse:
    return JSONResponse({"data": data, "code": None, "message": None, "success": True})
