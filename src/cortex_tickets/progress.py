"""One small progress line for everything that takes long: rows or a share, elapsed time, time left."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TextIO

from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.records.run_progress import RunProgress

_CELLS = 24
_PLAIN_STEP = 0.25
"""On a stream that is no terminal, a line is printed for each quarter, and for each new note."""

RowListener = Callable[[RunProgress], None]
"""Is told how far a run is: when it begins, and after each statement that asked."""


class ProgressBar:
    """Shows how far something is.

    On a terminal and in a notebook one line is written over and over. Elsewhere (a log file) a plain line is printed
    for each quarter that is done and for each change of the note, so that a log stays short.

    Args:
        title: What is going on, in a word or two.
        clock: Time; a fake one in tests.
        stream: Where it is shown; `None` for standard error as it is at that moment.
    """

    def __init__(self, title: str, *, clock: Clock = SYSTEM_CLOCK, stream: TextIO | None = None) -> None:
        self._title = title
        self._clock = clock
        self._stream = sys.stderr if stream is None else stream
        self._is_rewritten = _can_rewrite(self._stream)
        self._started = clock.monotonic()
        self._shown = ""
        self._plain_mark: tuple[int, str] | None = None

    def show(
        self, fraction: float | None, *, note: str = "", detail: str = "", seconds_left: float | None = None
    ) -> None:
        """Show the state.

        Args:
            fraction: Share that is done, 0 to 1; `None` if nobody knows.
            note: A status, such as RUNNING; a plain stream prints a line whenever it changes.
            detail: Figures, such as `3 of 12`.
            seconds_left: Seconds that the rest will take; `None` to reckon them from the share and the time so far.
        """
        if self._is_rewritten:
            self._write_over(self._line(fraction, note, detail, seconds_left, with_cells=True))
            return
        mark = (-1 if fraction is None else int(fraction / _PLAIN_STEP), note)
        if mark != self._plain_mark:
            self._plain_mark = mark
            self._write(self._line(fraction, note, detail, seconds_left, with_cells=False) + "\n")

    def close(self) -> None:
        """End the line, so that what is printed next begins on its own. Calling it again does nothing."""
        if self._shown:
            self._write("\n")
            self._shown = ""

    def _line(
        self, fraction: float | None, note: str, detail: str, seconds_left: float | None, *, with_cells: bool
    ) -> str:
        parts = [self._title]
        if with_cells:
            full = round((fraction or 0.0) * _CELLS)
            parts.append(f"[{'#' * full}{'-' * (_CELLS - full)}]")
        if fraction is not None:
            parts.append(f"{fraction:4.0%}".strip())
        return "  ".join(part for part in [*parts, note, detail, self._times(fraction, seconds_left)] if part)

    def _times(self, fraction: float | None, seconds_left: float | None) -> str:
        elapsed = self._clock.monotonic() - self._started
        if not fraction or fraction >= 1.0:
            return duration(elapsed)
        left = elapsed * (1.0 - fraction) / fraction if seconds_left is None else seconds_left
        return f"{duration(elapsed)}, about {duration(left)} left"

    def _write_over(self, line: str) -> None:
        # Blanks wipe what a longer line before left behind.
        self._write("\r" + line.ljust(len(self._shown)))
        self._shown = line

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _can_rewrite(stream: TextIO) -> bool:
    """Tell whether a carriage return goes back to the line's beginning: on a terminal, and in a Jupyter kernel."""
    return stream.isatty() or type(stream).__module__.startswith("ipykernel.")


class RowBar:
    """A bar for a run, as `RowListener` is told of it, and ended by whoever began it.

    Args:
        bar: Where it is shown.
    """

    def __init__(self, bar: ProgressBar) -> None:
        self._bar = bar

    def __call__(self, progress: RunProgress) -> None:
        """Show texts done, their rate, and the credits so far; the bar itself adds the time left."""
        parts = [f"{progress.n_done:,} of {progress.n_all:,}"]
        if progress.texts_per_second is not None:
            parts.append(f"{progress.texts_per_second:,.0f}/s")
        if progress.n_errors:
            parts.append(f"{progress.n_errors:,} errors")
        parts.append("AI credits unknown" if progress.ai_credits is None else f"{progress.ai_credits:.4f} AI credits")
        self._bar.show(progress.share_done, detail=", ".join(parts), seconds_left=progress.seconds_left)
        if progress.n_done >= progress.n_all:
            self.close()

    def close(self) -> None:
        """End the line, also of a run that stopped halfway. Calling it again does nothing."""
        self._bar.close()


def run_listener(
    progress: bool | RowListener,  # noqa: FBT001  the public methods' own argument, passed on
    title: str,
    clock: Clock = SYSTEM_CLOCK,
    *,
    stream: TextIO | None = None,
) -> RowListener | None:
    """Return who is told how many rows are done: a bar for `True`, the caller's function, or nobody for `False`."""
    if callable(progress):
        return progress
    return RowBar(ProgressBar(title, clock=clock, stream=stream)) if progress else None


def duration(seconds: float) -> str:
    """Return the seconds as `m:ss` or `h:mm:ss`."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
