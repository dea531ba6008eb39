"""The gate of a fault profile: strikes statements, rows, jobs and answers as the profile says, and writes it down."""

from __future__ import annotations

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cortex_tickets.local.faults.faults import Faults, fault_names
from cortex_tickets.local.faults.gate import AnsweredRows, Delivery, JobFate
from cortex_tickets.local.faults.occasions import Occasions, calls_cortex, key_of, row_key
from cortex_tickets.local.faults.retired_model import Ending, RetiredModel
from cortex_tickets.local.faults.struck_answers import FAILING_ROW, can_be_struck, is_json, strike
from cortex_tickets.local.functions.refused_call import refused
from cortex_tickets.local.functions.signature import Asker
from cortex_tickets.local.sql.errors import StatementError

_MOST_KEPT = 10_000
_N_UNKNOWN = 3
_SERVER_ERRORS = ((500, "internal error"), (502, "bad gateway"), (503, "overloaded"), (504, "gateway timeout"))
# Whoever looks at what happened must see it, and a session must be able to end.
_LEFT_ALONE = re.compile(r"""\bSNOWFLAKE"?\s*\.\s*"?ENGINE\b|\bSYSTEM\$CANCEL_""", re.IGNORECASE)
_OF_STATEMENTS = ("too_many_requests", "throttled", "server_errors", "timeouts")
_OF_ROWS = ("failing_rows", "null_rows", "truncated_json", "off_label")
_OF_ANSWERS = {
    "dropped_connections": Delivery.DROPPED,
    "lost_answers": Delivery.CUT_OFF,
    "withheld_answers": Delivery.WITHHELD,
}


class Log(Protocol):
    """Where faults are written down."""

    def add(
        self,
        fault: str,
        asker: Asker,
        *,
        function: str | None = None,
        model: str | None = None,
        job_id: str | None = None,
        text: str | None = None,
    ) -> None:
        """Write down one fault."""


@dataclass(slots=True)
class _Arrived:
    """A statement that has come, and what was decided of it."""

    asker: Asker
    text: str
    key: bytes
    ordinal: int
    is_cortex: bool
    failure: tuple[int, str] | None = None
    is_decided: bool = False
    has_lost_create: bool = False
    n_sent: int = 0


@dataclass(slots=True)
class _Retirement:
    """A model on its way out, and the statements that asked it."""

    model: RetiredModel
    statements: OrderedDict[str, bool]
    n_statements: int = 0
    is_over: bool = False


