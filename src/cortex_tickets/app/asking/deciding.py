"""Writes what a person decides about a letter, as long as it is still the letter that they read."""

from __future__ import annotations

from cortex_tickets import (
    InvalidInputError,
    Reply,
    ReplyDecision,
    ReplyStatus,
    ReviewReport,
    TableRun,
)
from cortex_tickets.app.asking.drafting import MOST_READ, Brief, labelled_tickets, writer
from cortex_tickets.app.changed_meanwhile import ChangedMeanwhileError
from cortex_tickets.app.desk import Desk
from cortex_tickets.app.moments import on_day_at


class LetterChangedError(ChangedMeanwhileError):
    """A letter is another one than was read, or is decided about: nothing was written.

    Attributes:
        now: The letter as it stands; `None` if it is not among the letters of the brief any more.
    """

    def __init__(self, seen: Reply, now: Reply | None) -> None:
        self.now = now
        letter = f"letter to ticket {seen.ticket_id}"
        if now is None:
            super().__init__(
                f"The {letter} is not among these any more, since its ticket has another label or other words now: "
                "your decision was not written."
            )
            return
        if now.reviewed_at is None or (now.reviewed_at, now.reviewed_by) == (seen.reviewed_at, seen.reviewed_by):
            what = f"The {letter} has changed after you had read it"
        else:
            who = now.reviewed_by or "Somebody"
            what = f"{who} {_done(seen, now)} the {letter} {on_day_at(now.reviewed_at)}, after you had read it"
        super().__init__(f"{what}: your decision was not written. Read it as it stands here now, and decide again.")


def _done(seen: Reply, now: Reply) -> str:
    decided = now.status.value if now.status in (ReplyStatus.APPROVED, ReplyStatus.REJECTED) else None
    if _has_same_words(seen, now):
        return decided or "edited"
    return f"edited and {decided}" if decided else "edited"


def _has_same_words(seen: Reply, now: Reply) -> bool:
    return (seen.subject, seen.body) == (now.subject, now.body)


def _is_as_read(seen: Reply, now: Reply) -> bool:
    return seen.status is now.status and _has_same_words(seen, now)


def decide(desk: Desk, labels: TableRun, brief: Brief, decision: ReplyDecision, *, reviewer: str) -> ReviewReport:
    """Write what a person decided about one letter; an edited one is checked again. Nothing is billed.

    Args:
        desk: Where the tables are.
        labels: Whose labels the letters were written for.
        brief: What they were written by.
        decision: The decision, with the letter as the person read it.
        reviewer: Who decides.

    Returns:
        What was written: nothing where the same person had decided the same about the same words.

    Raises:
        LetterChangedError: If somebody edited the letter or decided about it since it was read.
        InvalidInputError: If nobody is named, or the letter was emptied.
    """
    seen = decision.reply
    letters = writer(desk, brief)
    tickets, into = labelled_tickets(desk, labels, brief.label), desk.settings.replies

    def stands() -> Reply | None:
        found = letters.replies(tickets, labels=labels, into=into, limit=MOST_READ)
        return next((reply for reply in found if reply.key == seen.key), None)

    try:
        # It writes only where words and status are those that were read: nobody comes between a look and the writing.
        report = letters.review(tickets, labels=labels, into=into, decisions=[decision], reviewer=reviewer)
    except InvalidInputError:
        if reviewer.strip():
            now = stands()
            if now is None or not _is_as_read(seen, now):
                raise LetterChangedError(seen, now) from None
        raise
    if report.n_unchanged:
        now = stands()
        is_own = now is not None and _has_same_words(seen, now) and now.reviewed_by == reviewer.strip()
        if now is None or not (is_own or _is_as_read(seen, now)):
            raise LetterChangedError(seen, now)
    return report
