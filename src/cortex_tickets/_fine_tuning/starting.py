"""Starts a job once, however often, from however many places and through whatever crash it is asked for.

1. Note the intent. 2. If the identity has a live or successful job, that is the one. 3. Take the lease, or wait for
whoever has it; meanwhile look among the jobs that Snowflake lists, since the other may have died between CREATE and
writing its answer down. 4. Under the lease look there too: a job may come from elsewhere. 5. Make sure of the lease,
CREATE, store the id. If CREATE's answer is lost, look before anything is paid for again: here at once, and in the next
start through steps 3 and 4.
"""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tune_request import FineTuneRequest
from cortex_tickets._cortex.fine_tuning import create_job, find_job, is_reusable, stored_job
from cortex_tickets._cortex.jobs_table import JOBS_TABLE, JobRow, JobsTable
from cortex_tickets._cortex.waiting import Deadline, PollSchedule
from cortex_tickets._fine_tuning.refusal import refusal
from cortex_tickets.errors import (
    ConnectionLostError,
    CortexError,
    FineTuneTimeoutError,
    StatementTimeoutError,
    TransientCortexError,
    UnexpectedAnswerError,
)
from cortex_tickets.records.fine_tune_status import FineTuneState, FineTuneStatus

logger = logging.getLogger("cortex_tickets")

CREATE_SECONDS = 120.0
"""Time limit of the CREATE statement on the server; the lease outlives it, so a job cannot appear after the lease."""
DEFAULT_SECONDS = 900.0
"""How long a start without a timeout waits for another one, at most: three times the life of a lease."""

_ANSWER_LOST = (ConnectionLostError, StatementTimeoutError, TransientCortexError, UnexpectedAnswerError)
"""After these a job may have been made."""
_EXECUTION_FAILED = 603
_HTTP_FAILURES = range(290_000, 291_000)
_TURNED_AWAY = re.compile(r"too many requests|throttled|\b429\b", re.IGNORECASE)
"""The only passing failures after which it is certain that no job was made."""
_LOOKS = (0.0, 2.0, 4.0, 8.0)
"""Pauses before each look for a job whose CREATE was not answered; the listing may lag behind."""
_FOR_THE_OTHER = PollSchedule(first=1.0, growth=1.5, longest=15.0)


@dataclass(frozen=True, slots=True)
class StartedJob:
    """The job that a start led to."""

    status: FineTuneStatus
    model_name: str | None
    """The name that was asked for when it was started; `None` for a job that was started elsewhere."""
    is_reused: bool


