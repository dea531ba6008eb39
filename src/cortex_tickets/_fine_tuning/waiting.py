"""Waits for a job to end: the state machine of `FineTuneJob.wait`, without a statement in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import assert_never

from cortex_tickets._cortex.failures import without_values
from cortex_tickets._cortex.retry import RetryPolicy
from cortex_tickets._cortex.waiting import Deadline, PollSchedule
from cortex_tickets.clock import Clock
from cortex_tickets.errors import (
    CortexError,
    FineTuneCancelledError,
    FineTuneFailedError,
    FineTuneTimeoutError,
    StatementTimeoutError,
    TransientCortexError,
)
from cortex_tickets.progress import ProgressBar
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus

StatusListener = Callable[[FineTuneStatus], None]
"""Is told each status that a wait sees."""

POLLS = PollSchedule(first=1.0, growth=1.5, longest=30.0)
"""How often one looks: a short job is seen to end at once, a long one is asked about twice a minute."""
PATIENCE = RetryPolicy(max_attempts=20, max_seconds=600.0, first_wait=1.0, longest_wait=30.0)
"""How long one puts up with looks that fail in passing: an outage of minutes must not end a wait of hours."""


class JobWait:
    """One wait for one job.

    Args:
        job_id: The job, for messages.
        look: Asks how the job stands now, within the seconds that are given (`None`: no limit), and retries passing
            errors by `PATIENCE`.
        clock: What the deadline and the pauses are measured on.
        timeout: Seconds from now; `None` waits for ever.
    """

    def __init__(
        self,
        job_id: str,
        look: Callable[[float | None], FineTuneStatus],
        *,
        clock: Clock,
        timeout: float | None,
    ) -> None:
        self._job_id = job_id
        self._ask = look
        self._deadline = Deadline(clock, timeout)
        self._last_seen = ""

    def until_success(self, tell: StatusListener) -> FineTuneStatus:
        """Return the status that says SUCCESS; every other end is an error with the job's id.

        The last look is made when the time is over, not before it.
        """
        pauses = POLLS.pauses()
        while True:
            status = self._look()
            tell(status)
            match status.state:
                case FineTuneState.SUCCESS:
                    return status
                case FineTuneState.ERROR:
                    raise _failed(status)
                case FineTuneState.CANCELLED:
                    raise _cancelled(status)
                case FineTuneState.PENDING | FineTuneState.RUNNING | FineTuneState.UNKNOWN:
                    pass  # a word that is new to us may still become SUCCESS
                case _:
                    assert_never(status.state)
            if self._deadline.is_over:
                raise self._timed_out()
            self._deadline.pause(next(pauses))

    def _look(self) -> FineTuneStatus:
        try:
            status = self._ask(self._deadline.left)
        except CortexError as error:
            if not self._is_for_want_of_time(error):
                error.add_note(f"This came while waiting for fine-tune job {self._job_id}. {self._how_to_go_on()}")
                raise
            status = self._last_look(error)
        self._last_seen = status.status
        return status

    def _is_for_want_of_time(self, error: CortexError) -> bool:
        # A retry that would come after the deadline is not made, so it is our time that ends, not our patience.
        left = self._deadline.left
        is_passing = isinstance(error, TransientCortexError | StatementTimeoutError)
        return is_passing and left is not None and left < PATIENCE.longest_wait

    def _last_look(self, before: CortexError) -> FineTuneStatus:
        """Return how the job stands when the time is over: what failed before that may have passed by then."""
        if self._deadline.is_over:
            raise self._timed_out() from before
        self._deadline.pause(PATIENCE.longest_wait)
        try:
            return self._ask(self._deadline.left)
        except (TransientCortexError, StatementTimeoutError) as error:
            raise self._timed_out() from error

    def _timed_out(self) -> FineTuneTimeoutError:
        return FineTuneTimeoutError(
            f"Fine-tune job {self._job_id} was not over after {self._deadline.passed:.0f} s "
            f"(last status: {self._last_seen or 'none'}). {self._how_to_go_on()}",
            job_id=self._job_id,
            status=self._last_seen or None,
        )

    def _how_to_go_on(self) -> str:
        return f"The job goes on: FineTuneJob.attach(session, {self._job_id!r}).wait() takes it up again."


@contextmanager
def told(progress: bool | StatusListener, clock: Clock) -> Iterator[StatusListener]:  # noqa: FBT001  the verb's own argument
    """Yield who is told each status: a bar for `True`, which is ended on leaving, the caller's function, or nobody."""
    if callable(progress):
        yield progress
    elif progress:
        bar = ProgressBar("fine-tuning", clock=clock)
        try:
            yield lambda status: bar.show(status.progress, note=status.status)
        finally:
            bar.close()
    else:
        yield lambda _: None


def _failed(status: FineTuneStatus) -> FineTuneFailedError:
    return FineTuneFailedError(
        f"Fine-tune job {status.job_id} ended with {status.status}: {_reason(status)}. "
        "There is no model; `detail` has all that Snowflake said. Mend the cause and start again.",
        job_id=status.job_id,
        status=status.status,
        detail=status.error,
    )


def _reason(status: FineTuneStatus) -> str:
    if not status.error_text:
        return "Snowflake gave no reason"
    # Without values, since what is quoted may be a ticket; without the full stop, since the sentence has its own.
    reason = without_values(status.error_text).rstrip(" .")
    return reason if re.search(r"\w", reason) else "Snowflake's reason is in no words that can be shown here"


def _cancelled(status: FineTuneStatus) -> FineTuneCancelledError:
    return FineTuneCancelledError(
        f"Fine-tune job {status.job_id} was cancelled, so there is no model. FineTuneJob.start begins a new one.",
        job_id=status.job_id,
        status=status.status,
    )
