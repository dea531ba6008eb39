"""The one place that statements, answers and jobs pass, where faults can strike; and the gate that lets all pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Protocol

from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.errors import StatementError

UNKNOWN_STATUS = "FINALIZING"


class Delivery(Enum):
    """How an answer reaches its client."""

    WHOLE = auto()
    DROPPED = auto()
    """The connection is closed before the first byte."""
    CUT_OFF = auto()
    """The connection breaks in the middle."""
    WITHHELD = auto()
    """Nothing is sent, and the connection stays open."""


@dataclass(frozen=True, slots=True)
class JobFate:
    """What becomes of a fine-tune job.

    Attributes:
        fails: Whether it ends in ERROR after its first epoch.
        hangs: Whether it stays under way after its first epoch.
        n_unknown: How many of its first DESCRIBEs report a status that nobody documented.
    """

    fails: bool = False
    hangs: bool = False
    n_unknown: int = 0


@dataclass(frozen=True, slots=True)
class AnsweredRows:
    """Rows of one block that a model has answered, before anybody sees the answers.

    Attributes:
        asker: Who asked.
        function: Name of the function.
        model: As the call names it; empty where it names none.
        texts: What was asked, shape `(n_rows,)`.
        answers: Shape `(n_rows,)`; `None` where there is none. May be changed in place.
        errors: Shape `(n_rows,)`; `None` where there is none. May be changed in place.
        schema: What the answers follow; `None` without one.
        are_completions: Whether a model wrote the answers, and not the function.
    """

    asker: Asker
    function: str
    model: str
    texts: Sequence[str | None]
    answers: list[str | None]
    errors: list[str | None]
    schema: Mapping[str, object] | None = None
    are_completions: bool = False


class Gate(Protocol):
    """What every statement, answer and job passes."""

    def arrived(self, asker: Asker, text: str, values: Sequence[Any]) -> float | None:
        """A statement has come.

        Returns:
            Seconds that it runs on before it does its work, while its client sees its connection break at once; `None`
            for a statement like any other.
        """

    def called(self, function: str, asker: Asker) -> None:
        """A statement calls a model.

        Raises:
            StatementError: For what the statement is to fail with.
        """

    def answered(self, rows: AnsweredRows) -> StatementError | None:
        """A model has answered rows; answers and errors may be changed. Gives what the statement is to fail with."""

    def retired(self, model: str, asker: Asker) -> str | None:
        """The status of a base model that is retired meanwhile; `None` for one that is as the catalog says."""

    def job_created(self, training: str, others: Sequence[str], job_id: str, asker: Asker) -> JobFate:
        """A fine-tune job was made: its training query and what else it was asked for with."""

    def delivery(self, query_id: str) -> Delivery:
        """How a statement's answer is sent to its client, this time."""


class OpenGate:
    """Lets everything pass."""

    def arrived(self, asker: Asker, text: str, values: Sequence[Any]) -> float | None:
        """Like any other."""

    def called(self, function: str, asker: Asker) -> None:
        """Nothing fails here."""

    def answered(self, rows: AnsweredRows) -> StatementError | None:
        """Nothing is changed here."""

    def retired(self, model: str, asker: Asker) -> str | None:
        """As the catalog says."""

    def job_created(self, training: str, others: Sequence[str], job_id: str, asker: Asker) -> JobFate:
        """It runs to its end."""
        del training, others, job_id, asker
        return JobFate()

    def delivery(self, query_id: str) -> Delivery:
        """Whole."""
        del query_id
        return Delivery.WHOLE