class FineTuneStart:
    """One attempt to start one job.

    Args:
        client: How statements are sent.
        request: What to start.
        timeout: Seconds for everything; `None` for a default that outlasts a dead starter's lease.
    """

    def __init__(self, client: CortexClient, request: FineTuneRequest, *, timeout: float | None) -> None:
        self._client = client
        self._request = request
        self._jobs = JobsTable(client, request.model)
        self._deadline = Deadline(client.clock, DEFAULT_SECONDS if timeout is None else timeout)
        self._holder = uuid.uuid4().hex

    def carry_out(self) -> StartedJob:
        """Return the one job of this identity.

        Raises:
            FineTuneTimeoutError: If another start of it does not come to an end in time.
            FineTuneRefusedError: If Snowflake refuses.
            CortexError: If a statement fails for another reason.
        """
        self._jobs.note_intent(self._request)
        pauses = _FOR_THE_OTHER.pauses()
        while True:
            row = self._jobs.read(self._request.identity)
            twin = self._twin_of(row)
            if twin is not None:
                return StartedJob(twin, row.model_name, is_reused=True)
            if not row.is_leased and self._jobs.take_lease(self._request, self._holder, instead_of=row.job_id):
                started = self._start_under_lease()
                if started is not None:
                    return started
            if self._deadline.is_over:
                raise FineTuneTimeoutError(
                    f"Another start of the same job has not told its job id within {self._deadline.passed:.0f} s, "
                    "so nothing was started. Call FineTuneJob.start again: it looks for that job first."
                )
            self._deadline.pause(next(pauses))

    def _twin_of(self, row: JobRow) -> FineTuneStatus | None:
        """Return the job that makes another one needless, or `None`."""
        if row.job_id is not None:
            known = self._stored(row.job_id)
            return known if known is not None and is_reusable(known) else None
        # Whoever holds the lease may have died after CREATE: its job is as good as one whose id is stored.
        return find_job(self._client, self._request, reusable=True) if row.is_leased else None

    def _stored(self, job_id: str) -> FineTuneStatus | None:
        try:
            return stored_job(self._client, job_id)
        except CortexError as error:
            error.add_note(
                f"Fine-tune job {job_id} does the same and may be alive, so nothing was started. If it is gone for "
                f"good, set its JOB_ID to NULL in {JOBS_TABLE} and call FineTuneJob.start again."
            )
            raise

    def _start_under_lease(self) -> StartedJob | None:
        """Return the job, or `None` if the lease was lost to somebody else before anything was paid."""
        try:
            twin = find_job(self._client, self._request, reusable=True)
            if twin is not None:
                self._store(twin.job_id)
                return StartedJob(twin, None, is_reused=True)
            if not self._jobs.heartbeat(self._request.identity, self._holder):
                return None
        except CortexError:
            self._release()
            raise
        return self._create()

    def _create(self) -> StartedJob:
        if self._deadline.is_over:
            self._release()
            raise FineTuneTimeoutError("The timeout was over before the job was started; nothing was started.")
        try:
            job_id = create_job(self._client, self._request, timeout=self._create_limit())
        except CortexError as error:
            # A plain refusal made no job, whatever its code; what may have been answered too late is no refusal.
            refused = None if isinstance(error, _ANSWER_LOST) else refusal(error, self._request)
            if refused is None and _may_have_made_a_job(error):
                return self._found_after(error)
            self._release()
            if refused is None:
                raise
            raise refused from error
        logger.info("fine-tune job %s started", job_id)
        self._store(job_id)
        return self._started(_submitted(job_id, self._request))

    def _create_limit(self) -> float:
        left = self._deadline.left
        return CREATE_SECONDS if left is None else min(CREATE_SECONDS, left)

    def _found_after(self, lost: CortexError) -> StartedJob:
        """Return the job that CREATE made without telling us, whatever became of it by now."""
        try:
            found = self._looked_for()
        except CortexError as error:
            logger.warning("could not look for the job of an unanswered CREATE: %s", type(error).__name__)
        else:
            if found is not None:
                self._store(found.job_id)
                return self._started(found)
            if isinstance(lost, TransientCortexError) and _TURNED_AWAY.search(lost.reason):
                self._release()  # nothing was begun, and nothing is listed: a next start need not wait
        # Otherwise the lease is left to run out: until then the server may still be at it, and nobody must pay again.
        lost.add_note(
            "Whether Snowflake made the fine-tune job is not known. Call FineTuneJob.start again with the same "
            "arguments: it looks for the job before it pays again."
        )
        raise lost

    def _looked_for(self) -> FineTuneStatus | None:
        since = self._jobs.read(self._request.identity).intent_at
        for pause in _LOOKS:
            self._client.clock.sleep(pause)
            found = find_job(self._client, self._request, reusable=False, since=since)
            if found is not None:
                return found
        return None

    def _started(self, status: FineTuneStatus) -> StartedJob:
        return StartedJob(status, str(self._request.model), is_reused=False)

    def _store(self, job_id: str) -> None:
        try:
            is_stored = self._jobs.store_job(self._request.identity, self._holder, job_id)
        except CortexError:
            is_stored = False
        if not is_stored:
            # The job runs and its id is returned; a later start finds it in Snowflake's own list.
            logger.warning("the id of fine-tune job %s could not be stored in the jobs table", job_id)

    def _release(self) -> None:
        try:
            self._jobs.release(self._request.identity, self._holder)
        except CortexError:
            logger.warning("a lease could not be released; it ends by itself")


def _may_have_made_a_job(error: CortexError) -> bool:
    if isinstance(error, _ANSWER_LOST):
        return True
    # A failure that nobody listed: what broke off on the server or on the way there says nothing about the job.
    return type(error) is CortexError and (error.code in (None, _EXECUTION_FAILED) or error.code in _HTTP_FAILURES)


def _submitted(job_id: str, request: FineTuneRequest) -> FineTuneStatus:
    return FineTuneStatus(
        job_id=job_id,
        state=FineTuneState.PENDING,
        status=FineTuneState.PENDING.value,
        progress=0.0,
        base_model=request.base_model,
        training_query=request.training_query,
        validation_query=request.validation_query,
        options=None if request.max_epochs is None else {"max_epochs": request.max_epochs},
    )
