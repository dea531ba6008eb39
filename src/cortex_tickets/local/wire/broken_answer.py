"""An answer that does not reach its client, or only a part of it."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from cortex_tickets.local.faults.gate import Delivery
from cortex_tickets.local.wire.breakable_connections import BreakableConnections

_BEGUN = b'{"data": {"queryId": '


class BrokenAnswer(Response):
    """An answer whose connection breaks.

    Args:
        delivery: How it breaks.
        connections: Those of the server.
        body: The answer, of which the first half is sent where it breaks in the middle; empty where there is none yet.
    """

    media_type = "application/json"

    def __init__(self, delivery: Delivery, connections: BreakableConnections, body: bytes = b"") -> None:
        super().__init__(body or _BEGUN * 2)
        self._delivery = delivery
        self._connections = connections

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what is to be sent, break the connection, and wait until the client is gone."""
        if self._delivery is Delivery.WITHHELD:
            self._connections.silence(scope)
        else:
            if self._delivery is Delivery.CUT_OFF:
                body = bytes(self.body)
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
                await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            self._connections.close(scope)
        # Only a connection that is known to be gone may be left without an answer.
        while (await receive())["type"] != "http.disconnect":
            pass
