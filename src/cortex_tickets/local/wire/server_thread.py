"""The HTTP server on a thread of its own, bound to localhost before anybody is told where it is."""

from __future__ import annotations

import socket
import threading

import uvicorn
from starlette.applications import Starlette

from cortex_tickets.local.wire.breakable_connections import BreakableConnections
from cortex_tickets.local.wire.worker_pool import THREAD_NAME

HOST = "127.0.0.1"


class _Server(uvicorn.Server):
    """uvicorn that says when it is up, or that it failed."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.is_up.set()


class ServerThread:
    """Serves `app` until it is closed.

    Args:
        app: What is served.
        port: Where; 0 takes a free port.
        connections: Where each connection is kept, for handlers that break some; `None` keeps none.

    Attributes:
        port: Where it listens.
    """

    def __init__(self, app: Starlette, port: int = 0, connections: BreakableConnections | None = None) -> None:
        self._socket = socket.create_server((HOST, port))
        # asyncio sets this only on sockets that name their protocol; without it each answer takes 40 ms more.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            loop="asyncio",
            http="auto" if connections is None else connections.protocol(),
            # Sessions hold idle connections open; they must not hold the end back.
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, name=THREAD_NAME, daemon=True
        )
        self._thread.start()
        self._server.is_up.wait()
        if not self._server.started:
            raise RuntimeError("The embedded engine's server did not start.")

    def close(self) -> None:
        """Stop serving; what is being answered is answered first, for at most a second."""
        self._server.should_exit = True
        if threading.current_thread() is not self._thread:
            self._thread.join()
        self._socket.close()
