"""A server in a process of its own, so that its memory and its threads are not the client's."""

from __future__ import annotations

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ENGINE = ("-m", "cortex_tickets.local", "--port", "0")


class ServerProcess:
    """A Python process that prints how to connect, as one line of JSON, and serves until it is told to stop.

    Args:
        arguments: What follows `python`; the embedded engine unless said otherwise.
    """

    def __init__(self, arguments: Sequence[str] = ENGINE) -> None:
        self._process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None  # noqa: S101  it was asked for
        self.parameters: dict[str, Any] = json.loads(self._process.stdout.readline())

    def session(self) -> Any:
        """Return a new Snowpark session."""
        from snowflake.snowpark import Session  # noqa: PLC0415  not every benchmark needs it

        return Session.builder.configs(self.parameters).create()

    def megabytes(self, *, peak: bool = False) -> float:
        """Return the memory that the process holds, or the most that it has held; not a number where unknown."""
        status = Path(f"/proc/{self._process.pid}/status")
        if not status.exists():
            return float("nan")
        wanted = "VmHWM:" if peak else "VmRSS:"
        line = next(line for line in status.read_text().splitlines() if line.startswith(wanted))
        return int(line.split()[1]) / 1024

    def processor_seconds(self) -> float:
        """Return the processor's time that the process has used, which others on the machine hardly change."""
        stat = Path(f"/proc/{self._process.pid}/stat")
        if not stat.exists():
            return float("nan")
        # The second field is the program's name in brackets, which may hold blanks.
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.send_signal(signal.SIGTERM)
        self._process.wait(timeout=30)


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that the call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def ratio_of_pairs(ours: Callable[[], object], theirs: Callable[[], object], pairs: int) -> tuple[float, float, float]:
    """Time two ways in turn, pair after pair, after a few that do not count.

    Returns:
        The median of each way in seconds, and the median of the pairs' ratios.
    """
    times = [(timed(ours), timed(theirs)) for _ in range(pairs + 5)][5:]
    return (
        statistics.median(a for a, _ in times),
        statistics.median(b for _, b in times),
        statistics.median(a / b for a, b in times),
    )
