"""Standard output that cannot be written: it is dropped, for commands that end then and for those that go on."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


def drop_output() -> None:
    """Send what is still to be written on standard output nowhere; the interpreter would complain of it at its end."""
    _drop(1)


@contextmanager
def output_dropped_when_closed() -> Iterator[None]:
    """Drop what the block prints where nobody can read it, and go on.

    For a server. Streamlit prints as it starts and as it stops, and does neither where it cannot print: where the
    reader has closed it, or the disk of its log is full.
    """
    stdout: TextIO | None = sys.stdout
    if stdout is None:  # the command was started without one
        yield
        return
    try:
        stdout.flush()
        number = stdout.fileno()
    except io.UnsupportedOperation:  # it is in memory, and has no reader
        yield
        return
    raw = _DroppingFile(number, "w", closefd=False)
    with io.TextIOWrapper(
        io.BufferedWriter(raw), encoding=stdout.encoding, errors=stdout.errors, line_buffering=True
    ) as dropping:
        sys.stdout = dropping
        try:
            yield
        finally:
            sys.stdout = stdout


class _DroppingFile(io.FileIO):
    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:
            _drop(self.fileno())
            return super().write(data)
        except OSError:  # a full disk, for example: this is lost, and the next may fit
            return memoryview(data).nbytes


def _drop(number: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, number)
    os.close(nowhere)
