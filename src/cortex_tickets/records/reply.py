"""A reply to one ticket: written by a model, checked, waiting for a person. It is never sent from here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from cortex_tickets.notebook_card import Tone, card, facts, letter, listed, title, tokens
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.record import Received, Record


class Channel(StrEnum):
    """How a customer is answered."""

    EMAIL = "email"
    """An e-mail: a subject, and at most 100 words."""
    TEXT_MESSAGE = "text_message"
    """A text message: fewer than 25 words."""


class ReplyStatus(StrEnum):
    """Where a reply stands on its way to a customer."""

    DRAFT = "draft"
    """Every check passed; a person has not seen it yet."""
    NEEDS_REVIEW = "needs_review"
    """A check found something, or there is no reply; a person has to look at it."""
    APPROVED = "approved"
    """A person said that it may be sent."""
    REJECTED = "rejected"
    """A person said that it may not be sent."""


class Finding(Record):
    """What one check found."""

    check: str
    """The check's name, such as `word_limit`."""
    message: str
    """What is wrong, in a sentence that a model can act on. It may quote the reply, never the ticket."""
    can_be_rewritten: bool = True
    """Whether asking the model again can help; `False` where the ticket itself is the trouble."""


class Reply(Received):
    """A reply to one ticket, with what its checks found."""

    ticket_id: str
    """The ticket's id."""
    ticket_text_hash: str
    """SHA-256, in hexadecimal, of the ticket's text: with the id it names the ticket."""
    customer_name: str | None = None
    """Who is addressed; `None` if unknown."""
    customer_email: str | None = None
    """The customer's e-mail address; `None` if unknown."""
    channel: Channel
    """How the customer is answered."""
    label: str | None
    """The ticket's label; `None` if it has none that can be used."""
    subject: str | None = None
    """The subject; `None` for a text message, and where there is no reply."""
    body: str | None
    """The reply, as a person edited it where one did; `None` for a blank ticket, a refusal and an error."""
    status: ReplyStatus
    """Where it stands: `draft` only if no check found anything; `approved` and `rejected` only by a person."""
    findings: tuple[Finding, ...] = ()
    """What the checks found, in their order."""
    outcome: Outcome
    """What the model's answer became: `valid`, `repaired` (not the JSON that was asked for, or written by a
    person in place of an error), `blank`, `refused` (by a guardrail) or `error`."""
    answer: str | None = None
    """The model's answer that the reply was made of, untouched; `None` where none came."""
    error: str | None = None
    """Snowflake's message; `None` unless the outcome is `error`."""
    answered_by: str | None = None
    """The model; `None` where nothing was asked."""
    n_tries: int = 1
    """How often the model was asked: 0 for a blank ticket and one that is over the model's window, 2 where the first
    reply failed its checks."""
    reviewed_by: str | None = None
    """The person who approved, rejected or edited it last; `None` if nobody did."""
    reviewed_at: datetime | None = None
    """When that was stored, in UTC; `None` if nobody did."""
    is_edited: bool = False
    """Whether a person changed subject or body."""
    generator_hash: str
    """SHA-256, in hexadecimal, of the generator: models, playbook, campaign, parameters."""
    key: str
    """SHA-256, in hexadecimal, of the whole prompt and of whom the reply is for: ticket id, name, e-mail address and
    channel. The ledger has it as TEXT_HASH."""
    input_tokens: int | None = None
    """Tokens read, over all tries; `None` where nothing was asked or the server did not say."""
    output_tokens: int | None = None
    """Tokens written, over all tries; `None` where nothing was asked or the server did not say."""

    @property
    def n_words(self) -> int:
        """Words of the body."""
        return len((self.body or "").split())

    def _repr_html_(self) -> str:
        tones = {ReplyStatus.NEEDS_REVIEW: Tone.BAD, ReplyStatus.REJECTED: Tone.BAD, ReplyStatus.DRAFT: Tone.PLAIN}
        whom = f" to {self.customer_name}" if self.customer_name else ""
        what = "Text message" if self.channel is Channel.TEXT_MESSAGE else "E-mail"
        reviewed = f"{self.reviewed_by}, who edited it" if self.is_edited else self.reviewed_by
        found = [f"{finding.check}: {finding.message}" for finding in self.findings]
        return card(
            title(f"{what}{whom}, ticket {self.ticket_id}", self.status.value, tones.get(self.status, Tone.GOOD)),
            facts({"label": self.label, "subject": self.subject}),
            letter(self.body),
            listed(found),
            facts(
                {
                    "findings": None if found or self.body is None else "none",
                    "outcome": None if self.outcome is Outcome.VALID else self.outcome.value,
                    "error": self.error,
                    "words": None if self.body is None else f"{self.n_words}",
                    "written by": self.answered_by,
                    "tries": f"{self.n_tries}" if self.n_tries > 1 else None,
                    "reviewed by": reviewed,
                    "tokens": tokens(self.input_tokens, self.output_tokens),
                }
            ),
        )
