"""Reads the test split with every model's answers, in one statement that bills no model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cortex_tickets._cortex.client import CortexClient, Row
from cortex_tickets._cortex.quoting import literal
from cortex_tickets._cortex.statement import Statement
from cortex_tickets._cortex.text_sql import text_hash
from cortex_tickets.records.gold_label import GoldSource
from cortex_tickets.records.split import Split
from cortex_tickets.records.table_name import TableName
from cortex_tickets.training_set import TrainingSet

UNANSWERED = "unanswered"
"""The outcome of a ticket that an incomplete run left; it counts as wrong."""
RANDOM_SAMPLE = GoldSource.RANDOM_SAMPLE.value
"""The only source of gold that accuracy may be measured on: corrections were chosen because something was wrong."""

_ANSWER_COLUMNS = ("LABEL", "OUTCOME", "INPUT_TOKENS", "OUTPUT_TOKENS", "PROBABILITY")


@dataclass(frozen=True, slots=True)
class HeldOutTicket:
    """One ticket of the test split."""

    ticket_id: str
    group: str
    text_hash: str
    gold: str | None
    """The gold label, of a random sample; `None` without one."""
    is_corrected: bool
    """Whether it has gold that is a correction, which accuracy does not count."""
    stored_label: str | None
    """The label that the training set holds for it."""
    stored_outcome: str | None
    text: str | None = field(repr=False)
    """`None` unless texts were asked for."""


@dataclass(frozen=True, slots=True)
class TicketAnswer:
    """What one model said of one ticket."""

    label: str | None
    outcome: str
    input_tokens: int | None = None
    """Tokens read for the ticket's text, wherever in the ledger they stand; `None` if none were told."""
    output_tokens: int | None = None
    probability: float | None = None
    """How sure the model was of its label, 0 to 1; `None` where it does not say."""


@dataclass(frozen=True, slots=True)
class HeldOutRows:
    """The test split, and the answers by classifier, ticket by ticket in the same order."""

    tickets: list[HeldOutTicket]
    answers: list[list[TicketAnswer]]
    of_members: Mapping[str, tuple[list[TicketAnswer], list[TicketAnswer]]] = field(default_factory=dict)
    """Answers of student and teacher, by the name of the classifier that is composed of them."""

    def split(self, n_classifiers: int, members: Sequence[str]) -> HeldOutRows:
        """Return the rows with what is beyond the first `n_classifiers` as answers of members, two for each name."""
        own, others = self.answers[:n_classifiers], self.answers[n_classifiers:]
        pairs = zip(members[::2], others[::2], others[1::2], strict=True)
        return HeldOutRows(self.tickets, own, {name: (student, teacher) for name, student, teacher in pairs})


def read_test_rows(
    client: CortexClient,
    training_set: TrainingSet,
    ledgers: Sequence[tuple[str, str]],
    *,
    with_text: bool,
    timeout: float | None = None,
) -> HeldOutRows:
    """Return the test split with the answers of each (ledger table, classifier hash)."""
    rows = client.rows(Statement(_query(training_set, ledgers, with_text=with_text)), timeout=timeout)
    return HeldOutRows(
        [_ticket(row, with_text=with_text) for row in rows],
        [[_answer(row, place) for row in rows] for place in range(len(ledgers))],
    )


def _query(training_set: TrainingSet, ledgers: Sequence[tuple[str, str]], *, with_text: bool) -> str:
    text = ", TEXT" if with_text else ""
    own = "LABEL", "OUTCOME", "GOLD_LABEL", "GOLD_SOURCE"
    # The hash is made of the text that was asked, as the ledger makes it.
    tickets = (
        f"T AS (SELECT TICKET_ID::VARCHAR AS TICKET_ID, {text_hash('TEXT')} AS TEXT_HASH, GROUP_ID, "
        f"{', '.join(own)}{text} FROM ({training_set.rows_query(Split.TEST)}))"
    )
    parts = [tickets]
    columns, joins = "", ""
    for place, (table, classifier_hash) in enumerate(ledgers):
        # Tokens stand on the one row that was asked, which may be of another ticket with the same text.
        parts.append(
            f"L{place} AS (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME, PROBABILITY, "
            "MAX(INPUT_TOKENS) OVER (PARTITION BY TEXT_HASH) AS INPUT_TOKENS, "
            "MAX(OUTPUT_TOKENS) OVER (PARTITION BY TEXT_HASH) AS OUTPUT_TOKENS "
            f"FROM {TableName.parse(table).sql} WHERE CLASSIFIER_HASH = {literal(classifier_hash)} "
            "AND TEXT_HASH IN (SELECT TEXT_HASH FROM T))"
        )
        columns += "".join(f", L{place}.{name} AS {name}_{place}" for name in _ANSWER_COLUMNS)
        joins += f" LEFT JOIN L{place} ON L{place}.TICKET_ID = T.TICKET_ID AND L{place}.TEXT_HASH = T.TEXT_HASH"
    shown = ", ".join(f"T.{name}" for name in ("TICKET_ID", "TEXT_HASH", "GROUP_ID", *own))
    return (
        f"WITH {', '.join(parts)} SELECT {shown}{', T.TEXT' if with_text else ''}{columns} FROM T{joins} "
        "ORDER BY T.TICKET_ID, T.TEXT_HASH"
    )


def _ticket(row: Row, *, with_text: bool) -> HeldOutTicket:
    gold, source = row["GOLD_LABEL"], row["GOLD_SOURCE"]
    return HeldOutTicket(
        ticket_id=row["TICKET_ID"],
        group=str(row["GROUP_ID"] or row["TEXT_HASH"]),
        text_hash=row["TEXT_HASH"],
        gold=gold if source == RANDOM_SAMPLE else None,
        is_corrected=gold is not None and source != RANDOM_SAMPLE,
        stored_label=row["LABEL"],
        stored_outcome=row["OUTCOME"],
        text=(row["TEXT"] or "") if with_text else None,
    )


def _answer(row: Row, place: int) -> TicketAnswer:
    return TicketAnswer(
        label=row[f"LABEL_{place}"],
        outcome=row[f"OUTCOME_{place}"] or UNANSWERED,
        input_tokens=_integer(row[f"INPUT_TOKENS_{place}"]),
        output_tokens=_integer(row[f"OUTPUT_TOKENS_{place}"]),
        probability=row[f"PROBABILITY_{place}"],
    )


def _integer(value: Any) -> int | None:
    return None if value is None else int(value)
