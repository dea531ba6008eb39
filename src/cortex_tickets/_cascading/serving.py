"""A table through a cascade: the student for all, the teacher for the uncertain, and who answered what.

Three runs in one ledger, each with its lease, its budget and its work list: so whatever is stopped at any moment goes
on where it stood, and nothing is asked twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cortex_tickets._cascading.members import Member
from cortex_tickets._cascading.settling import CascadeSql, Settling
from cortex_tickets._cascading.time_left import seconds_for
from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.prices import packaged_prices
from cortex_tickets._cortex.statement import Statement
from cortex_tickets.errors import StatementTimeoutError
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import create_tables
from cortex_tickets.ledger.settings import RunSettings
from cortex_tickets.ledger.source_check import SourceCheck
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget
from cortex_tickets.records.certificate import Certificate
from cortex_tickets.records.table_name import TableName
from cortex_tickets.records.ticket_source import TicketSource
from cortex_tickets.table_run import RunState, TableRun

_NOTHING = 1e-12
"""AI credits that pay for no text: what a budget that is used up leaves. What is answered already can still be read."""


@dataclass(frozen=True, slots=True)
class TableWork:
    """One call of `classify_table`."""

    certificate: Certificate
    student: Member
    teacher: Member
    check: SourceCheck
    into: TableName
    budget: Budget | None
    chunk_rows: int
    progress: bool | RowListener


def classify_source(client: CortexClient, work: TableWork) -> TableRun:
    """Answer every ticket of the source, and return the record of all three runs together."""
    began, started_at = client.clock.monotonic(), client.clock.now()
    sql, source = CascadeSql(work.certificate, work.into), work.check.source
    runs = [_asked(client, work.student, source, work)]
    try:
        if runs[0].is_complete:
            uncertain = sql.uncertain(source)
            if client.value(Statement(f"SELECT COUNT(*) AS N FROM {uncertain.relation}")):
                left = replace(work, budget=left_of(work.budget, runs[0]))
                runs.append(_asked(client, work.teacher, uncertain, left))
        runs.append(_settled(client, Settling(sql, work.student, work.teacher), work))
    except StatementTimeoutError:
        if client.seconds_left != 0.0:
            raise  # not our limit but the account's
    return _together(client, runs, work, sql, began=began).model_copy(update={"started_at": started_at})


def left_of(budget: Budget | None, run: TableRun) -> Budget | None:
    """Return what a run leaves of the budget."""
    if budget is None or budget.ai_credits is None:
        return budget
    spent = run.ai_credits if run.ai_credits_counted is None else run.ai_credits_counted
    if spent is None:
        spent = budget.ai_credits  # nobody knows what was spent, and a hard stop must stay one
    return budget.model_copy(update={"ai_credits": max(budget.ai_credits - spent, _NOTHING)})


def _asked(client: CortexClient, member: Member, source: TicketSource, work: TableWork) -> TableRun:
    return member.classify_table(
        source,
        into=str(work.into),
        budget=work.budget,
        chunk_rows=work.chunk_rows,
        timeout=seconds_for(client),
        progress=work.progress,
    )


def _settled(client: CortexClient, settling: Settling, work: TableWork) -> TableRun:
    create_tables(client, work.into, {})
    return run_operation(
        client,
        source=settling.sql.settled(work.check.source),
        into=work.into,
        n_rows=work.check.n_rows,
        settings=RunSettings(operation=settling, budget=None, prices=packaged_prices(), timeout=seconds_for(client)),
    )


def _together(
    client: CortexClient, runs: Sequence[TableRun], work: TableWork, sql: CascadeSql, *, began: float
) -> TableRun:
    """Return one record of all runs, its outcomes counted in the ledger itself."""
    asking, last = [run for run in runs if run.classifier_hash != work.certificate.cascade_hash], runs[-1]
    by_outcome: dict[str, int] = {}
    by_model: dict[str, int] = {}
    n_left = n_tickets = 0
    for row in client.without_deadline().run(sql.counts(work.check.source)):
        n_tickets += int(row["N"])
        if row["OUTCOME"] is None:
            n_left += int(row["N"])
            continue
        by_outcome[str(row["OUTCOME"])] = by_outcome.get(str(row["OUTCOME"]), 0) + int(row["N"])
        if row["ANSWERED_BY"] is not None and row["OUTCOME"] not in ("blank", "error"):
            by_model[str(row["ANSWERED_BY"])] = by_model.get(str(row["ANSWERED_BY"]), 0) + int(row["N"])
    stopped = next((run for run in runs if not run.is_complete), None)
    reason = None if stopped is None else f"{stopped.model}: {stopped.reason}"
    if reason is None and n_left:
        reason = "the timeout is over"
    return last.model_copy(
        update={
            "source": str(work.check.source),
            "classifier_hash": work.certificate.cascade_hash,
            "model": f"{work.student.model}, {work.teacher.model}",
            "state": RunState.COMPLETE if reason is None else RunState.INCOMPLETE,
            "reason": reason,
            "n_rows": work.check.n_rows,
            "n_tickets": n_tickets,
            "n_left": n_left,
            "n_by_outcome": by_outcome,
            "n_by_model": by_model,
            "n_texts_asked": sum(run.n_texts_asked for run in asking),
            "n_texts_left": sum(run.n_texts_left for run in asking),
            "input_tokens": _sum([run.input_tokens for run in asking]),
            "output_tokens": _sum([run.output_tokens for run in asking]),
            "ai_credits": _total([run.ai_credits for run in asking]),
            "ai_credits_counted": _total([run.ai_credits_counted for run in asking]),
            "ai_credits_left": None if reason is not None else 0.0,
            "seconds": client.clock.monotonic() - began,
            "statement_seconds": _total([run.statement_seconds for run in runs]),
            "further_query_tags": tuple(run.query_tag for run in runs[:-1] if run.query_tag is not None),
        }
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _total(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
