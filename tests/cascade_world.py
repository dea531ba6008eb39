"""A small world for tests of a cascade: BANKING77 questions of four labels, a teacher, and a student that is told."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from cortex_tickets import (
    CalibrationSample,
    Cascade,
    LabelSet,
    ModelPrice,
    Shares,
    TicketClassifier,
    TicketSource,
    TrainingSet,
    TrainingSetBuilder,
)
from known_student import KnownStudent, teach

DATA = Path(__file__).parent / "data" / "banking77" / "train.csv"
TEACHER = "claude-sonnet-4-6"
NAMES = ("card arrival", "lost or stolen card", "exchange rate", "top up failed")
LABELS = LabelSet.of(NAMES)
TICKETS = TicketSource(table="TICKETS", id="TICKET_ID", text="TEXT")
TARGET, DELTA = 0.8, 0.1
SURE, UNSURE = 0.9, 0.3


class World(NamedTuple):
    """Tables TICKETS, KNOWN and GOLD, and who learned from what."""

    session: Any
    training_set: TrainingSet
    student: KnownStudent
    teacher: TicketClassifier
    tickets: list[tuple[str, str, str]]
    """Ticket id, text and true label."""

    def cascade(self, **changes: Any) -> Cascade:
        """Return a cascade of the two, or of what is given instead."""
        made = {"student": self.student, "teacher": self.teacher, "training_set": self.training_set, **changes}
        return Cascade(made.pop("student"), made.pop("teacher"), **made)

    def drawn(self, n: int = 120, seed: int = 5) -> CalibrationSample:
        """Return a draw of the test split."""
        return CalibrationSample.drawn(self.training_set, n=n, seed=seed)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Return the rows of a query."""
        return [row.as_dict() for row in self.session.sql(query).collect()]

    def in_split(self, *splits: str) -> list[tuple[str, str, str]]:
        """Return the tickets of these splits, in an order that has nothing to do with them."""
        sides = ", ".join(f"'{split}'" for split in splits)
        query = f"SELECT TICKET_ID FROM ({self.training_set.rows_query()}) WHERE SPLIT IN ({sides})"
        ids = {row["TICKET_ID"] for row in self.rows(query)}
        return sorted((ticket for ticket in self.tickets if ticket[0] in ids), key=lambda ticket: part(ticket[1], "o"))

    def gold(self, tickets: list[tuple[str, str, str]], source: str = "random_sample") -> str:
        """Write labels of people, and return the table's name."""
        table = f"GOLD_{uuid4().hex[:12].upper()}"
        self.session.create_dataframe(
            [(ticket_id, hashed(text), label, source, "Ann") for ticket_id, text, label in tickets],
            schema=["TICKET_ID", "TEXT_HASH", "LABEL", "SOURCE", "ANNOTATOR"],
        ).create_or_replace_temp_view("GOLD_ROWS")
        self.session.sql(
            f"CREATE TABLE {table} AS SELECT *, '2026-11-20 10:00:00 +00:00'::TIMESTAMP_TZ AS LABELLED_AT "
            "FROM GOLD_ROWS"
        ).collect()
        return table

    def fresh(self) -> str:
        """Return the name of a table that is not there."""
        return f"NEW_{uuid4().hex[:12].upper()}"


def make_world(session: Any) -> World:
    """Return a world whose student is right where it is sure, and wrong on two of three where it is not."""
    session.sql(f"CREATE SCHEMA W_{uuid4().hex[:12].upper()}").collect()
    tickets = [(f"T{number}", text, label) for number, (text, label) in enumerate(_questions())]
    session.create_dataframe([ticket[:2] for ticket in tickets], schema=["TICKET_ID", "TEXT"]).write.save_as_table(
        "TICKETS"
    )
    teach(session, "KNOWN", [(text, *_answer(text, label)) for _, text, label in tickets])
    teacher = TicketClassifier(session, labels=LABELS, model=TEACHER)
    run = teacher.classify_table(TICKETS, into="TEACHER_LABELS")
    builder = TrainingSetBuilder(session, seed=3, shares=Shares(0.4, 0.2, 0.4))
    training_set = builder.build(TICKETS, into="FT", labels=run)
    student = KnownStudent(session, table="KNOWN", labels=LABELS, price=ModelPrice(input=0.05, output=0))
    return World(session, training_set, student, teacher, tickets)


def wrong_label(label: str) -> str:
    """Return another label."""
    return NAMES[NAMES.index(label) - 1]


def part(text: str, salt: str = "") -> float:
    """Return a number from 0 to 1 that belongs to the text."""
    return int(hashed(salt + text)[:8], 16) / 0xFFFFFFFF


def hashed(text: str) -> str:
    """Return the text's hash, as the ledger has it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _answer(text: str, label: str) -> tuple[str, float]:
    if part(text) < 0.7:
        return label, SURE
    return (label if part(text, "x") < 1 / 3 else wrong_label(label)), UNSURE


def _questions() -> list[tuple[str, str]]:
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = [(row["text"], row["category"].replace("_", " ")) for row in csv.DictReader(file)]
    return [row for row in rows if row[1] in NAMES]
