"""Tells whether Ctrl-C ended a server that handles it itself and says nothing of it."""

from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interruption_told() -> Iterator[None]:
    """Raise `KeyboardInterrupt` at the end if Ctrl-C came meanwhile, whoever handled it. For the main thread alone.

    Python writes the number of each signal that it handles to this socket; handlers stay whose they are. An event loop
    that asks for those numbers itself, as uvloop does, gets them instead, and the interruption is not told.
    """
    heard, told = socket.socketpair()
    with heard, told:
        heard.settimeout(0)
        told.settimeout(0)
        before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            if signal.SIGINT in _numbers(heard):
                raise KeyboardInterrupt


def _numbers(heard: socket.socket) -> bytes:
    try:
        return heard.recv(4096)
    except BlockingIOError:
        return b""
