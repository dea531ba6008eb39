"""Every error that this package raises, and nothing else.

```
CortexTicketsError
├── InvalidInputError              also ValueError; lists every problem
│   ├── InvalidTrainingSetError    rows or labels that cannot be trained on
│   ├── PromptMismatchError        not the prompt that the model learned
│   └── CertificateMismatchError   a cascade without its certificate
├── MissingExtraError              also ImportError; names the extra
├── IncompleteRunError             a stopped run was used as a complete one
├── LedgerInUseError               another run writes the classifier's rows
├── RequirementError               an evaluation did not meet its gates
├── NotCertifiedError              a sample does not prove the target
├── CortexError                    Snowflake refused or failed
│   ├── TransientCortexError       passing; the only class that is retried
│   ├── StatementTimeoutError      also TimeoutError; the limit stopped it
│   ├── ConnectionLostError        no answer; what was done is unknown
│   ├── AccessDeniedError          a role or a grant is missing
│   ├── ModelNotFoundError         unknown, retired, legacy, or not here
│   ├── TextRefusedError           one text cannot be answered
│   ├── ObjectNotFoundError        a table, view or column is not there
│   ├── CallError                  Snowflake calls our arguments wrong
│   ├── UnexpectedAnswerError      an answer of an undocumented shape
│   └── UnsupportedStatementError  also NotImplementedError; engine only
└── FineTuneError                  about one fine-tune job
    ├── FineTuneRefusedError       this account, role or region may not
    ├── FineTuneFailedError        the server ended the job with ERROR
    ├── FineTuneCancelledError     somebody cancelled it
    └── FineTuneTimeoutError       also TimeoutError; the job goes on
```

What is called `also` is a class of Python's own by which the error can be caught, too. No message holds ticket text:
ids, lengths and counts only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial


class CortexTicketsError(Exception):
    """The root of every error that this package raises on purpose."""


class InvalidInputError(CortexTicketsError, ValueError):
    """The caller's values cannot be worked with; raised before any statement that bills or writes.

    Attributes:
        problems: Every problem found, one sentence each; never empty.
    """

    def __init__(self, problems: str | Iterable[str]) -> None:
        self.problems: tuple[str, ...] = (problems,) if isinstance(problems, str) else tuple(problems)
        if len(self.problems) == 1:
            text = self.problems[0]
        else:
            text = "\n".join([f"{len(self.problems)} problems:", *(f"- {problem}" for problem in self.problems)])
        super().__init__(text)

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems,)


class InvalidTrainingSetError(InvalidInputError):
    """The rows or labels cannot be trained on; `problems` has one line per row or label."""


class PromptMismatchError(InvalidInputError):
    """A model would be asked with another prompt than the one it was trained on.

    Attributes:
        expected: Hash of the prompt that the model was trained on.
        given: Hash of the prompt that was given.
    """

    def __init__(self, *, model: str, expected: str, given: str) -> None:
        self.model = model
        self.expected = expected
        self.given = given
        super().__init__(
            f"The model {model} was trained on prompt {expected[:12]}, but prompt {given[:12]} was given. "
            "A fine-tuned model answers well only what it was trained on: "
            "leave prompt= out to use the stored prompt, or train again with the new one."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), model=self.model, expected=self.expected, given=self.given), ()


class CertificateMismatchError(InvalidInputError):
    """A cascade has no certificate, or its models are not those that were certified; it answers nothing then."""


class MissingExtraError(CortexTicketsError, ImportError):
    """A part of the package needs libraries that are not installed.

    Attributes:
        extra: The extra to install.
    """

    def __init__(self, extra: str) -> None:
        self.extra = extra
        super().__init__(
            f"This needs the extra '{extra}', which is not installed. Install it from where the package came from: "
            f"pip install '.[{extra}]' in a checkout, or 'FILE.whl[{extra}]' for a wheel."
        )


class IncompleteRunError(CortexTicketsError):
    """A stopped run was used where only a complete one will do.

    Attributes:
        run_id: The run.
        n_left: Ticket rows that have no answer yet.
        reason: Why the run stopped.
    """

    def __init__(self, *, run_id: str, n_left: int, reason: str, advice: str | None = None) -> None:
        self.run_id = run_id
        self.n_left = n_left
        self.reason = reason
        hint = advice or "Call run.resume() to finish it, or pass allow_incomplete=True to use what is there."
        super().__init__(f"Run {run_id} is incomplete: {n_left} ticket rows have no answer ({reason}). {hint}")


class LedgerInUseError(CortexTicketsError):
    """Another run holds the lease on this classifier's rows in the ledger; nothing was asked or written.

    Attributes:
        into: The ledger.
        holder: The run that holds the lease; `None` if they changed too fast to tell.
        since: When it took the lease, by the server's clock, in UTC.
        until: When the lease is over if that run gives no further sign of life, by the server's clock, in UTC.
    """

    def __init__(self, *, into: str, holder: str | None, since: datetime | None, until: datetime | None) -> None:
        self.into, self.holder, self.since, self.until = into, holder, since, until
        who = f"run {holder} since {since:%Y-%m-%d %H:%M:%S} UTC" if since else "other runs, one after the other"
        wait = f"or, if it died, until {until:%Y-%m-%d %H:%M:%S} UTC, " if until else ""
        super().__init__(
            f"The ledger {into} is in use for this classifier by {who}. Wait until that has ended, {wait}and call "
            "again: what was answered is not asked again. Another classifier may use the same ledger meanwhile."
        )

    def __reduce__(self) -> tuple[object, ...]:
        return partial(type(self), into=self.into, holder=self.holder, since=self.since, until=self.until), ()


class RequirementError(CortexTicketsError):
    """An evaluation did not meet what was required of it; `failures` has one line per gate, with its figures."""

    def __init__(self, failures: Iterable[str]) -> None:
        self.failures = tuple(failures)
        super().__init__("\n".join(["The evaluation does not meet:", *(f"- {line}" for line in self.failures)]))


class NotCertifiedError(CortexTicketsError):
    """A calibration sample does not prove that a cascade keeps its target; the message says what it would take.

    Attributes:
        n: Tickets of the sample.
        n_errors: Those that would be answered otherwise than the reference says.
        n_allowed: How many of them may be.
        n_needed: With how many tickets, more than `n`, the same share of errors, rounded up to whole ones, would prove
            it; `None` if no number does.
        target_possible: The highest target that so few errors would prove, 0 to 1; `None` if none would.
    """

    def __init__(
        self,
        text: str,
        *,
        n: int,
        n_errors: int,
        n_allowed: int,
        n_needed: int | None,
        target_possible: float | None,
    ) -> None:
        self.n, self.n_errors, self.n_allowed = n, n_errors, n_allowed
        self.n_needed, self.target_possible = n_needed, target_possible
        super().__init__(text)

    def __reduce__(self) -> tuple[object, ...]:
        made = partial(
            type(self),
            n=self.n,
            n_errors=self.n_errors,
            n_allowed=self.n_allowed,
            n_needed=self.n_needed,
            target_possible=self.target_possible,
        )
        return made, (str(self),)


class CortexError(CortexTicketsError):
    """Snowflake refused a statement or failed while running it.

    Attributes:
        statement: The statement's text; values that were bound (ticket texts among them) are not in it.
        query_id: Snowflake's id of the statement; `None` where none was given.
        code: Snowflake's error code, such as 100351; `None` where none was given.
        reason: What Snowflake said, shortened, without ticket text.
    """

    advice = ""

    def __init__(
        self,
        reason: str,
        *,
        statement: str | None = None,
        query_id: str | None = None,
        code: int | None = None,
        advice: str | None = None,
    ) -> None:
        self.reason = reason or "Snowflake gave no reason"
        self.statement = statement
        self.query_id = query_id
        self.code = code
        facts = [f"code {code}"] if code is not None else []
        facts += [f"query {query_id}"] if query_id else []
        text = f"{self.reason} ({', '.join(facts)})" if facts else self.reason
        hint = self.advice if advice is None else advice
        super().__init__(f"{text}. {hint}" if hint else text)


class TransientCortexError(CortexError):
    """A passing failure: throttling, a server error, an inference that timed out. The only class that is retried.

    Attributes:
        max_attempts: Attempts after which a further one is not worth it; `None` for as many as the retry allows.
    """

    advice = "This passes by itself: try again later, or in smaller chunks."
    max_attempts: int | None = None


class StatementTimeoutError(CortexError, TimeoutError):
    """The statement was stopped by its time limit."""

    advice = "Give a longer timeout=, or smaller chunks."


class ConnectionLostError(CortexError):
    """No answer came back; whether the server ran the statement is unknown."""

    advice = "Connect again; a table operation or a job resumes where it stood."


class AccessDeniedError(CortexError):
    """A role or a grant is missing."""

    advice = (
        "Ask an account administrator for USE AI FUNCTIONS on the account and the database role "
        "SNOWFLAKE.CORTEX_USER, and for the privileges on the tables that the statement names."
    )


class ModelNotFoundError(CortexError):
    """The model is unknown, retired, in legacy state or not in this region.

    Attributes:
        model: The model that was asked for; `None` where the server did not say.
    """

    def __init__(
        self,
        reason: str,
        *,
        model: str | None = None,
        statement: str | None = None,
        query_id: str | None = None,
        code: int | None = None,
        advice: str | None = None,
    ) -> None:
        self.model = model
        super().__init__(reason, statement=statement, query_id=query_id, code=code, advice=advice)


class TextRefusedError(CortexError):
    """One text cannot be answered, such as one longer than the model's window; the other texts can."""


