"""What triage shows and does: finds tickets, tells one ticket's story, and writes a person's label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cortex_tickets import Corrections, TicketLabel
from cortex_tickets.app.asking.ticket_query import ticket_query
from cortex_tickets.app.changed_meanwhile import ChangedMeanwhileError
from cortex_tickets.app.desk import Desk, beside, quoted
from cortex_tickets.app.letter_words import words_of
from cortex_tickets.app.moments import on_day_at

PAGE = 10
"""Tickets on one page."""
_COLUMNS = "TICKET_ID, TEXT_HASH, TEXT, CUSTOMER_NAME, MODEL_LABEL, OUTCOME, ANSWERED_BY, CORRECTION"
"""What the page shows of a ticket. Its date is not among it: one that Python has not would be an error."""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket with what was made of it."""

    ticket_id: str
    text_hash: str
    text: str
    customer_name: str | None
    model_label: str | None
    outcome: str
    answered_by: str | None
    correction: str | None

    @property
    def label(self) -> str | None:
        """The label that counts: a person's, else the model's."""
        return self.correction or self.model_label

    @property
    def key(self) -> str:
        """What names the ticket: ids repeat."""
        return f"{self.ticket_id}|{self.text_hash}"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of tickets, and how many there are in all."""

    n_tickets: int
    tickets: list[TicketRow]


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done about a ticket."""

    at: datetime | None
    what: str
    """What was done, in a few words."""
    who: str
    """The model or the person."""
    said: str
    """The label, or what came instead."""
    detail: str = ""
    """The raw answer, an error, or a reply's words; may be empty."""


def find(
    desk: Desk,
    classifier_hash: str,
    *,
    search: str = "",
    label: str | None = None,
    outcome: str | None = None,
    page: int = 0,
) -> Found:
    """Return the tickets that fit, by id, which is ordered as it is stored: 2 stands before 10 where ids are numbers.

    Two statements, not billed; what is searched for is bound.

    Args:
        desk: Where the tables are.
        classifier_hash: Whose answers.
        search: Words that the id, the customer's name or the text has; empty for all.
        label: The label that counts; empty for tickets without one, `None` for all.
        outcome: The outcome, or `not asked`; `None` for all.
        page: The page, from 0.
    """
    query, given = ticket_query(desk, classifier_hash)
    values: list[object] = list(given)
    conditions = []
    if search.strip():
        words = "TICKET_ID || ' ' || COALESCE(CUSTOMER_NAME, '') || ' ' || COALESCE(TEXT, '')"
        conditions.append(f"CONTAINS(LOWER({words}), LOWER(?))")
        values.append(search.strip())
    if label is not None:
        conditions.append("LABEL IS NULL" if label == "" else "LABEL = ?")
        values += [] if label == "" else [label]
    if outcome is not None:
        conditions.append("OUTCOME = ?")
        values.append(outcome)
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    n_tickets = int(desk.rows(f"SELECT COUNT(*) AS N FROM ({query}) {where}", *values)[0]["N"])
    rows = desk.rows(
        f"SELECT {_COLUMNS} FROM ({query}) {where} "
        f"ORDER BY ID_AS_STORED, TICKET_ID, TEXT_HASH LIMIT {PAGE:d} OFFSET {page * PAGE:d}",
        *values,
    )
    return Found(n_tickets, [_ticket(row) for row in rows])


def correct(desk: Desk, ticket: TicketRow, *, label: str, annotator: str) -> int:
    """Write a person's label, and return how many were new: 0 if it stood already. Not billed.

    Raises:
        InvalidInputError: If nobody is named, or the ticket has changed since it was read.
        ChangedMeanwhileError: If somebody has given it a third label since it was read.
    """
    _require_as_read(desk, ticket, label)
    corrections = Corrections(desk.session, table=desk.settings.gold, tickets=desk.tickets, labels=desk.settings.labels)
    given = TicketLabel(ticket_id=ticket.ticket_id, text_hash=ticket.text_hash, label=label)
    return corrections.add([given], annotator=annotator)


def _require_as_read(desk: Desk, ticket: TicketRow, label: str) -> None:
    if not desk.has(desk.settings.gold):
        return
    newest = desk.rows(
        f"SELECT LABEL, ANNOTATOR, LABELLED_AT FROM {quoted(desk.settings.gold)} WHERE TICKET_ID = ? "
        "AND TEXT_HASH = ? AND SOURCE = 'correction' ORDER BY LABELLED_AT DESC NULLS LAST, LABEL LIMIT 1",
        ticket.ticket_id,
        ticket.text_hash,
    )
    if newest and newest[0]["LABEL"] not in (ticket.correction, label):
        row = newest[0]
        at = "" if row["LABELLED_AT"] is None else f" {on_day_at(row['LABELLED_AT'])}"
        raise ChangedMeanwhileError(
            f"{row['ANNOTATOR'] or 'Somebody'} said {row['LABEL']} of ticket {ticket.ticket_id}{at}, after you had "
            "read it: your label was not written. If you still think otherwise, save it again."
        )


