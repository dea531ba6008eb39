"""Ctrl-C: it is not lost, whoever handles or drops it, and the process ends then."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue


@contextmanager
def interruption_sent_again() -> Iterator[None]:
    """Send Ctrl-C to the main thread again where it came while a finalizer ran there, since Python drops it then.

    Snowflake's cursors have finalizers, and garbage is collected at any time: about one in five hundred was lost.
    """
    # Its `put` may be called in a finalizer, where a thread must not be started nor a lock be waited for.
    dropped: SimpleQueue[type[BaseException] | None] = SimpleQueue()
    others = sys.unraisablehook

    def tell(unraisable: sys.UnraisableHookArgs) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            dropped.put(unraisable.exc_type)
        else:
            others(unraisable)

    def send_again() -> None:
        while dropped.get() is not None:
            _interrupt_main_thread()

    sender = threading.Thread(target=send_again, name="cortex-tickets-interruption", daemon=True)
    sender.start()
    sys.unraisablehook = tell
    try:
        yield
    finally:
        sys.unraisablehook = others
        dropped.put(None)
        sender.join()


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)  # the main thread handles it, whichever thread raises it
    else:
        # As the terminal's: what the main thread waits for in the system is interrupted as well.
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)


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
