"""The fault profile of an engine: what goes wrong on the day that is rehearsed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

from cortex_tickets.errors import InvalidInputError
from cortex_tickets.local.faults.fault import Fault, is_whole, rate_problems
from cortex_tickets.local.faults.profile_text import read_profile, written_fault, written_retirement
from cortex_tickets.local.faults.retired_model import RetiredModel

ENVIRONMENT_VARIABLE = "CORTEX_TICKETS_FAULTS"
_NOT_KINDS = frozenset({"seed", "retired", "orphan_seconds"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What goes wrong on an embedded engine, and how often: a rehearsal of Snowflake's bad day.

    Each kind of fault is a rate from 0 to 1, or a `Fault` for more. Nothing goes wrong that is not named. What was
    injected can be read, and counted, in the table `SNOWFLAKE.ENGINE.FAULTS`; statements that read that schema are
    never struck, nor are those that clients cancel with, or ask for columns with.

    **Same seed, same faults.** Whether a fault happens is not drawn from a stream of random numbers that threads
    would share: it follows from the seed, the kind, and what is struck.

    - A *statement* is its text and its bound values. Ids in them (UUIDs, runs of eight or more hexadecimal digits,
      Snowpark's names of temporary objects) and moments of time count as equal, because clients make them anew in
      each run. The k-th time that the same statement comes is drawn apart from the times before, so one that is sent
      again can pass. A request that the connector sends again, with the same request id, is the same statement.
    - A *row* is its function, model and text. A text that was answered well once always is; one that was struck is
      drawn anew when it is asked again.
    - A *job* is its base model, queries and options; the k-th equal job is drawn apart.

    So two runs with the same statements have the same faults, whatever threads do. `nth` and `at_most` count in the
    order in which things come: with one client at a time they are exact, and with several the order is theirs. The
    counts begin anew with the engine.

    Where several kinds would strike one statement, one row or one answer on its way, one does: the first in the order
    below. A statement that is turned away can lose its answer as well.

    Raises:
        InvalidInputError: When it is made, with every problem.

    Examples:
        >>> from cortex_tickets import local
        >>> faults = local.Faults(seed=7, throttled=0.2, null_rows=0.05)
        >>> with local.connect(faults=faults) as session:
        ...     session.sql("SELECT COUNT(*) AS N FROM SNOWFLAKE.ENGINE.FAULTS").collect()
        [Row(N=0)]

    Source:
        Messages and numbers: the pages of AI_COMPLETE and of the Cortex REST API on docs.snowflake.com, and public
        reports of 2024 to 2026, gathered 2026-11-22. What clients do: the Python connector 4.8.1, tried.
    """

    seed: int = 0
    """Another seed is another bad day; the same profile and seed is the same one."""

    too_many_requests: Fault | float = 0.0
    """Statements that ask a model, or FINETUNE anything, fail with `429 'too many requests'` (TRY_COMPLETE gives
    NULL). Nothing is asked; the same statement may pass when it is sent again."""
    throttled: Fault | float = 0.0
    """The same with the other form of throttling: `400 'all requests were throttled by remote service'`."""
    server_errors: Fault | float = 0.0
    """The same with 500 (`internal error`), 502 (`bad gateway`), 503 (`overloaded`) or 504 (`gateway timeout`)."""
    timeouts: Fault | float = 0.0
    """The same with `503 'inference timed out'`, for embeddings `503 'embed timed out'`."""

    failing_rows: Fault | float = 0.0
    """Rows whose error fails the whole statement, although the function should give NULL for them: `400 'max tokens
    of 128000 exceeded'`. The other rows of the block have been asked by then. With a rate of 1 and `matching` it is a
    bad row that has to be found."""
    null_rows: Fault | float = 0.0
    """Rows that the model did not answer. The AI functions give NULL, and `{"value": null, "error": "internal error"}`
    where error details are asked for; functions that raise, as the legacy ones, fail the statement."""
    truncated_json: Fault | float = 0.0
    """Answers of AI_COMPLETE, COMPLETE and TRY_COMPLETE that are JSON and break off in the middle. Where an object
    was promised, the value is a string with what there is of it (the form on Snowflake is not documented)."""
    off_label: Fault | float = 0.0
    """Answers that are no label: AI_CLASSIFY and CLASSIFY_TEXT name a category that nobody gave, a completion with a
    schema puts such a value where the schema has an `enum`, and a completion without one is a sentence that names no
    label. Completions whose schema has no `enum` are left as they are."""

    failed_jobs: Fault | float = 0.0
    """Fine-tune jobs that end in ERROR after their first epoch."""
    hung_jobs: Fault | float = 0.0
    """Fine-tune jobs that stay IN_PROGRESS after their first epoch, until they are cancelled."""
    unknown_statuses: Fault | float = 0.0
    """Fine-tune jobs that report a status that nobody documented, FINALIZING, in their first three DESCRIBEs and in
    SHOW until then; afterwards what is true."""
    lost_creates: Fault | float = 0.0
    """FINETUNE('CREATE') statements that make their job, and whose answer breaks off on its way (see
    `lost_answers`). Counted, and matched, as jobs."""

    dropped_connections: Fault | float = 0.0
    """Answers whose connection is closed before the first byte, when the statement has ended. Snowflake's clients
    send the request again by themselves, after about a second, and get the answer of the statement that ran; each
    sending is an occasion of its own. At a rate of 1 no answer comes through: a client with `network_timeout=` gives
    up with OperationalError 250003 after it, one without never does."""
    lost_answers: Fault | float = 0.0
    """Answers whose connection breaks in the middle, when the statement has ended and committed. The Python connector
    does not send such a request again: its caller sees an error at once (ChunkedEncodingError, of the connector's own
    copy of requests)."""
    withheld_answers: Fault | float = 0.0
    """Answers that are never sent, when the statement has ended and committed: the connection stays open until the
    client goes away or sends the request again, which the connector does after 60 seconds of silence. For clients
    that are killed between the server's commit and their reading of it."""
    orphaned_statements: Fault | float = 0.0
    """Statements whose client sees its connection break (as with `lost_answers`) while they run on for
    `orphan_seconds`, and then do their work: until then nobody sees what they will have done. They can be cancelled
    as any running statement, and closing their session cancels them."""
    orphan_seconds: float = 1.0
    """Seconds that an orphaned statement runs on before it does its work; 0 is at once."""

    retired: RetiredModel | Sequence[RetiredModel] = ()
    """Models that are retired between two statements. Kept as a tuple."""

    def __post_init__(self) -> None:
        problems = [] if is_whole(self.seed, least=0) else [f"seed={self.seed!r} must be a whole number from 0."]
        for name in fault_names():
            problems += self._keep_as_fault(name)
        seconds: object = self.orphan_seconds  # whatever a caller gives
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not is_number or not 0 <= self.orphan_seconds <= _LONGEST_ORPHAN:
            problems.append(f"orphan_seconds={seconds!r} must be seconds from 0 to {_LONGEST_ORPHAN}.")
        problems += self._keep_retired()
        if problems:
            raise InvalidInputError(problems)

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The profile that a text says, such as `seed=7; throttled=0.1; lost_creates=@1`.

        Args:
            text: Entries `name=value`, separated by `;`. The names are the fields of this class. The value of a kind
                of fault is one or more words: a rate (`0.1`), `@2` for the second occasion, `x5` for five times at
                most, `cortex` for `only_cortex`, and at the end `~` and the regular expression of `matching`. The
                value of `retired` is one or more words `model@n`, with `:legacy` behind it for that status.

        Raises:
            InvalidInputError: With every problem of the text.
        """
        given, problems = read_profile(text, fault_names())
        try:
            made = cls(**given)
        except InvalidInputError as error:
            raise InvalidInputError([*problems, *error.problems]) from None
        if problems:
            raise InvalidInputError(problems)
        return made

    @classmethod
    def from_environment(cls) -> Self | None:
        """The profile of `CORTEX_TICKETS_FAULTS`; `None` where that is not set or blank.

        Raises:
            InvalidInputError: With every problem of the text, under the variable's name.
        """
        text = os.environ.get(ENVIRONMENT_VARIABLE, "")
        if not text.strip():
            return None
        try:
            return cls.from_text(text)
        except InvalidInputError as error:
            raise InvalidInputError([f"{ENVIRONMENT_VARIABLE}: {problem}" for problem in error.problems]) from None

    def to_text(self) -> str:
        """The profile as the text that `from_text` reads; kinds that never happen are left out."""
        entries = [f"seed={self.seed}"]
        named = [(name, self.of(name)) for name in fault_names()]
        entries += [f"{name}={written_fault(fault)}" for name, fault in named if not fault.never_happens]
        if self.orphan_seconds != 1:
            entries.append(f"orphan_seconds={self.orphan_seconds:g}")
        if self.retirements:
            entries.append(f"retired={' '.join(written_retirement(item) for item in self.retirements)}")
        return "; ".join(entries)

    def of(self, name: str) -> Fault:
        """One kind of fault by its name."""
        fault = getattr(self, name)
        return fault if isinstance(fault, Fault) else Fault(fault)

    @property
    def retirements(self) -> tuple[RetiredModel, ...]:
        """`retired` as what it is kept as."""
        return self.retired if isinstance(self.retired, tuple) else ()

    @property
    def never_happen(self) -> bool:
        """Whether nothing goes wrong at all."""
        return not self.retirements and all(self.of(name).never_happens for name in fault_names())

    def _keep_as_fault(self, name: str) -> list[str]:
        given = getattr(self, name)
        if isinstance(given, Fault):
            return []
        if problems := rate_problems(name, given):
            return [f"{problems[0]} A Fault(...) says more."]
        object.__setattr__(self, name, Fault(given))
        return []

    def _keep_retired(self) -> list[str]:
        given: object = (self.retired,) if isinstance(self.retired, RetiredModel) else self.retired
        if not isinstance(given, Sequence) or not all(isinstance(item, RetiredModel) for item in given):
            return [f"retired={given!r} must be RetiredModel(...)s."]
        object.__setattr__(self, "retired", tuple(given))
        names = [item.model.lower() for item in given]
        return [
            f"retired: {name} is named more than once." for name in sorted({n for n in names if names.count(n) > 1})
        ]


_LONGEST_ORPHAN = 3600


def fault_names() -> tuple[str, ...]:
    """The kinds of faults, by name, in the order in which the first one happens."""
    return tuple(item.name for item in fields(Faults) if item.name not in _NOT_KINDS)
