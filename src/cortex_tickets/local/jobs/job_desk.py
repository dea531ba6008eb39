"""Fine-tune jobs: created, trained on threads of their own, described, cancelled, remembered."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cortex_tickets.local.catalog import Catalog
from cortex_tickets.local.faults.gate import UNKNOWN_STATUS, Gate, JobFate
from cortex_tickets.local.fine_tuning.trainer import TrainingCancelled, TrainingDataError, train
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.jobs.fine_tune_job import FineTuneJob
from cortex_tickets.local.jobs.job_store import JobStore
from cortex_tickets.local.jobs.model_names import free_name, full_name, schema_of
from cortex_tickets.local.jobs.training_rows import training_pairs
from cortex_tickets.local.jobs.tuned_models import StoredModels
from cortex_tickets.local.sql.compiler import Compiler
from cortex_tickets.local.sql.instance import Instance
from cortex_tickets.local.wire.session_desk import SessionDesk

_SECONDS_TO_END = 5.0
_INTERRUPTED = "The engine stopped while the job was under way."
_STRUCK = "Training failed: internal error"


class JobRefusedError(Exception):
    """The service refuses what was asked; the text is its message."""


class TrainingFailedError(Exception):
    """A job is struck by a fault; the text is its message."""


class JobDesk:
    """All fine-tune jobs of an engine.

    Attributes:
        models: What the jobs left.
        compiler: Reads the queries of jobs; set by the engine once it is there.
    """

    compiler: Compiler

    def __init__(self, instance: Instance, sessions: SessionDesk, catalog: Catalog, gate: Gate, *, seed: int) -> None:
        self._instance = instance
        self._sessions = sessions
        self._catalog = catalog
        self._gate = gate
        self._seed = seed
        self._store = JobStore(instance)
        self._lock = threading.Lock()
        self._threads: dict[str, threading.Thread] = {}
        self._fates: dict[str, JobFate] = {}
        self.models = StoredModels(self._store)
        self._jobs = {job.id: job for job in self._store.jobs()}
        for job in self._jobs.values():
            if not job.has_ended():
                self._finish(job, "ERROR", _INTERRUPTED)

    def create(
        self, *, name: str, base_model: str, training: str, validation: str, options: Mapping[str, Any], asker: Asker
    ) -> str:
        """Start a job; its id.

        Raises:
            JobRefusedError: For a base model that is not fine-tunable, a name that is no identifier, or one in a schema
                that is not there.
        """
        model = self._catalog.find(base_model)
        is_offered = model is not None and model.is_fine_tunable_on(self._catalog.day)
        if model is None or not is_offered or self._gate.retired(model.name, asker) is not None:
            offered = ", ".join(name for name in self._catalog.fine_tunable() if name != base_model.lower()) or "none"
            raise JobRefusedError(
                f'base model "{base_model}" is not supported for fine-tuning. Supported base models: {offered}'
            )
        wanted = full_name(name, asker.database, asker.schema)
        if wanted is None:
            raise JobRefusedError(f'invalid model name "{name}"')
        if not self._instance.has_schema(*schema_of(wanted)):
            raise JobRefusedError(f"Schema '{wanted.rpartition('.')[0]}' does not exist or not authorized.")
        with self._lock:
            taken = self.models.names() | {job.model for job in self._jobs.values() if not job.has_ended()}
            job = FineTuneJob(
                id=f"ft_{uuid.uuid4()}",
                model=free_name(wanted, taken),
                base_model=model.name,
                training_data=training,
                validation_data=validation,
                options=dict(options),
                database=asker.database or "",
                schema=asker.schema or "",
                created_on=_now(),
            )
            asked_for = [base_model, validation, str(dict(options))]
            self._fates[job.id] = self._gate.job_created(training, asked_for, job.id, asker)
            self._jobs[job.id] = job
            self._store.write(job)
            thread = threading.Thread(target=self._run, args=(job,), name=f"fine-tune {job.id}", daemon=True)
            self._threads[job.id] = thread
            thread.start()
        return job.id

    def described(self, job_id: str) -> str:
        """What FINETUNE('DESCRIBE') says of a job.

        Raises:
            JobRefusedError: When there is none.
        """
        job = self.find(job_id)
        with self._lock:
            status = self._false_status(job)
            if status is not None:
                fate = self._fates[job_id]
                self._fates[job_id] = replace(fate, n_unknown=fate.n_unknown - 1)
        return job.described(status)

    def listed(self) -> list[dict[str, Any]]:
        """What FINETUNE('SHOW') says: every job, oldest first."""
        with self._lock:
            jobs = sorted(self._jobs.values(), key=lambda job: job.created_on)
            return [job.listed(self._false_status(job)) for job in jobs]

    def find(self, job_id: str) -> FineTuneJob:
        """The job of an id.

        Raises:
            JobRefusedError: When there is none.
        """
        job = self._jobs.get(job_id)
        if job is None:
            raise JobRefusedError(f'fine-tuning job "{job_id}" does not exist')
        return job

    def cancel(self, job_id: str) -> None:
        """Stop a job; its thread notices at the next epoch.

        Raises:
            JobRefusedError: When there is none, or it has ended.
        """
        job = self.find(job_id)
        if not self._finish(job, "CANCELLED", None):
            raise JobRefusedError(f'fine-tuning job "{job_id}" has already ended with {job.status}')

    def close(self) -> None:
        """End what is under way; it will be found as ERROR."""
        for job in list(self._jobs.values()):
            self._finish(job, "ERROR", _INTERRUPTED)
        deadline = time.monotonic() + _SECONDS_TO_END
        for job_id, thread in self._threads.items():
            while thread.is_alive() and time.monotonic() < deadline:
                # Again and again: DuckDB forgets an interrupt that comes just before its query begins.
                self._jobs[job_id].stop()
                thread.join(timeout=0.02)

    def _run(self, job: FineTuneJob) -> None:
        try:
            self._train(job)
        except TrainingCancelled:
            return  # whoever cancelled it has written so
        except (TrainingDataError, TrainingFailedError) as error:
            self._finish(job, "ERROR", str(error))
        except Exception as error:  # noqa: BLE001 - a job that dies must say so; its thread has no caller
            self._finish(job, "ERROR", f"internal error ({type(error).__name__})")

    def _train(self, job: FineTuneJob) -> None:
        pairs, validation = self._pairs(job)
        fate = self._fates[job.id]
        with self._lock:
            if job.has_ended():
                return
            job.status = "IN_PROGRESS"
            self._store.write(job)

        def on_epoch(epoch: int, epochs: int, training_loss: float, validation_loss: float | None) -> None:
            job.progress = epoch / epochs
            job.training_loss, job.validation_loss = training_loss, validation_loss
            if fate.fails:
                raise TrainingFailedError(_STRUCK)
            if fate.hangs:
                job.is_cancelled.wait()

        model = train(
            pairs,
            validation,
            max_epochs=job.epochs,
            seed=self._seed,
            on_epoch=on_epoch,
            cancelled=job.is_cancelled.is_set,
        )
        with self._lock:
            if job.has_ended():
                return
            job.training_loss, job.validation_loss = model.training_loss, model.validation_loss
            job.trained_tokens = model.trained_tokens
            job.progress = 1.0
            ended = replace(job, status="SUCCESS", finished_on=_now())
            self._store.write_success(ended, model.to_bytes())
            self.models.add(job.model, job.base_model, model)
            # Last, so that whoever sees it finds the model.
            job.finished_on, job.status = ended.finished_on, ended.status

    def _pairs(self, job: FineTuneJob) -> tuple[list[tuple[str, str]], list[tuple[str, str]] | None]:
        session = self._sessions.open_unlisted(user="ENGINE", database=job.database, schema=job.schema)
        try:
            pairs = training_pairs(job.training_data, "training", self.compiler, session, job)
            validation = (
                training_pairs(job.validation_data, "validation", self.compiler, session, job)
                if job.validation_data
                else None
            )
        finally:
            session.end()
        base = self._catalog.find(job.base_model)
        if base is not None and base.fine_tune_rows is not None:
            most = base.fine_tune_rows // job.epochs
            if len(pairs) > most:
                raise TrainingDataError(
                    f"The training data has {len(pairs)} rows; {base.name} takes at most {most} "
                    f"for {job.epochs} epochs."
                )
        if len({completion for _, completion in pairs}) < 2:  # noqa: PLR2004 - one answer only is nothing to learn
            raise TrainingDataError("The training data must have at least two different completions.")
        return pairs, validation

    def _false_status(self, job: FineTuneJob) -> str | None:
        """The status that a job is struck with for now; `None` is: the true one. Called with the lock held."""
        return UNKNOWN_STATUS if self._fates.get(job.id, JobFate()).n_unknown > 0 else None

    def _finish(self, job: FineTuneJob, status: Any, error: str | None) -> bool:
        """Write the end of a job down, once; says whether this was it."""
        with self._lock:
            if job.has_ended():
                return False
            job.stop()
            job.status, job.error, job.finished_on = status, error, _now()
            self._store.write(job)
            return True


def _now() -> int:
    return time.time_ns() // 1_000_000