class ObjectNotFoundError(CortexError):
    """A table, view, schema or column is not there, or this role may not see it."""


class CallError(CortexError):
    """Snowflake calls our arguments wrong; where the caller's values are fine, this is a fault of this package."""


class UnexpectedAnswerError(CortexError):
    """An answer came in a shape that nobody documented.

    Attributes:
        answer: What came, untouched. It may hold ticket text, so it stands in no message.
    """

    def __init__(self, reason: str, *, answer: object, statement: str | None = None) -> None:
        self.answer = answer
        super().__init__(reason, statement=statement)


class UnsupportedStatementError(CortexError, NotImplementedError):
    """The embedded engine does not know this statement; Snowflake may."""

    advice = "The documentation lists what the embedded engine supports."


class FineTuneError(CortexTicketsError):
    """Something about one fine-tune job.

    Attributes:
        job_id: The job; `None` where none was made.
        status: The last status that was seen, in Snowflake's word; `None` where none was.
    """

    def __init__(self, text: str, *, job_id: str | None = None, status: str | None = None) -> None:
        self.job_id = job_id
        self.status = status
        super().__init__(text)


class FineTuneRefusedError(FineTuneError):
    """This account, role or region may not fine-tune; the message says which and what to do instead."""


class FineTuneFailedError(FineTuneError):
    """The server ended the job with ERROR.

    Attributes:
        detail: The server's error, as text or as the object that it sent; `None` where it sent none.
    """

    def __init__(
        self,
        text: str,
        *,
        job_id: str | None = None,
        status: str | None = None,
        detail: str | Mapping[str, object] | None,
    ) -> None:
        self.detail = detail
        super().__init__(text, job_id=job_id, status=status)


class FineTuneCancelledError(FineTuneError):
    """The job was cancelled."""


class FineTuneTimeoutError(FineTuneError, TimeoutError):
    """We stopped waiting; the job itself goes on."""
