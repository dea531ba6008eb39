"""Threads for statements: made when needed, kept, daemon, so that none of them holds the interpreter back."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

THREAD_NAME = "cortex-tickets engine"
_MOST_WORKERS = 64


class WorkerPool:
    """Runs tasks at once as long as there are fewer than 64, and others at their time.

    `concurrent.futures` is not used: its threads are joined at interpreter exit, before anybody could
    interrupt the statements on them.
    """

    def __init__(self) -> None:
        self._tasks: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0
        self._workers: list[threading.Thread] = []
        self._watched: list[_Watched] = []
        self._watched_changed = threading.Condition()
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
        self._watch(_Watched(time.monotonic() + seconds, action, settled.is_set, None))
        return settled.set

    def repeat(self, action: Callable[[], object], seconds: float, is_over: Callable[[], bool]) -> None:
        """Call `action` every so many seconds until `is_over` says yes."""
        self._watch(_Watched(time.monotonic() + seconds, action, is_over, seconds))

    def _watch(self, watched: _Watched) -> None:
        with self._watched_changed:
            self._watched.append(watched)
            if self._watcher is None:
                self._watcher = self._start(self._keep_watch)
            self._watched_changed.notify()

    def close(self, timeout: float = 5.0) -> None:
        """Let the threads end; those that are busy longer than `timeout` seconds are left to die with us."""
        with self._watched_changed:
            self._is_closed = True
            self._watched_changed.notify()
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

    def _keep_watch(self) -> None:
        while True:
            with self._watched_changed:
                if self._is_closed:
                    return
                now = time.monotonic()
                self._watched = [item for item in self._watched if not item.is_over()]
                due = [item for item in self._watched if item.at <= now]
                if not due:
                    waits = [item.at - now for item in self._watched]
                    self._watched_changed.wait(min(waits, default=None))
                    continue
                self._watched = [item for item in self._watched if item.at > now]
                self._watched += [replace(item, at=now + item.every) for item in due if item.every is not None]
            for item in due:
                item.action()


@dataclass(frozen=True, slots=True)
class _Watched:
    """Something to do at a moment, once or again and again, unless it is over."""

    at: float
    action: Callable[[], object]
    is_over: Callable[[], bool]
    every: float | None


def _nothing() -> None:
    """No time limit to settle."""
