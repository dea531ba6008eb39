"""Asks for records out of a list of texts: checked here, and asked for once more where an answer does not fit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Generic, TypeVar

from pydantic import BaseModel

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.extracting import FIRST_PROBLEMS, Extracting
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_blocks import blocks
from cortex_tickets._insights.validation import validated
from cortex_tickets._insights.worker import InsightWorker, told
from cortex_tickets.errors import CortexError
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.records.extraction import Extraction
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.ticket import Ticket

Found = TypeVar("Found", bound=BaseModel)

ASKED_AGAIN = "asked_again"
"""What was done to an answer that fits only the second time."""
_WITH_PROBLEMS = (
    f"(SELECT F.INDEX AS POSITION, F.VALUE[0]::VARCHAR AS INPUT, F.VALUE[1]::VARCHAR AS {FIRST_PROBLEMS} "
    "FROM TABLE(FLATTEN(INPUT => PARSE_JSON(?))) F)"
)


@dataclass(frozen=True, slots=True)
class _Try(Generic[Found]):
    """What came of one text so far."""

    row: Row
    value: Found | None
    problems: tuple[str, ...]
    n_tries: int = 1

    @property
    def is_unfit(self) -> bool:
        """Whether there is an answer, and it does not fit."""
        return self.row["OUTCOME"] not in (Outcome.ERROR, Outcome.BLANK) and self.value is None


def ask_for_records(
    worker: InsightWorker,
    question: Extracting,
    record: type[Found],
    tickets: Sequence[str | Ticket],
    *,
    timeout: float | None,
) -> list[Extraction[Found]]:
    """Return the record of each text, in order. Texts whose answer does not fit are asked about once more.

    Raises:
        InvalidInputError: If an element is neither text nor ticket, a text is too long, or the account has none of the
            models.
        CortexError: If Snowflake fails for another reason than one text. Where that happens to the second try only,
            its rows have the error, and what was answered before is returned.
    """
    client = worker.client(question, timeout)
    rows = worker.ask(question, tickets, one="extract", client=client)
    tries: dict[str, _Try[Found]] = {}
    for ticket, row in zip(tickets, rows, strict=True):
        if row is not None and _text(ticket) not in tries:
            tries[_text(ticket)] = _first_try(record, row)
    unfit = [text for text, tried in tries.items() if tried.is_unfit]
    for block in blocks(unfit):
        tries.update(_second_tries(worker, client, question, record, {text: tries[text] for text in block}))
    seen: set[str] = set()
    extractions = []
    for ticket, row in zip(tickets, rows, strict=True):
        tried = None if row is None else tries[_text(ticket)]
        extractions.append(_extraction(ticket, tried, question, is_first=_text(ticket) not in seen))
        seen.add(_text(ticket))
    return extractions


def stored_extraction(record: type[Found], question: Extracting, row: Row) -> Extraction[Found]:
    """Return the record that stands in the ledger, checked anew.

    A row that was written and not checked yet, because its run died, is told as what the check would make of it.
    """
    value, problems = validated(record, row["VALUE"]) if row["OUTCOME"] in _WITH_VALUE else (None, ())
    was_asked_again = row[FIRST_PROBLEMS] is not None
    tried = _Try(row, value, problems or _lines(row["PROBLEMS"] or row[FIRST_PROBLEMS]), 1 + was_asked_again)
    made = _extraction(row["TICKET_ID"] or "", tried, question, is_first=True)
    n_tries = 0 if row["OUTCOME"] == Outcome.BLANK else made.n_tries
    return made.model_copy(update={"ticket_id": row["TICKET_ID"], "n_tries": n_tries})


_WITH_VALUE = (Outcome.VALID, Outcome.REPAIRED)


def _text(ticket: str | Ticket) -> str:
    return clean(ticket.text if isinstance(ticket, Ticket) else ticket)


def _lines(problems: str | None) -> tuple[str, ...]:
    return tuple(problems.split("\n")) if problems else ()


def _first_try(record: type[Found], row: Row) -> _Try[Found]:
    if row["OUTCOME"] == Outcome.ERROR:
        return _Try(row, None, ())
    return _Try(row, *validated(record, row["VALUE"]))


def _second_tries(
    worker: InsightWorker,
    client: CortexClient,
    question: Extracting,
    record: type[Found],
    first: dict[str, _Try[Found]],
) -> dict[str, _Try[Found]]:
    pairs = [[text, "\n".join(tried.problems)] for text, tried in first.items()]
    try:
        _, rows = worker.put(client, question.asked_again(), partial(_statement, pairs=pairs))
    except CortexError as error:
        # What was paid for the first time is not lost for it.
        failed = {"OUTCOME": Outcome.ERROR, "ERROR": error.reason, "REPAIR": None, "VALUE": None}
        return {text: replace(tried, row={**tried.row, **failed}) for text, tried in first.items()}
    return {text: _second_try(record, first[text], row) for text, row in zip(first, rows, strict=True)}


def _second_try(record: type[Found], first: _Try[Found], row: Row) -> _Try[Found]:
    both = {**row, **{name: _sum(first.row[name], row[name]) for name in ("INPUT_TOKENS", "OUTPUT_TOKENS")}}
    if row["OUTCOME"] == Outcome.ERROR:
        return _Try(both, None, first.problems, 2)
    value, problems = validated(record, row["VALUE"])
    if value is None:
        return _Try({**both, "OUTCOME": Outcome.OFF_LABEL, "REPAIR": None}, None, problems, 2)
    repaired = {"OUTCOME": Outcome.REPAIRED, "REPAIR": ASKED_AGAIN}
    return _Try({**both, **repaired}, value, first.problems, 2)


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second


def _statement(question: Extracting, pairs: list[list[str]]) -> Statement:
    query = question.answers_query(_WITH_PROBLEMS, ("POSITION",))
    return Statement(f"{query} ORDER BY POSITION", (json.dumps(pairs, ensure_ascii=False),))


def _extraction(
    ticket: str | Ticket, tried: _Try[Found] | None, question: Extracting, *, is_first: bool
) -> Extraction[Found]:
    if tried is None:
        return Extraction(**told(ticket, None, question), value=None, n_tries=0)
    row = tried.row if is_first else {**tried.row, "INPUT_TOKENS": None, "OUTPUT_TOKENS": None}
    outcome = Outcome.OFF_LABEL if tried.is_unfit else row["OUTCOME"]
    return Extraction(
        **{**told(ticket, row, question), "outcome": outcome},
        value=tried.value,
        problems=tried.problems,
        n_tries=tried.n_tries,
    )
