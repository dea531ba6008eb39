"""Long work beside the pages: it goes on when a page is left or reloaded, tells how far it is, and can be stopped."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import traceback
from collections.abc import Callable
from enum import StrEnum
from weakref import WeakSet

from cortex_tickets import BuildProgress, CortexTicketsError, RunProgress
from cortex_tickets.app.reader_words import in_readers_words

logger = logging.getLogger("cortex_tickets")
_SECONDS_TO_STOP = 10.0
_numbers = itertools.count(1)

Progress = RunProgress | BuildProgress
Listener = Callable[[RunProgress], None]
Task = Callable[[Listener], str]
"""Does the work, tells the listener how far it is, and returns what became of it, in a sentence."""
BuildTask = Callable[[Callable[[BuildProgress], None]], str]
"""The same of work that builds a training set."""
AnyTask = Callable[[Callable[[Progress], None]], str]
"""Either of them: it is given a listener that understands both."""
_STOPPED = "Stopped. What was answered is kept, and is not asked again."


def where_it_failed(error: Exception) -> str:
    """Return an error's kind and place, for a log. Its message is left out: it may quote a ticket."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}"


class StoppedByReader(KeyboardInterrupt):
    """Somebody pressed Stop. The ledger closes the run as it does for Ctrl-C: what was answered is kept.

    A text says what is there now, in a reader's words, where it is not that.
    """


class WorkLeftError(Exception):
    """A task did not come to its end, and can be started again; the text says what is left, in a reader's words."""


class WorkState(StrEnum):
    """Where a piece of work stands."""

    RUNNING = "running"
    """Under way."""
    DONE = "done"
    """All is done."""
    LEFT = "left"
    """It ended by itself before all was done: at its limit, for example."""
    STOPPED = "stopped"
    """Somebody stopped it."""
    FAILED = "failed"
    """It could not go on."""


_works: WeakSet[Work] = WeakSet()


class Work:
    """One piece of long work on a thread of its own.

    Args:
        title: What is done, and by whom, in a few words.
        task: The work. It can be stopped wherever it tells its listener how far it is.
    """

    def __init__(self, title: str, task: AnyTask) -> None:
        self.number = next(_numbers)
        """Tells it from all other work of this server."""
        self.title = title
        self.state = WorkState.RUNNING
        self.progress: Progress | None = None
        self.said = ""
        self._task = task
        self._stop = threading.Event()
        _works.add(self)
        self._thread = threading.Thread(target=self._run, name=f"cortex-tickets app: {title}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state is not WorkState.RUNNING

    @property
    def is_stopping(self) -> bool:
        """Whether it was told to stop and has not come to it."""
        return self._stop.is_set() and not self.is_over

    def stop(self) -> None:
        """Have it stop after the statement that is under way."""
        self._stop.set()

    def wait(self, timeout: float) -> bool:
        """Wait until it is over, for so many seconds; return whether it is."""
        self._thread.join(timeout)
        return self.is_over

    def _listen(self, progress: Progress) -> None:
        self.progress = progress
        if self._stop.is_set():
            raise StoppedByReader

    def _run(self) -> None:
        try:
            self.said, state = self._task(self._listen), WorkState.DONE
        except WorkLeftError as left:
            self.said, state = str(left), WorkState.LEFT
        except StoppedByReader as stopped:
            self.said, state = str(stopped) or _STOPPED, WorkState.STOPPED
        except CortexTicketsError as error:
            self.said, state = in_readers_words(error), WorkState.FAILED
        except Exception as error:  # noqa: BLE001  whatever it is, a reader is told in a sentence
            logger.error("the app's work %r failed: %s", self.title, where_it_failed(error))  # noqa: TRY400  a traceback can hold a text
            self.said = f"The app failed at this ({type(error).__name__}). Its log on the server says where."
            state = WorkState.FAILED
        self.state = state


class WorkBoard:
    """The work of this server by its kind: one piece of each kind at a time, whoever looks."""

    def __init__(self) -> None:
        self._works: dict[str, Work] = {}
        self._lock = threading.Lock()

    def start(self, kind: str, title: str, task: AnyTask) -> Work:
        """Start a piece of work, or return the one of its kind that is under way."""
        with self._lock:
            now = self._works.get(kind)
            if now is None or now.is_over:
                now = self._works[kind] = Work(title, task)
            return now

    def find(self, kind: str) -> Work | None:
        """Return the last piece of work of this kind; `None` if there was none, or it was put away."""
        return self._works.get(kind)

    def runs_under_way(self) -> dict[str, RunProgress]:
        """Return how far the runs of this server's work are, by their ids; those that told nothing yet are left out."""
        told = [work.progress for work in list(self._works.values()) if not work.is_over]
        return {progress.run_id: progress for progress in told if isinstance(progress, RunProgress)}

    def put_away(self, kind: str, work: Work) -> None:
        """Forget a piece of work that is over, unless other work of its kind has taken its place."""
        with self._lock:
            if work.is_over and self._works.get(kind) is work:
                del self._works[kind]


def stop_all_work(timeout: float = _SECONDS_TO_STOP) -> None:
    """Have all work of this process stop, and wait for it for so many seconds: a closed run keeps nobody waiting."""
    under_way = [work for work in list(_works) if not work.is_over]
    for work in under_way:
        work.stop()
    until = time.monotonic() + timeout
    for work in under_way:
        if not work.wait(max(0.0, until - time.monotonic())):
            logger.warning(
                "the app's work %r did not stop within %g s: its run is left open until its lease is over",
                work.title,
                timeout,
            )
