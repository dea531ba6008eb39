"""Threads for statements: made when needed, kept, daemon, so that none of them holds the interpreter back."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

THREAD_NAME = "cortex-tickets engine"
_MOST_WORKERS = 64


class WorkerPool:
    """Runs tasks at once as long as there are fewer than 64, and stops each at a time limit of its own.

    `concurrent.futures` is not used: its threads are joined at interpreter exit, before anybody could
    interrupt the statements on them.
    """

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._workers: list[threading.Thread] = []
        self._limits: list[tuple[float, Callable[[], object], threading.Event]] = []
        self._limits_changed = threading.Condition()
        self._watcher: threading.Thread | None = None
        self._is_closed = False

    def submit(self, task: Callable[[], object]) -> None:
        """Run `task` on one of the threads."""
        with self._lock:
            if self._idle == 0 and len(self._workers) < _MOST_WORKERS:
                self._start(self._work)
            else:
                self._idle -= 1
            self._tasks.put(task)

    def after(self, seconds: float, action: Callable[[], object]) -> Callable[[], None]:
        """Call `action` in `seconds` unless the function given back is called first; 0 is never."""
        if seconds <= 0:
            return _nothing
        settled = threading.Event()
        with self._limits_changed:
            self._limits.append((time.monotonic() + seconds, action, settled))
            if self._watcher is None:
                self._watcher = self._start(self._watch_limits)
            self._limits_changed.notify()
        return settled.set

    def close(self, timeout: float = 5.0) -> None:
        """Let the threads end; those that are busy longer than `timeout` seconds are left to die with us."""
        self._is_closed = True
        with self._limits_changed:
            self._limits_changed.notify()
        for _ in self._workers:
            self._tasks.put(None)
        deadline = time.monotonic() + timeout
        for worker in self._workers:
            worker.join(max(0.0, deadline - time.monotonic()))

    def _start(self, run: Callable[[], None]) -> threading.Thread:
        worker = threading.Thread(target=run, name=THREAD_NAME, daemon=True)
        worker.start()
        self._workers.append(worker)
        return worker

    def _work(self) -> None:
        while (task := self._tasks.get()) is not None:
            task()
            del task  # a finished statement's rows are not held until the next one comes
            with self._lock:
                self._idle += 1

    def _watch_limits(self) -> None:
        with self._limits_changed:
            while not self._is_closed:
                now = time.monotonic()
                self._limits = [limit for limit in self._limits if not limit[2].is_set()]
                due = [limit for limit in self._limits if limit[0] <= now]
                for limit in due:
                    limit[1]()
                    limit[2].set()
                waits = [limit[0] - now for limit in self._limits if not limit[2].is_set()]
                self._limits_changed.wait(min(waits, default=None))


def _nothing() -> None:
    """No time limit to settle."""
