"""Connections that a handler can break; only an engine that rehearses broken connections has them."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol


class BreakableConnections:
    """The open connections of a server, by the client's address, and how to break one."""

    def __init__(self) -> None:
        self._transports: dict[Any, asyncio.Transport] = {}
        self._silent: set[Any] = set()

    def protocol(self) -> type[asyncio.Protocol]:
        """What uvicorn speaks on each connection: HTTP, with every connection kept here while it is open."""
        known, silent = self._transports, self._silent

        class BreakableProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
                super().connection_made(transport)
                self._address = transport.get_extra_info("peername")
                known[self._address] = transport

            def connection_lost(self, exc: Exception | None) -> None:
                known.pop(self._address, None)
                silent.discard(self._address)
                super().connection_lost(exc)

            def shutdown(self) -> None:
                super().shutdown()
                if self._address in silent:  # its answer never comes, and the server need not wait for it
                    self.transport.close()

        return BreakableProtocol

    def close(self, scope: MutableMapping[str, Any]) -> None:
        """Close the connection on which a request came, after what was sent on it already."""
        transport = self._transports.get(_address(scope))
        if transport is not None:
            transport.close()

    def silence(self, scope: MutableMapping[str, Any]) -> None:
        """Note that no answer will be sent on the connection on which a request came."""
        self._silent.add(_address(scope))


def _address(scope: MutableMapping[str, Any]) -> Any:
    return tuple(scope["client"])
