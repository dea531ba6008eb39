"""A fine-tune job: started once, watched, waited for, cancelled, found again."""

from __future__ import annotations

import builtins
import json
from typing import Self

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.fine_tuning import describe_job, list_jobs
from cortex_tickets._cortex.retry import DEFAULT_RETRY, RetryPolicy
from cortex_tickets._fine_tuning.arguments import job_id_problems, refuse, timeout_problems, wait_problems
from cortex_tickets._fine_tuning.known_jobs import asked_name, cancelled, described
from cortex_tickets._fine_tuning.planning import Plan, TrainingPairs
from cortex_tickets._fine_tuning.starting import FineTuneStart
from cortex_tickets._fine_tuning.waiting import PATIENCE, JobWait, StatusListener, told
from cortex_tickets.clock import SYSTEM_CLOCK, Clock
from cortex_tickets.fine_tuned_model import FineTunedModel, training_set_of
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.fine_tune_estimate import FineTuneEstimate
from cortex_tickets.records.fine_tune_status import FineTuneStatus
from cortex_tickets.session import Session
from cortex_tickets.training_set import TrainingSet


class FineTuneJob:
    """One run of Snowflake's fine-tuning, made by `start` or found by `attach`; it goes on without this object.

    Its properties send nothing: they tell what was last seen. Safe to share between threads.

    Args:
        session: A Snowpark session, or anything with its `sql(...).collect(...)`.
        status: The job as it was last seen.
        name: The model's name that was asked for; `None` if unknown.
        training_set: What it trains on; `None` for a job made elsewhere.
        reused: Whether `start` found the job instead of making it.
        clock: Time; a fake one in tests.

    Source:
        [Cortex Fine-tuning](https://docs.snowflake.com/en/user-guide/snowflake-cortex/cortex-finetuning),
        read 2026-11-22. Snowflake has announced its deprecation for Q1 2027.
    """

    def __init__(
        self,
        session: Session,
        *,
        status: FineTuneStatus,
        name: str | None = None,
        training_set: TrainingSet | None = None,
        reused: bool = False,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._client = _client(session, clock, status.job_id)
        self._patient_client = _client(session, clock, status.job_id, PATIENCE)
        self._status = status
        self._name = name
        self._training_set = training_set
        self._reused = reused

    @classmethod
    def start(
        cls,
        session: Session,
        *,
        name: str,
        base_model: str,
        training_set: TrainingPairs,
        max_epochs: int | None = None,
        budget: Budget | None = None,
        platform_credits_per_million_tokens: float | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Self:
        """Return a job that trains this, started now or found: asking twice pays once.

        Counts the pairs in one free statement, writes the intent to the table CORTEX_TICKETS_JOBS beside the model,
        and sends CREATE, which is billed, at most once. A job with the same base model, queries and options that
        lives or has succeeded is returned instead, with `.reused`; a failed or cancelled one never is. Jobs made
        elsewhere are found among the 100 newest that Snowflake lists for the base model.

        Args:
            session: Where to train.
            name: The model's name; database and schema are those of the training set unless given. Snowflake may
                add a suffix, so ask the model that `wait` returns by its own name.
            base_model: The model to tune, such as `llama3.1-8b`.
            training_set: What `TrainingSetBuilder.build` made, or `TrainingQueries` for tables made elsewhere.
            max_epochs: Passes over the training pairs, 1 to 10; `None` leaves them to Snowflake.
            budget: Platform credits that the job may cost; `None` for no limit.
            platform_credits_per_million_tokens: The price; no source that could be read states it.
            timeout: Seconds for the start, not for the training; `None` for 15 minutes, which are needed only
                where another start of the same job died halfway.
            clock: Time; a fake one in tests.

        Raises:
            InvalidInputError: Before anything is billed or written, with every problem: name, base model, epochs,
                budget, price, timeout, rows, token lengths. `InvalidTrainingSetError` if only the pairs are at fault.
            FineTuneRefusedError: If this account, role or region may not fine-tune.
            FineTuneTimeoutError: If another start of the same job does not end in time.
            CortexError: If a job that may be the same cannot be looked at, so that nothing is paid; or if CREATE
                fails, `ConnectionLostError` if it was not answered: start again, it looks first.
        """
        client = _client(session, clock, name)
        plan = Plan(
            client,
            base_model=base_model,
            training_set=training_set,
            max_epochs=max_epochs,
            price=platform_credits_per_million_tokens,
            timeout=timeout,
        )
        request = plan.request(name, budget)
        started = FineTuneStart(client, request, timeout=timeout).carry_out()
        return cls(
            session,
            status=started.status,
            name=started.model_name,
            training_set=training_set if isinstance(training_set, TrainingSet) else None,
            reused=started.is_reused,
            clock=clock,
        )

    @classmethod
    def attach(
        cls, session: Session, job_id: str, *, timeout: float | None = None, clock: Clock = SYSTEM_CLOCK
    ) -> Self:
        """Return a job that was started before, in another process or elsewhere.

        Sends DESCRIBE, and reads the manifest that the job's training query names; nothing is billed or written.

        Args:
            session: Where the job is.
            job_id: What `.id` told, such as `ft_6556e15c-…`; not the model's name.
            timeout: Seconds for all statements, retries included; `None` for the session's own limit of each.
            clock: Time; a fake one in tests.

        Raises:
            InvalidInputError: If `job_id` is blank or no text, or `timeout` is not more than 0.
            FineTuneError: If Snowflake says that there is no such job, and does not list it either.
            StatementTimeoutError: If the time is over first.
            CortexError: If it fails for another reason.
        """
        refuse(job_id_problems(job_id), timeout_problems(timeout))
        client = _client(session, clock, job_id).within(timeout)
        status = described(client, job_id, timeout=None)
        training_set = training_set_of(session, status.training_query, timeout=client.seconds_left)
        name = status.model or asked_name(client, job_id, training_set)
        return cls(session, status=status, name=name, training_set=training_set, clock=clock)

    @classmethod
    def estimate(
        cls,
        session: Session,
        *,
        base_model: str,
        training_set: TrainingPairs,
        max_epochs: int | None = None,
        platform_credits_per_million_tokens: float | None = None,
        timeout: float | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> FineTuneEstimate:
        """Return what a job would train on and cost: prompts are counted. One statement, free but for the warehouse.

        Args:
            session: Where the training set is.
            base_model: The model to tune; its tokenizer counts.
            training_set: As for `start`.
            max_epochs: As for `start`; `None` is reckoned as 3.
            platform_credits_per_million_tokens: The price; without it the credits are `None`, not 0.
            timeout: Seconds, retries included; `None` for the session's own limit.
            clock: Time; a fake one in tests.

        Raises:
            InvalidInputError: With every problem in the arguments, or if a query cannot run.
        """
        plan = Plan(
            _client(session, clock, "estimate"),
            base_model=base_model,
            training_set=training_set,
            max_epochs=max_epochs,
            price=platform_credits_per_million_tokens,
            timeout=timeout,
        )
        return plan.estimate()

    def __repr__(self) -> str:
        return f"FineTuneJob(id={self.id!r}, status={self._status.status!r}, name={self.name!r}, reused={self._reused})"

    def _repr_html_(self) -> str:
        return self._status._repr_html_()

    @property
    def id(self) -> str:
        """The job's id; keep it to `attach` from another process."""
        return self._status.job_id

    @property
    def status(self) -> FineTuneStatus:
        """The job as it was last seen; `refresh` looks again."""
        return self._status

    @property
    def reused(self) -> bool:
        """Whether `start` found this job instead of making it."""
        return self._reused

    @property
    def name(self) -> str | None:
        """The model's name: as Snowflake gave it, before SUCCESS as it was asked for; `None` if nobody told it."""
        return self._status.model or self._name

    @property
    def base_model(self) -> str | None:
        """The model that is tuned; `None` if the server did not say."""
        return self._status.base_model

    def refresh(self, *, timeout: float | None = None) -> FineTuneStatus:
        """Return the job as it stands now. One free statement.

        Args:
            timeout: Seconds, retries included; `None` for the session's own limit.

        Raises:
            CortexError: If Snowflake fails, after passing errors were retried.
        """
        refuse(timeout_problems(timeout))
        self._status = describe_job(self._client, self.id, timeout=timeout)
        return self._status

    def wait(self, *, timeout: float | None = None, progress: bool | StatusListener = False) -> FineTunedModel:
        """Return the model once the job has made it.

        Looks with growing pauses, one second at first and thirty at most, and once more when the time is over.
        Leaving the wait, by the timeout or Ctrl-C, does not stop the job: `attach` takes it up again.

        Args:
            timeout: Seconds from now; 0 looks once, `None` waits for ever.
            progress: True for a bar on standard error, or a function that is told each status. An error that the
                function raises ends the wait.

        Raises:
            InvalidInputError: If `timeout` or `progress` is none of these.
            FineTuneFailedError: If the job ends with ERROR; with what Snowflake said.
            FineTuneCancelledError: If somebody cancels it.
            FineTuneTimeoutError: If the time is over first; the job goes on.
            CortexError: If DESCRIBE fails for good.
        """
        refuse(wait_problems(timeout, progress))
        wait = JobWait(self.id, self._patient_look, clock=self._client.clock, timeout=timeout)
        with told(progress, self._client.clock) as listener:
            status = wait.until_success(listener)
        return FineTunedModel.of_job(status, self._training_set)

    def cancel(self, *, timeout: float | None = None) -> FineTuneStatus:
        """Ask Snowflake to stop the job, and return how it stands then.

        A job that is over stays as it is, and that is no error. Snowflake may need a moment: where the state is not
        yet CANCELLED, `refresh` or `wait` tells when it is. What was trained so far may be billed.

        Args:
            timeout: Seconds for each of the two statements, retries included; `None` for the session's own limit.

        Raises:
            FineTuneError: If Snowflake does not know the job.
            CortexError: If it refuses to stop a job that is not over.
        """
        refuse(timeout_problems(timeout))
        self._status = cancelled(self._client, self.id, timeout=timeout)
        return self._status

    def _patient_look(self, timeout: float | None) -> FineTuneStatus:
        self._status = describe_job(self._patient_client, self.id, timeout=timeout)
        return self._status

    # Last, because it hides the built-in name from all that stands below it in the class.
    @classmethod
    def list(cls, session: Session, *, timeout: float | None = None) -> builtins.list[FineTuneStatus]:
        """Return the jobs that Snowflake lists, the newest first. One free statement.

        Each has its id, state, base model and moment of making, and nothing else: `attach` tells the rest. Snowflake
        clears its list at times.

        Args:
            session: Where the jobs are.
            timeout: Seconds, retries included; `None` for the session's own limit.

        Raises:
            CortexError: If Snowflake fails.

        Source:
            [FINETUNE ('SHOW')](https://docs.snowflake.com/en/sql-reference/functions/finetune-show), read 2026-11-22.
        """
        refuse(timeout_problems(timeout))
        return list_jobs(_client(session, SYSTEM_CLOCK, "list"), timeout=timeout)


def _client(session: Session, clock: Clock, what: str, retry: RetryPolicy = DEFAULT_RETRY) -> CortexClient:
    tag = json.dumps({"app": "cortex_tickets", "operation": "fine_tune", "job": str(what)[:100]})
    return CortexClient(session, tag=tag, clock=clock, retry=retry)
