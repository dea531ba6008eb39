"""Tells a listener, or a bar, how far the building of a training set is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cortex_tickets.clock import Clock
from cortex_tickets.progress import ProgressBar, RowListener
from cortex_tickets.records.build_progress import BuildProgress, BuildStep
from cortex_tickets.records.run_progress import RunProgress

BuildListener = Callable[[BuildProgress], None]
"""Is told how far a build is: before each of its steps, and within them."""


class BuildTeller:
    """Knows the steps of one build, and who is told of them.

    Args:
        listener: Who is told; `None` for nobody.
        clock: Time.
        has_teacher: Whether labelling is one of the steps.
    """

    def __init__(self, listener: BuildListener | None, clock: Clock, *, has_teacher: bool) -> None:
        self._listener = listener
        self._clock = clock
        self._steps = [step for step in BuildStep if has_teacher or step is not BuildStep.LABELLING]
        self._started = clock.monotonic()

    def tell(self, step: BuildStep, n_done: int = 0, n_all: int = 0) -> None:
        """Tell how far a step is."""
        if self._listener is not None:
            self._listener(
                BuildProgress(
                    step=step,
                    step_number=self._steps.index(step) + 1,
                    n_steps=len(self._steps),
                    n_done=n_done,
                    n_all=n_all,
                    seconds=self._clock.monotonic() - self._started,
                )
            )

    @property
    def of_teacher(self) -> bool | RowListener:
        """What a teacher is given as `progress=`."""
        return False if self._listener is None else self._labelling

    def _labelling(self, progress: RunProgress) -> None:
        self.tell(BuildStep.LABELLING, progress.n_done, progress.n_all)


@contextmanager
def build_teller(
    progress: bool | BuildListener,  # noqa: FBT001  the verb's own argument, passed on
    clock: Clock,
    *,
    has_teacher: bool,
) -> Iterator[BuildTeller]:
    """Yield what tells a bar for `True`, which is ended on leaving, the caller's function, or nobody for `False`."""
    if callable(progress):
        yield BuildTeller(progress, clock, has_teacher=has_teacher)
    elif progress:
        bar = ProgressBar("training set", clock=clock)
        try:
            yield BuildTeller(lambda told: _show(bar, told), clock, has_teacher=has_teacher)
        finally:
            bar.close()
    else:
        yield BuildTeller(None, clock, has_teacher=has_teacher)


def _show(bar: ProgressBar, told: BuildProgress) -> None:
    detail = f"{told.n_done:,} of {told.n_all:,}" if told.n_all else ""
    bar.show(told.share_done, note=told.step.value, detail=detail)