class FaultGate:
    """Strikes as a profile says; safe to share between threads.

    Args:
        faults: The profile.
        log: Where each fault is written down.
        when_retired: Called once for each model that is retired, with its name and new status.
    """

    def __init__(self, faults: Faults, log: Log, when_retired: Callable[[str, Ending], None]) -> None:
        self._occasions = {name: Occasions(name, faults.of(name), faults.seed) for name in fault_names()}
        self._orphan_seconds = faults.orphan_seconds
        self._log = log
        self._when_retired = when_retired
        self._lock = threading.RLock()
        self._ordinals: Counter[bytes] = Counter()
        self._arrived: OrderedDict[str, _Arrived] = OrderedDict()
        self._retirements = {item.model.lower(): _Retirement(item, OrderedDict()) for item in faults.retirements}
        for retirement in self._retirements.values():
            if retirement.model.from_statement == 1:
                self._retire(retirement, Asker())

    def arrived(self, asker: Asker, text: str, values: Sequence[Any]) -> float | None:
        """A statement has come: give it its ordinal, and decide whether it is orphaned."""
        if _LEFT_ALONE.search(text):
            return None
        key = key_of(text, *values)
        with self._lock:
            found = _Arrived(asker, text, key, self._ordinals[key], calls_cortex(text))
            self._ordinals[key] += 1
            self._arrived[asker.query_id] = found
            while len(self._arrived) > _MOST_KEPT:
                self._arrived.popitem(last=False)
        if not self._happens("orphaned_statements", found, found.ordinal):
            return None
        return self._orphan_seconds

    def called(self, function: str, asker: Asker) -> None:
        """A statement calls a model: decide once what becomes of the whole statement.

        Raises:
            StatementError: For a statement that is struck.
        """
        statement = self._arrived.get(asker.query_id)
        if statement is None:
            return
        with self._lock:
            if not statement.is_decided:
                statement.is_decided = True
                statement.failure = self._failure(statement, function)
        if statement.failure is not None:
            raise refused(function, *statement.failure)

    def answered(self, rows: AnsweredRows) -> StatementError | None:
        """A model has answered rows: strike them one by one."""
        kinds = [
            self._occasions[name] for name in _OF_ROWS if self._occasions[name].can_happen and can_be_struck(name, rows)
        ]
        if not kinds or not rows.asker.query_id:
            return None
        is_failing = False
        for row, (text, answer) in enumerate(zip(rows.texts, rows.answers, strict=True)):
            if text is None or answer is None or rows.errors[row] is not None:
                continue
            happened = _happens_to_row(kinds, rows, text, answer)
            if happened is not None:
                strike(happened, rows, row, answer)
                is_failing |= happened == "failing_rows"
                self._log.add(happened, rows.asker, function=rows.function, model=rows.model, text=text)
        return refused(rows.function, 400, FAILING_ROW) if is_failing else None

    def retired(self, model: str, asker: Asker) -> Ending | None:
        """The status of a model that is retired; the same answer for all blocks of one statement."""
        retirement = self._retirements.get(model.lower())
        if retirement is None:
            return None
        with self._lock:
            is_retired = self._is_retired(retirement, asker)
        if not is_retired:
            return None
        return retirement.model.status

    def job_created(self, training: str, others: Sequence[str], job_id: str, asker: Asker) -> JobFate:
        """A fine-tune job was made: decide what becomes of it, and of the answer that names it."""
        key = key_of("job", training, *others)
        with self._lock:
            ordinal = self._ordinals[key]
            self._ordinals[key] += 1
        struck = {
            name
            for name in ("failed_jobs", "hung_jobs", "unknown_statuses", "lost_creates")
            if self._occasions[name].happens(key, ordinal, training)
        }
        if "failed_jobs" in struck:
            struck.discard("hung_jobs")
        for name in sorted(struck):
            self._log.add(name, asker, function="SNOWFLAKE.CORTEX.FINETUNE", job_id=job_id)
        statement = self._arrived.get(asker.query_id)
        if statement is not None and "lost_creates" in struck:
            statement.has_lost_create = True
        n_unknown = _N_UNKNOWN if "unknown_statuses" in struck else 0
        return JobFate(fails="failed_jobs" in struck, hangs="hung_jobs" in struck, n_unknown=n_unknown)

    def delivery(self, query_id: str) -> Delivery:
        """How a statement's answer is sent, this time."""
        statement = self._arrived.get(query_id)
        if statement is None:
            return Delivery.WHOLE
        with self._lock:
            if statement.has_lost_create:  # decided, and written down, when its job was made
                statement.has_lost_create = False
                return Delivery.CUT_OFF
            n_sent, statement.n_sent = statement.n_sent, statement.n_sent + 1
        # Each sending of each coming of a statement is an occasion of its own.
        ordinal = statement.ordinal * 1_000 + n_sent
        return next(
            (how for name, how in _OF_ANSWERS.items() if self._happens(name, statement, ordinal)), Delivery.WHOLE
        )

    def _happens(self, name: str, statement: _Arrived, ordinal: int, function: str | None = None) -> bool:
        happens = self._occasions[name].happens(statement.key, ordinal, statement.text, is_cortex=statement.is_cortex)
        if happens:
            self._log.add(name, statement.asker, function=function)
        return happens

    def _failure(self, statement: _Arrived, function: str) -> tuple[int, str] | None:
        """What the model's service says to the whole statement, and under which number; `None` is: it answers."""
        ordinal = statement.ordinal
        name = next((name for name in _OF_STATEMENTS if self._happens(name, statement, ordinal, function)), None)
        match name:
            case "too_many_requests":
                return 429, "too many requests"
            case "throttled":
                return 400, "all requests were throttled by remote service"
            case "server_errors":
                return _SERVER_ERRORS[self._occasions[name].choice(statement.key, ordinal, len(_SERVER_ERRORS))]
            case "timeouts":
                return 503, "embed timed out" if "EMBED" in function else "inference timed out"
            case _:
                return None

    def _is_retired(self, retirement: _Retirement, asker: Asker) -> bool:
        """Called with the lock held."""
        if not asker.query_id:
            return retirement.is_over
        if asker.query_id not in retirement.statements:
            retirement.n_statements += 1
            if not retirement.is_over and retirement.n_statements >= retirement.model.from_statement:
                self._retire(retirement, asker)
            retirement.statements[asker.query_id] = retirement.is_over
            while len(retirement.statements) > _MOST_KEPT:
                retirement.statements.popitem(last=False)
        return retirement.statements[asker.query_id]

    def _retire(self, retirement: _Retirement, asker: Asker) -> None:
        retirement.is_over = True
        self._log.add("retired", asker, model=retirement.model.model)
        self._when_retired(retirement.model.model, retirement.model.status)


def _happens_to_row(kinds: Sequence[Occasions], rows: AnsweredRows, text: str, answer: str) -> str | None:
    """The first kind that strikes a row."""
    key = row_key(rows.function, rows.model, text)
    for kind in kinds:
        if kind.kind == "truncated_json" and not is_json(answer):
            continue
        if kind.happens_to_row(key, text):
            return kind.kind
    return None
