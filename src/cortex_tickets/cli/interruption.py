"""Tells whether Ctrl-C ended a server that handles it itself, and sees to it that the process ends then."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
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


def end_within(seconds: float, code: int) -> None:
    """End this process with `code` after so many seconds, if it has not ended by then, whatever still waits in it.

    What is done at a process's end, such as closing a session, may wait for a server that does not answer.
    """
    # Started before the end begins: from Python 3.12 on no thread can be started in it.
    timer = threading.Timer(seconds, _end_now, [code])
    timer.daemon = True
    timer.start()


def _end_now(code: int) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _numbers(heard: socket.socket) -> bytes:
    try:
        return heard.recv(4096)
    except BlockingIOError:
        return b""
