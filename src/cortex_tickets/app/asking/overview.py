"""What the overview shows: tickets by label and outcome, over time, and what runs have cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import Any

from cortex_tickets import RunProgress
from cortex_tickets.app.asking.gold import measures
from cortex_tickets.app.asking.ticket_query import NOT_ASKED, ticket_query
from cortex_tickets.app.desk import Desk, beside, quoted

NO_LABEL = "(no label)"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tickets there are, and how far they are."""

    n_tickets: int
    n_texts: int
    n_answered: int
    n_labelled: int
    n_corrected: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Tickets that have a label and an outcome."""

    label: str
    outcome: str
    n_tickets: int


@dataclass(frozen=True, slots=True)
class Day:
    """Tickets of one label that were opened on one day."""

    day: date
    label: str
    n_tickets: int


@dataclass(frozen=True, slots=True)
class Days:
    """Tickets by the day they were opened, and how many cannot be drawn so."""

    drawn: list[Day]
    n_undated: int = 0
    """Tickets without a date, or with one that nobody can read."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, as its ledger's runs table has it."""

    ledger: str
    operation: str
    model: str
    state: str
    started_at: datetime
    n_texts: int | None
    """Texts that were asked, those of a run under way so far; `None` if nothing tells yet."""
    tokens: int | None
    """Tokens read and written, the same; `None` if the server told none."""
    ai_credits: float | None
    """AI credits, of a run of this server that is under way so far; `None` if that is not known."""
    is_under_way: bool = False
    """Whether it goes on, as far as its ledger tells: one that died does so until its lease is over."""


def counts(desk: Desk, classifier_hash: str) -> Counts:
    """Return how many tickets there are, and how far they are. One statement, not billed."""
    query, values = ticket_query(desk, classifier_hash)
    row = desk.rows(
        "SELECT COUNT(*) AS N, COUNT(DISTINCT TEXT_HASH) AS TEXTS, "
        f"COUNT_IF(OUTCOME <> '{NOT_ASKED}') AS ANSWERED, COUNT_IF(LABEL IS NOT NULL) AS LABELLED, "
        f"COUNT_IF(CORRECTION IS NOT NULL) AS CORRECTED FROM ({query})",
        *values,
    )[0]
    return Counts(*(int(row[name] or 0) for name in ("N", "TEXTS", "ANSWERED", "LABELLED", "CORRECTED")))


def by_label(desk: Desk, classifier_hash: str) -> list[Cell]:
    """Return tickets by label and outcome, those without a label last. One statement, not billed."""
    query, values = ticket_query(desk, classifier_hash)
    rows = desk.rows(f"SELECT LABEL, OUTCOME, COUNT(*) AS N FROM ({query}) GROUP BY LABEL, OUTCOME", *values)
    cells = [Cell(row["LABEL"] or NO_LABEL, str(row["OUTCOME"]), int(row["N"])) for row in rows]
    order = {name: place for place, name in enumerate(desk.settings.labels.names)}
    return sorted(cells, key=lambda cell: (order.get(cell.label, len(order)), cell.label, cell.outcome))


def by_gold(desk: Desk) -> list[Cell]:
    """Return tickets by the label that a person gave blind; empty without gold that measures. Not billed."""
    if not desk.has(desk.settings.gold) or not measures(desk):
        return []
    rows = desk.rows(
        f"SELECT LABEL, COUNT(*) AS N FROM {quoted(desk.settings.gold)} WHERE SOURCE = 'random_sample' GROUP BY LABEL"
    )
    found = {str(row["LABEL"]): int(row["N"]) for row in rows}
    return [Cell(name, "people", found.get(name, 0)) for name in desk.settings.labels.names] if found else []


def by_day(desk: Desk, classifier_hash: str) -> Days:
    """Return tickets by the day they were opened and label; empty where tickets have no date. Not billed."""
    if desk.tickets.created_at is None:
        return Days([])
    query, values = ticket_query(desk, classifier_hash)
    rows = desk.rows(
        f"SELECT {_day_of(desk)} AS DAY, LABEL, COUNT(*) AS N FROM ({query}) GROUP BY DAY, LABEL ORDER BY DAY, LABEL",
        *values,
    )
    return Days(
        [Day(row["DAY"], row["LABEL"] or NO_LABEL, int(row["N"])) for row in rows if row["DAY"] is not None],
        sum(int(row["N"]) for row in rows if row["DAY"] is None),
    )


