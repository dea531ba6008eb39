"""A table of records after its run: answers are checked here, and those that do not fit are asked for once more.

The answers come to the client in pages, to be checked by the caller's own model; texts do not. What was found goes back
as bound values. A row is asked for again by the ledger itself, as a row with an error is; so a client that dies between
any two statements loses nothing, and the next run goes on from there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from cortex_tickets._cortex.extracting import FIRST_PROBLEMS, Extracting
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets._insights.extraction_asking import ASKED_AGAIN
from cortex_tickets._insights.validation import validated
from cortex_tickets._insights.worker import InsightWorker, TableWork
from cortex_tickets.errors import LedgerInUseError, StatementTimeoutError
from cortex_tickets.ledger.operation import WorkSource
from cortex_tickets.records.budget import Budget
from cortex_tickets.table_run import RunState, TableRun

PAGE_ROWS = 2_000
"""Answers that come to the client at once."""


@dataclass(frozen=True, slots=True)
class UnfitAnswers:
    """The answers of one question in one ledger, and what fits them.

    Args:
        worker: How the ledger's runs are made.
        work: The table, and how it is worked on.
        record: What an answer has to be.
    """

    worker: InsightWorker
    work: TableWork
    record: type[BaseModel]

    def settled(self, run: TableRun) -> TableRun:
        """Check what the run wrote, ask once more for what does not fit, and return the record of all of it."""
        try:
            self._check()
            n_unfit = self._n_unfit()
            if not n_unfit:
                return self._counted(run)
            stopped = self._reason_to_stop(run, n_unfit)
            if stopped:
                return self._incomplete(run, stopped)
            again = self._asked_again(run)
            self._check()
        except LedgerInUseError as error:
            return self._incomplete(run, f"answers that do not fit were not asked for again: {error}")
        except StatementTimeoutError as error:
            if self.work.client.seconds_left != 0.0:
                raise  # not our limit but the account's
            return self._incomplete(
                run, run.reason or f"the timeout of {self.work.settings.timeout:g} s is over: {error.reason}"
            )
        return self._together(run, again)

    @property
    def _question(self) -> Extracting:
        question = self.work.settings.operation
        assert isinstance(question, Extracting)  # noqa: S101  what this is made for
        return question

    @property
    def _mine(self) -> str:
        return f"CLASSIFIER_HASH = {literal(self._question.hash)}"

    def _check(self) -> None:
        """Check every answer that nobody has checked, page by page."""
        client, into = self.work.client, self.work.into
        page = (
            f"SELECT TEXT_HASH, MIN(VALUE) AS VALUE, MIN({FIRST_PROBLEMS}) IS NOT NULL AS IS_AGAIN FROM {into.sql} "
            f"WHERE {self._mine} AND IS_CHECKED IS NULL AND OUTCOME IN ('valid', 'repaired', 'off_label') "
            f"GROUP BY TEXT_HASH ORDER BY TEXT_HASH LIMIT {PAGE_ROWS}"
        )
        while rows := client.run(page):
            verdicts = [self._verdict(row["TEXT_HASH"], row["VALUE"], is_again=bool(row["IS_AGAIN"])) for row in rows]
            told = client.rows(Statement(self._write_verdicts(), (json.dumps(verdicts, ensure_ascii=False),)))
            if not any(int(count) for row in told for count in row.values()):
                return  # another run has settled them meanwhile

    def _verdict(self, hash_: str, value: str | None, *, is_again: bool) -> list[str | None]:
        """What becomes of an answer: its hash, outcome and repair (`None` to leave them), problems, error."""
        found, problems = validated(self.record, value)
        told = "\n".join(problems) or None
        if found is not None:
            return [hash_, *(("repaired", ASKED_AGAIN) if is_again else (None, None)), None, None]
        if is_again:
            return [hash_, "off_label", None, told, None]
        return [hash_, "error", None, told, f"the answer does not fit {self.record.__name__}: see PROBLEMS"]

    def _write_verdicts(self) -> str:
        values = "H", "OUTCOME", "REPAIR", "PROBLEMS", "ERROR"
        listed = ", ".join(f"F.VALUE[{place}]::VARCHAR AS {name}" for place, name in enumerate(values))
        unfit = "S.PROBLEMS IS NOT NULL"
        return (
            f"MERGE INTO {self.work.into.sql} T USING (SELECT {listed} "
            "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F) S "
            f"ON T.TEXT_HASH = S.H AND T.{self._mine} AND T.IS_CHECKED IS NULL "
            "AND T.OUTCOME IN ('valid', 'repaired', 'off_label') WHEN MATCHED THEN UPDATE SET "
            # False: checked, does not fit, and to be asked for again, for which the ledger wants an error.
            "T.IS_CHECKED = COALESCE(S.OUTCOME <> 'error', TRUE), T.PROBLEMS = S.PROBLEMS, T.ERROR = S.ERROR, "
            f"T.REPAIR = IFF({unfit}, NULL, COALESCE(S.REPAIR, T.REPAIR)), "
            f"T.VALUE = IFF({unfit}, NULL, T.VALUE), T.OUTCOME = COALESCE(S.OUTCOME, T.OUTCOME)"
        )

    def _unfit_rows(self) -> str:
        return (
            f"SELECT TICKET_ID, TEXT_HASH, PROBLEMS FROM {self.work.into.sql} WHERE {self._mine} "
            "AND OUTCOME = 'error' AND IS_CHECKED = FALSE"
        )

    def _n_unfit(self) -> int:
        rows = self.work.client.run(f"SELECT COUNT(*) AS N FROM {self._unfit_source().relation}")
        return int(rows[0]["N"])

    def _unfit_source(self) -> WorkSource:
        """The source's rows whose answers do not fit, with what was found: from the ledger, so never in a statement."""
        rows = self.work.rows
        texts = f"SELECT {rows.id}::VARCHAR AS TICKET_ID, {rows.text} AS INPUT FROM {rows.relation}"
        relation = (
            f"(SELECT K.TICKET_ID, K.INPUT, L.PROBLEMS AS {FIRST_PROBLEMS} FROM ({texts}) K "
            f"JOIN ({self._unfit_rows()}) L ON L.TICKET_ID = K.TICKET_ID AND L.TEXT_HASH = {text_hash('K.INPUT')})"
        )
        return WorkSource(relation, "TICKET_ID", "INPUT", rows.name, {FIRST_PROBLEMS: FIRST_PROBLEMS})

    def _asked_again(self, run: TableRun) -> TableRun:
        settings = self.work.settings
        budget = settings.budget
        if budget is not None:
            budget = budget.model_copy(update={"ai_credits": self._credits_left(run, budget)})
        question = self._question.asked_again()
        work = replace(self.work, settings=replace(settings, operation=question, budget=budget))
        return self.worker.run(work, self._unfit_source())

    def _credits_left(self, run: TableRun, budget: Budget) -> float:
        price = self.work.settings.prices.ceiling(run.model)
        spent = price.credits(run.input_tokens or 0, run.output_tokens or 0)
        return (budget.ai_credits or 0.0) - max(spent, run.ai_credits_counted or run.ai_credits or 0.0)

    def _reason_to_stop(self, run: TableRun, n_unfit: int) -> str | None:
        """Why nothing is asked for again: the run was stopped itself, or nothing of its budget is left."""
        if not run.is_complete:
            return run.reason
        budget = self.work.settings.budget
        if budget is None or self._credits_left(run, budget) > 0:
            return None
        return f"the budget of {budget.ai_credits:g} AI credits is used up, and {n_unfit} answers do not fit"

    def _incomplete(self, run: TableRun, reason: str | None) -> TableRun:
        return self._counted(run).model_copy(update={"state": RunState.INCOMPLETE, "reason": reason})

    def _together(self, run: TableRun, again: TableRun) -> TableRun:
        """Return the record of both tries."""
        tags = (*run.further_query_tags, *([again.query_tag] if again.query_tag else []))
        return self._counted(run).model_copy(
            update={
                "state": again.state,
                "reason": again.reason,
                "model": again.model,
                "n_left": again.n_left,
                "n_texts_asked": run.n_texts_asked + again.n_texts_asked,
                "n_texts_left": again.n_texts_left,
                "input_tokens": _sum(run.input_tokens, again.input_tokens),
                "output_tokens": _sum(run.output_tokens, again.output_tokens),
                "ai_credits": _sum(run.ai_credits, again.ai_credits),
                "ai_credits_counted": _sum(run.ai_credits_counted, again.ai_credits_counted),
                "ai_credits_left": again.ai_credits_left,
                "seconds": run.seconds + again.seconds,
                "statement_seconds": _sum(run.statement_seconds, again.statement_seconds),
                "further_query_tags": tags,
            }
        )

    def _counted(self, run: TableRun) -> TableRun:
        """Count the source's rows in the ledger anew: checking may have changed what became of them."""
        rows = self.work.rows
        counted = self.work.client.without_deadline().run(
            f"SELECT L.OUTCOME, COUNT(*) AS N FROM {self.work.into.sql} L JOIN ("
            f"SELECT DISTINCT {rows.id}::VARCHAR AS TICKET_ID, {text_hash(rows.text)} AS TEXT_HASH "
            f"FROM {rows.relation}) S ON S.TICKET_ID = L.TICKET_ID AND S.TEXT_HASH = L.TEXT_HASH "
            f"WHERE L.{self._mine} GROUP BY L.OUTCOME ORDER BY N DESC, L.OUTCOME"
        )
        by_outcome: Mapping[str, int] = {str(row["OUTCOME"]): int(row["N"]) for row in counted}
        return run.model_copy(update={"n_by_outcome": by_outcome})


def _sum(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first + second
