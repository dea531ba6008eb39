"""Requests that can be called off: whoever waits for the model's server stops at once, and so do its threads."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.request import HTTPHandler, HTTPSHandler, OpenerDirector, Request, build_opener


class CalledOffError(Exception):
    """Nobody waits for the answer any more."""


class CallingOff:
    """The requests of one statement's block; safe to share between threads."""

    def __init__(self) -> None:
        self._is_off = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[HTTPConnection] = set()

    @property
    def is_off(self) -> bool:
        """Whether it was called off."""
        return self._is_off.is_set()

    def call_off(self) -> None:
        """Break off every request that is under way."""
        self._is_off.set()
        with self._lock:
            under_way = list(self._connections)
        for connection in under_way:
            if connection.sock is not None:
                with suppress(OSError):  # it may have ended meanwhile
                    connection.sock.shutdown(socket.SHUT_RDWR)

    def pause(self, seconds: float, sleep: Callable[[float], None] | None) -> None:
        """Wait between attempts, unless it is called off.

        Raises:
            CalledOffError: When it is.
        """
        if sleep is not None:
            sleep(seconds)
        else:
            self._is_off.wait(seconds)
        self.check()

    def check(self) -> None:
        """Go on.

        Raises:
            CalledOffError: When it was called off.
        """
        if self.is_off:
            raise CalledOffError

    @contextmanager
    def opener(self) -> Iterator[OpenerDirector]:
        """Opens one request, and lets it be broken off meanwhile."""
        made: list[HTTPConnection] = []

        def note(connection: HTTPConnection) -> None:
            made.append(connection)
            with self._lock:
                self._connections.add(connection)

        try:
            yield build_opener(_Http(note), _Https(note))
        finally:
            with self._lock:
                self._connections.difference_update(made)


class _Http(HTTPHandler):
    def __init__(self, note: Callable[[HTTPConnection], None]) -> None:
        super().__init__()
        self._note = note

    def http_open(self, req: Request) -> HTTPResponse:
        def made(*args: Any, **options: Any) -> HTTPConnection:
            connection = HTTPConnection(*args, **options)
            self._note(connection)
            return connection

        return self.do_open(made, req)


class _Https(HTTPSHandler):
    def __init__(self, note: Callable[[HTTPConnection], None]) -> None:
        super().__init__()
        self._note = note

    def https_open(self, req: Request) -> HTTPResponse:
        def made(*args: Any, **options: Any) -> HTTPSConnection:
            connection = HTTPSConnection(*args, **options)
            self._note(connection)
            return connection

        return self.do_open(made, req)