def _day_of(desk: Desk) -> str:
    """Return the day that a ticket was opened, as it stands in a statement: NULL where no calendar of Python has it.

    One text that is no date would end the statement, so texts are tried. TRY_TO_DATE takes texts alone, and a timestamp
    made into one has the form that the session gives it, which need not be one that is read.
    """
    day = "TO_DATE(CREATED_AT)" if desk.has_dates else "TRY_TO_DATE(CREATED_AT::VARCHAR)"
    return f"IFF(YEAR({day}) BETWEEN {MINYEAR} AND {MAXYEAR}, {day}, NULL)"


def runs(desk: Desk, here: Mapping[str, RunProgress] | None = None, *, limit: int = 20) -> list[RunRow]:
    """Return the newest runs of the app's ledgers, the newest first. One statement for each ledger, not billed.

    Args:
        desk: Where the ledgers are.
        here: How far the runs of this server are, by their ids. A ledger tells what a run has cost when it has ended;
            until then its rows tell tokens alone.
        limit: How many.
    """
    found: list[RunRow] = []
    for ledger in (desk.settings.ledger, desk.settings.replies):
        if desk.has(beside(ledger, "_RUNS")):
            found += [_run(ledger, row, here or {}) for row in desk.rows(_runs_query(ledger, limit))]
    return sorted(found, key=lambda run: run.started_at, reverse=True)[:limit]


def _runs_query(ledger: str, limit: int) -> str:
    table, all_runs, leases = quoted(ledger), beside(ledger, "_RUNS"), beside(ledger, "_LEASES")
    return f"""
        SELECT R.RUN_ID, R.OPERATION, R.MODEL, R.STATE, R.STARTED_AT, R.AI_CREDITS,
               COALESCE(R.N_TEXTS_ASKED, S.TEXTS) AS TEXTS,
               COALESCE(R.INPUT_TOKENS + R.OUTPUT_TOKENS, S.TOKENS) AS TOKENS,
               R.STATE = 'RUNNING' AND R.RUN_ID IN (
                   SELECT HOLDER FROM {leases} WHERE HOLDER IS NOT NULL AND EXPIRES_AT > CURRENT_TIMESTAMP()
               ) AS IS_UNDER_WAY
        FROM {all_runs} R
        LEFT JOIN (
            SELECT RUN_ID, NULLIF(COUNT(INPUT_TOKENS), 0) AS TEXTS, SUM(INPUT_TOKENS + OUTPUT_TOKENS) AS TOKENS
            FROM {table} WHERE RUN_ID IN (SELECT RUN_ID FROM {all_runs} WHERE N_TEXTS_ASKED IS NULL) GROUP BY RUN_ID
        ) S ON S.RUN_ID = R.RUN_ID
        ORDER BY R.STARTED_AT DESC LIMIT {limit:d}
    """


def _run(ledger: str, row: Mapping[str, Any], here: Mapping[str, RunProgress]) -> RunRow:
    is_under_way = bool(row["IS_UNDER_WAY"])
    progress = here.get(str(row["RUN_ID"])) if is_under_way else None
    if progress is not None:
        tokens = progress.input_tokens + progress.output_tokens
        row = {**row, "TEXTS": progress.n_done, "TOKENS": tokens, "AI_CREDITS": progress.ai_credits}
    return RunRow(
        ledger=ledger,
        operation=str(row["OPERATION"]),
        model=str(row["MODEL"]),
        state=str(row["STATE"]),
        started_at=row["STARTED_AT"],
        n_texts=None if row["TEXTS"] is None else int(row["TEXTS"]),
        tokens=None if row["TOKENS"] is None else int(row["TOKENS"]),
        ai_credits=None if row["AI_CREDITS"] is None else float(row["AI_CREDITS"]),
        is_under_way=is_under_way,
    )
