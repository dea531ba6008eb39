"""Writes replies for the tickets of one label, shows those that stand, and puts them into a file."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cortex_tickets import (
    Estimate,
    InvalidInputError,
    Outcome,
    Playbook,
    PlaybookEntry,
    Reply,
    ReplyStatus,
    ResponseGenerator,
    TableRun,
    TicketSource,
)
from cortex_tickets.app.asking.kept_records import keep, kept
from cortex_tickets.app.asking.labelling import budget_of, chunk_rows, limit_of, run_said, stored_run, within_settings
from cortex_tickets.app.asking.ticket_query import newest_corrections
from cortex_tickets.app.background import Listener, Task
from cortex_tickets.app.desk import Desk, beside, quoted, several
from cortex_tickets.session import Session

_RECORD = "replies"
MOST_READ = 10_000
"""Letters that the library gives out in one call, at most."""


@dataclass(frozen=True, slots=True)
class Brief:
    """What replies are written by: for which label, with which model, and what they may say."""

    label: str
    model: str
    entry: PlaybookEntry
    tone: str
    signature: str
    campaign: str | None = None

    def playbook(self, start: Playbook) -> Playbook:
        """Return a playbook with this label's entry, tone and signature in their places."""
        others = tuple(entry for entry in start.entries if entry.label != self.label)
        return Playbook(entries=(*others, self.entry), generic=start.generic, tone=self.tone, signature=self.signature)

    def as_json(self) -> str:
        """Return the brief as JSON."""
        return json.dumps(
            {
                "label": self.label,
                "model": self.model,
                "entry": self.entry.model_dump(mode="json"),
                "tone": self.tone,
                "signature": self.signature,
                "campaign": self.campaign,
            },
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> Brief:
        """Return the brief that `as_json` wrote."""
        given = json.loads(text)
        return cls(**{**given, "entry": PlaybookEntry(**given["entry"])})


def default_brief(desk: Desk, label: str, model: str) -> Brief:
    """Return the brief for a label that playbook and campaign of the settings make, or the built-in playbook."""
    playbook = _playbook(desk)
    found = playbook.entry_for(label)
    entry = found if found.label == label else found.model_copy(update={"label": label})
    campaign = desk.settings.choices.campaign if entry.may_offer else None
    return Brief(label, model, entry, playbook.tone, playbook.signature, campaign)


def _playbook(desk: Desk) -> Playbook:
    return desk.settings.choices.playbook or Playbook.default()


def last_brief(desk: Desk, label: str) -> Brief | None:
    """Return the brief that replies to this label were last written by; `None` before the first."""
    record = kept(desk, f"{_RECORD}:{label}")
    return None if record is None else Brief.from_json(record)


def labels_that_count(desk: Desk, labels: TableRun) -> TableRun:
    """Return labels where a person's correction stands in place of the model's; the labels themselves without gold.

    The first call makes a view beside the ledger, `<ledger>_COUNTED_<classifier>`. Nothing is billed.

    Raises:
        CortexError: If this role may not make the view.
    """
    settings = desk.settings
    if not desk.has(settings.gold):
        return labels
    # A hash is in hexadecimal, so it may stand in a name and between quotes.
    classifier_hash = labels.classifier_hash
    view = beside(settings.ledger, f"_COUNTED_{classifier_hash[:12].upper()}")
    if not desk.has(view):
        desk.rows(
            f"CREATE VIEW IF NOT EXISTS {view} AS SELECT COALESCE(C.TICKET_ID, A.TICKET_ID) AS TICKET_ID, "
            "COALESCE(C.TEXT_HASH, A.TEXT_HASH) AS TEXT_HASH, COALESCE(C.LABEL, A.LABEL) AS LABEL, "
            f"IFF(C.LABEL IS NULL, A.OUTCOME, '{Outcome.VALID.value}') AS OUTCOME, "
            f"COALESCE(C.LABELLED_AT, A.ANSWERED_AT) AS ANSWERED_AT, '{classifier_hash}' AS CLASSIFIER_HASH "
            f"FROM (SELECT TICKET_ID, TEXT_HASH, LABEL, OUTCOME, ANSWERED_AT FROM {quoted(settings.ledger)} "
            f"WHERE CLASSIFIER_HASH = '{classifier_hash}') A "
            f"FULL OUTER JOIN ({newest_corrections(settings.gold)}) C "
            "ON C.TICKET_ID = A.TICKET_ID AND C.TEXT_HASH = A.TEXT_HASH"
        )
    return labels.model_copy(update={"into": view})


def labelled_tickets(desk: Desk, labels: TableRun, label: str) -> TicketSource:
    """Return the tickets that have this label."""
    source = desk.tickets
    # A source has no bind values, so the label itself is never part of the statement.
    wanted = hashlib.sha256(label.encode()).hexdigest()
    query = (
        f"SELECT S.* FROM {source.relation} S WHERE EXISTS (SELECT 1 FROM ({labels.rows_query()}) L "
        f"WHERE L.TICKET_ID = S.{source.column('id')}::VARCHAR "
        f"AND L.TEXT_HASH = SHA2(COALESCE(S.{source.column('text')}, ''), 256) AND SHA2(L.LABEL, 256) = '{wanted}')"
    )
    return source.model_copy(update={"table": None, "query": query})


def writer(desk: Desk, brief: Brief, session: Session | None = None) -> ResponseGenerator:
    """Return what writes by this brief."""
    choices = desk.settings.choices
    return ResponseGenerator(
        session or desk.session,
        model=several(brief.model),
        playbook=brief.playbook(_playbook(desk)),
        campaign=brief.campaign or None,
        guardrails=choices.guardrails,
        prices=choices.prices,
    )


def labels_for_replies(desk: Desk, labelling_model: str) -> TableRun:
    """Return the labels that replies are written for: a model's, and people's corrections of them.

    Raises:
        InvalidInputError: If the tickets have none yet.
    """
    run = stored_run(desk, labelling_model)
    if run is None:
        raise InvalidInputError(f"No ticket has a label of {labelling_model}. Label the tickets on the page Overview.")
    return labels_that_count(desk, run)


def n_tickets(desk: Desk, labels: TableRun, label: str) -> int:
    """Return how many rows of the ticket table have this label. One statement, not billed."""
    return int(desk.rows(f"SELECT COUNT(*) AS N FROM {labelled_tickets(desk, labels, label).relation}")[0]["N"])


def estimate_replies(desk: Desk, labels: TableRun, brief: Brief) -> Estimate:
    """Return what writing would cost; replies that are there are not counted. Nothing is billed."""
    tickets = labelled_tickets(desk, labels, brief.label)
    return writer(desk, brief).estimate(tickets, labels=labels, into=desk.settings.replies)


def reply_limit(desk: Desk, estimates: Sequence[Estimate]) -> float | None:
    """Return a limit that leaves room for a second try of each letter, as far as the settings allow."""
    return limit_of(desk, estimates, tries=2)


def reply_task(desk: Desk, labels: TableRun, brief: Brief, estimate: Estimate, limit: float | None) -> Task:
    """Return the work that writes the replies, second tries included, within a limit of AI credits."""
    tickets, limit = labelled_tickets(desk, labels, brief.label), within_settings(desk, limit)

    def write(listener: Listener) -> str:
        keep(desk, f"{_RECORD}:{brief.label}", brief.as_json())
        with desk.own_session() as session:
            run = writer(desk, brief, session).reply_table(
                tickets,
                labels=labels,
                into=desk.settings.replies,
                budget=budget_of(limit),
                chunk_rows=chunk_rows(estimate.n_texts),
                progress=listener,
                allow_incomplete=True,
            )
        return run_said(run, limit)

    return write


def drafts(desk: Desk, labels: TableRun, brief: Brief) -> list[Reply]:
    """Return the replies that stand for this brief, those that need review first. Nothing is billed.

    They are all there are as long as they are fewer than `MOST_READ`; otherwise the first of them by ticket id.
    """
    if not desk.has(desk.settings.replies):
        return []
    tickets = labelled_tickets(desk, labels, brief.label)
    found = writer(desk, brief).replies(tickets, labels=labels, into=desk.settings.replies, limit=MOST_READ)
    order = [ReplyStatus.NEEDS_REVIEW, ReplyStatus.DRAFT, ReplyStatus.APPROVED, ReplyStatus.REJECTED]
    return sorted(found, key=lambda reply: order.index(reply.status))


def exported(desk: Desk, labels: TableRun, brief: Brief, statuses: Sequence[ReplyStatus]) -> bytes:
    """Return the replies as the CSV file of `export_for_review`, at most `MOST_READ`."""
    tickets = labelled_tickets(desk, labels, brief.label)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "replies.csv"
        writer(desk, brief).export_for_review(
            tickets, labels=labels, into=desk.settings.replies, path=path, statuses=statuses, limit=MOST_READ
        )
        return path.read_bytes()