def story(desk: Desk, ticket: TicketRow) -> list[Event]:
    """Return all that was done about a ticket, in order. One statement for each table, not billed."""
    settings = desk.settings
    key = (ticket.ticket_id, ticket.text_hash)
    events: list[Event] = []
    if desk.has(settings.ledger):
        rows = desk.rows(
            "SELECT ANSWERED_AT, ANSWERED_BY, LABEL, OUTCOME, ANSWER, ERROR, PROBABILITY "
            f"FROM {quoted(settings.ledger)} WHERE TICKET_ID = ? AND TEXT_HASH = ?",
            *key,
        )
        events += [_answer(row) for row in rows]
    if desk.has(settings.gold):
        rows = desk.rows(
            f"SELECT LABELLED_AT, ANNOTATOR, LABEL, SOURCE FROM {quoted(settings.gold)} "
            "WHERE TICKET_ID = ? AND TEXT_HASH = ?",
            *key,
        )
        events += [
            Event(
                at=row["LABELLED_AT"],
                what="corrected by a person" if row["SOURCE"] == "correction" else "labelled blind by a person",
                who=row["ANNOTATOR"] or "somebody",
                said=str(row["LABEL"]),
            )
            for row in rows
        ]
    if desk.has(settings.training_set):
        rows = desk.rows(
            f"SELECT DISTINCT S.SPLIT, S.DROPPED, M.CREATED_AT FROM {quoted(settings.training_set)} S "
            f"JOIN {beside(settings.training_set, '_MANIFEST')} M ON M.TRAINING_SET_ID = S.TRAINING_SET_ID "
            "WHERE S.TICKET_ID = ? AND S.TEXT_HASH = ?",
            *key,
        )
        events += [
            Event(
                row["CREATED_AT"],
                "in the training set",
                settings.training_set,
                str(row["SPLIT"]),
                f"left out: {row['DROPPED']}" if row["DROPPED"] else "",
            )
            for row in rows
        ]
    if desk.has(settings.replies):
        rows = desk.rows(
            "SELECT ANSWERED_AT, ANSWERED_BY, STATUS, SUBJECT, BODY, REVIEWED_BY, REVIEWED_AT, IS_EDITED "
            f"FROM {quoted(settings.replies)} WHERE TICKET_ID = ? AND TICKET_TEXT_HASH = ? AND STATUS IS NOT NULL",
            *key,
        )
        events += [event for row in rows for event in _letter(row)]
    return sorted(events, key=lambda event: (event.at is not None, event.at.timestamp() if event.at else 0.0))


def _answer(row: dict[str, Any]) -> Event:
    sure = "" if row["PROBABILITY"] is None else f", probability {row['PROBABILITY']:.0%}"
    return Event(
        at=row["ANSWERED_AT"],
        what=f"labelled by a model ({row['OUTCOME']}{sure})",
        who=row["ANSWERED_BY"] or "no model",
        said=row["LABEL"] or "no label",
        detail=row["ERROR"] or row["ANSWER"] or "",
    )


def _letter(row: dict[str, Any]) -> Iterator[Event]:
    """Yield that a letter was written, and what a person decided about it: the ledger keeps the last decision."""
    words = words_of(row["SUBJECT"], row["BODY"])
    status, is_edited = str(row["STATUS"]), bool(row["IS_EDITED"])
    is_decided = row["REVIEWED_AT"] is not None
    yield Event(
        row["ANSWERED_AT"],
        "reply written",
        row["ANSWERED_BY"] or "no model",
        "for a person to decide" if is_decided else status,
        "" if is_edited else words,
    )
    if is_decided:
        what = "reply edited by a person" if is_edited else "reply decided by a person"
        yield Event(row["REVIEWED_AT"], what, row["REVIEWED_BY"] or "somebody", status, words if is_edited else "")


def _ticket(row: dict[str, Any]) -> TicketRow:
    return TicketRow(
        ticket_id=str(row["TICKET_ID"]),
        text_hash=str(row["TEXT_HASH"]),
        text=row["TEXT"] or "",
        customer_name=row["CUSTOMER_NAME"],
        model_label=row["MODEL_LABEL"],
        outcome=str(row["OUTCOME"]),
        answered_by=row["ANSWERED_BY"],
        correction=row["CORRECTION"],
    )
