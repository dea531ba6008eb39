"""Writes a table of replies: asks, checks, asks once more about those that failed, and checks again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cortex_tickets._cortex.client import CortexClient
from cortex_tickets._cortex.reply_ledger import ReplyLedger
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._replies.making import ReplyMaker
from cortex_tickets._replies.settling import settle
from cortex_tickets._replies.work import first_tries, second_tries
from cortex_tickets.errors import LedgerInUseError, StatementTimeoutError
from cortex_tickets.ledger.run import run_operation
from cortex_tickets.ledger.schema import RUNS_SUFFIX
from cortex_tickets.ledger.settings import RunSettings
from cortex_tickets.ledger.source_check import SourceCheck
from cortex_tickets.progress import RowListener
from cortex_tickets.records.budget import Budget
from cortex_tickets.table_run import RunState, TableRun


class ReplyWriter:
    """One run over a table: two operations on the ledger, with the checks after each.

    Args:
        client: How statements are sent, within the run's time.
        maker: What is asked, of a model that the account has, and the checks.
        ledger: The generator's rows.
        check: The tickets.
        settings: How the run goes about its work.
        listener_again: Who is told of the second tries.
    """

    def __init__(
        self,
        client: CortexClient,
        maker: ReplyMaker,
        ledger: ReplyLedger,
        check: SourceCheck,
        *,
        settings: RunSettings,
        listener_again: RowListener | None,
    ) -> None:
        self._client = client
        self._maker = maker
        self._ledger = ledger
        self._check = check
        self._settings = replace(settings, operation=maker.operation)
        self._listener_again = listener_again

    def write(self) -> TableRun:
        """Write what is missing, and return the record of all of it."""
        first = run_operation(
            self._client,
            source=first_tries(self._ledger, self._check.source),
            into=self._ledger.into,
            n_rows=self._check.n_rows,
            settings=self._settings,
        )
        # The same tag, so that the usage views show one run.
        client = self._client.tagged(first.query_tag or self._client.tag)
        started = client.clock.monotonic()
        again, reason = None, first.reason
        try:
            settle(client, self._maker, self._ledger)
            # What stopped the first tries would stop these, too.
            if first.is_complete:
                again, reason = self._ask_again(client, first)
        except StatementTimeoutError:
            if client.seconds_left != 0.0:
                raise  # not our limit but the account's
            reason = reason or f"the timeout of {self._settings.timeout:g} s is over"
        record = self._record(client.without_deadline(), first, again, reason)
        seconds = client.clock.monotonic() - started
        return record.model_copy(
            update={
                "seconds": first.seconds + seconds,
                "statement_seconds": _sum(record.statement_seconds, client.meter.seconds),
            }
        )

    def _ask_again(self, client: CortexClient, first: TableRun) -> tuple[TableRun | None, str | None]:
        """Ask once more about the replies that failed, and return the record of that, and why it stopped."""
        n_due, n_left_running = self._due(client)
        if not n_due and not n_left_running:
            return None, None
        budget, reason = self._budget_left(first, n_due)
        if reason:
            return None, reason
        try:
            again = run_operation(
                client,
                source=second_tries(self._ledger, self._maker.prompt, first.source),
                into=self._ledger.into,
                n_rows=n_due,
                settings=replace(
                    self._settings,
                    # The hash covers all the candidates; the one that answered is asked first.
                    operation=self._maker.operation.second_try().asking(first.model),
                    budget=budget,
                    listener=self._listener_again,
                    query_tag=client.tag,
                ),
            )
        except LedgerInUseError as error:
            return None, str(error) if n_due else None
        settle(client, self._maker, self._ledger)
        return again, again.reason

    def _budget_left(self, first: TableRun, n_due: int) -> tuple[Budget | None, str | None]:
        budget = self._settings.budget
        if budget is None or budget.ai_credits is None:
            return budget, None
        left = budget.ai_credits - (first.ai_credits_counted or 0.0)
        if left > 0:
            return budget.model_copy(update={"ai_credits": left}), None
        return (
            None,
            f"the budget of {budget.ai_credits:g} AI credits is spent, and {n_due} replies are to be asked again",
        )

    def _due(self, client: CortexClient) -> tuple[int, int]:
        """Return how many second tries are due, and how many runs of them have not ended.

        One that died after its last answer leaves nothing to ask; only the next such run notes that it is over.
        """
        (row,) = client.run(
            f"SELECT (SELECT COUNT(*) FROM {self._ledger.second_tries(self._maker.prompt)}) AS N_DUE, "
            f"(SELECT COUNT(*) FROM {self._ledger.into.sibling(RUNS_SUFFIX).sql} "
            "WHERE CLASSIFIER_HASH = ? AND STATE = 'RUNNING') AS N_RUNNING",
            self._maker.operation.second_try().hash,
        )
        return int(row["N_DUE"]), int(row["N_RUNNING"])

    def _n_due(self, client: CortexClient) -> int:
        return int(client.value(Statement(f"SELECT COUNT(*) FROM {self._ledger.second_tries(self._maker.prompt)}")))

    def _record(self, client: CortexClient, first: TableRun, again: TableRun | None, reason: str | None) -> TableRun:
        """Return both operations as one run, counted from the ledger itself."""
        by_status = {str(row["STATUS"]): int(row["N"]) for row in client.run(self._ledger.count_by_status())}
        n_open = by_status.get("unchecked", 0) + self._n_due(client)
        if n_open and reason is None:
            reason = "replies were written while the others were checked"
        changes: dict[str, Any] = {
            "state": RunState.COMPLETE if reason is None else RunState.INCOMPLETE,
            "reason": reason,
            "n_left": first.n_left + n_open,
            "n_by_status": by_status,
            "n_by_outcome": self._outcomes(client, first.n_by_outcome),
        }
        return first.model_copy(update={**changes, **({} if again is None else _added(first, again))})

    def _outcomes(self, client: CortexClient, by_outcome: Mapping[str, int]) -> Mapping[str, int]:
        """Return the outcomes with the errors counted as `repaired` in which a letter was found afterwards."""
        if not by_outcome.get("error"):
            return by_outcome
        n_errors = int(client.value(Statement(self._ledger.count_errors())) or 0)
        n_mended = by_outcome["error"] - n_errors
        now = Counter({**by_outcome, "error": n_errors, "repaired": by_outcome.get("repaired", 0) + n_mended})
        return {outcome: count for outcome, count in now.most_common() if count}


def _added(first: TableRun, again: TableRun) -> Mapping[str, Any]:
    summed = (
        *("n_texts_asked", "n_texts_left", "input_tokens", "output_tokens", "ai_credits", "ai_credits_counted"),
        *("ai_credits_left", "statement_seconds"),
    )
    return {name: _sum(getattr(first, name), getattr(again, name)) for name in summed}


def _sum(first: float | None, second: float | None) -> float | None:
    """Return the sum; unknown where either is."""
    return None if first is None or second is None else first + second
