"""Makes a `Reply` of what a model answered: checked, with its status; no statement is sent from here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cortex_tickets._cortex.failures import FailureClass, failure_class
from cortex_tickets._cortex.replying import PROMPT_ONLY, Replying, is_unreadable
from cortex_tickets._replies.checks.check_set import CheckSet
from cortex_tickets._replies.checks.particulars import ticket_details_used
from cortex_tickets._replies.loose_letters import letter_in
from cortex_tickets.prompts.delimiter import clean, is_blank
from cortex_tickets.prompts.reply_prompt import ReplyPrompt, channel_of
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Finding, Reply, ReplyStatus
from cortex_tickets.records.ticket import Ticket

_LEFT_OUT = ticket_details_used.__name__
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class ReplyMaker:
    """What one generator makes replies with: what it asks, and its checks."""

    operation: Replying
    checks: CheckSet

    @property
    def prompt(self) -> ReplyPrompt:
        """What is asked."""
        return self.operation.prompt

    def made(
        self,
        ticket: Ticket,
        row: Mapping[str, Any] | None,
        *,
        label: str | None,
        key: str,
        n_tries: int = 1,
        findings: tuple[Finding, ...] | None = None,
        is_edited: bool = False,
    ) -> Reply:
        """Return the reply that an answer is, with what the checks find in it.

        Args:
            ticket: What is answered.
            row: ANSWER, ERROR, OUTCOME, SUBJECT, BODY, ANSWERED_BY and tokens; `None` where nothing was asked.
            label: The ticket's label, if it has one.
            key: What no two replies share.
            n_tries: How often the model was asked.
            findings: What the checks found before; `None` to have them look.
            is_edited: Whether a person wrote it.
        """
        said = row if row is not None else _NOTHING
        outcome = Outcome(said.get("OUTCOME") or Outcome.BLANK)
        answered_by = said.get("ANSWERED_BY")
        if findings is None:
            findings = self.findings(
                ticket,
                label=label,
                subject=said.get("SUBJECT"),
                body=said.get("BODY"),
                outcome=outcome,
                error=said.get("ERROR"),
                is_edited=is_edited,
            )
        return Reply(
            ticket_id=ticket.id,
            ticket_text_hash=text_hash(ticket.text),
            customer_name=ticket.customer_name,
            customer_email=ticket.customer_email,
            channel=channel_of(ticket.contact_preference),
            label=label,
            subject=said.get("SUBJECT"),
            body=said.get("BODY"),
            status=status_of(findings),
            findings=findings,
            outcome=outcome,
            answer=said.get("ANSWER"),
            error=said.get("ERROR"),
            answered_by=answered_by,
            n_tries=n_tries if answered_by else 0,
            generator_hash=self.operation.hash,
            key=key,
            input_tokens=said.get("INPUT_TOKENS"),
            output_tokens=said.get("OUTPUT_TOKENS"),
        )

    def findings(
        self,
        ticket: Ticket,
        *,
        label: str | None,
        subject: str | None,
        body: str | None,
        outcome: Outcome,
        error: str | None = None,
        is_edited: bool = False,
    ) -> tuple[Finding, ...]:
        """Return what the checks find in a letter to the ticket's customer; without a letter, why there is none.

        What a person wrote is not faulted for what it leaves out.
        """
        if body is not None:
            found = self.checks.findings(draft_of(self.prompt, ticket, label=label, subject=subject, body=body))
            return tuple(finding for finding in found if not (is_edited and finding.check == _LEFT_OUT))
        if outcome is Outcome.BLANK:
            return (_no_reply("The ticket has no text, so nothing was asked."),)
        if outcome is Outcome.REFUSED:
            return (_no_reply("Cortex Guard kept the model's reply back."),)
        if is_unreadable(error):
            # The message goes into the second prompt, so nothing of the answer stands in it.
            return (
                Finding(check="answered", message=f"The model's answer could not be read as a reply. {PROMPT_ONLY}"),
            )
        reason = error or "no reason given"
        # Snowflake says that a text is too long, and not what to do.
        is_too_long = failure_class(reason) is FailureClass.ROW and "shorten" not in reason.lower()
        advice = " Shorten the ticket's text, or give a model that takes more." if is_too_long else ""
        return (_no_reply(f"The model gave no reply: {reason.rstrip('.')}.{advice}"),)


def read_loosely(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return an answer's row with the letter that it holds, where the answer is not the JSON that was asked for."""
    outcome, answer = row.get("OUTCOME"), row.get("ANSWER")
    is_loose = outcome == Outcome.REPAIRED or (outcome == Outcome.ERROR and is_unreadable(row.get("ERROR")))
    letter = letter_in(answer) if is_loose and answer else None
    if letter is None:
        return row
    subject, body = letter
    return {
        **row,
        "OUTCOME": Outcome.REPAIRED.value,
        "ERROR": None,
        "SUBJECT": subject or row.get("SUBJECT"),
        "BODY": body,
    }


def draft_of(prompt: ReplyPrompt, ticket: Ticket, *, label: str | None, subject: str | None, body: str) -> Draft:
    """Return the letter as the checks see it, with what the prompt allowed for it."""
    entry = prompt.playbook.entry_for(label)
    return Draft(
        ticket=ticket,
        label=label,
        entry=entry,
        label_meant=None if label in (None, entry.label) else prompt.playbook.label_like(label),
        signature=entry.signature or prompt.playbook.signature,
        offer=prompt.offer(entry),
        channel=channel_of(ticket.contact_preference),
        subject=subject,
        body=body,
    )


def status_of(findings: tuple[Finding, ...]) -> ReplyStatus:
    """Return where a reply stands that nobody has decided about."""
    return ReplyStatus.NEEDS_REVIEW if findings else ReplyStatus.DRAFT


def text_hash(text: str) -> str:
    """Return the text's SHA-256 in hexadecimal, as `SHA2(text, 256)` gives it in SQL."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


def reply_key(prompt: ReplyPrompt, ticket: Ticket, label: str | None) -> str:
    """Return what no two replies share: `_cortex.reply_source` makes the same in SQL."""
    rendered = "" if is_blank(ticket.text) else prompt.render(ticket, label=label)
    parts = (rendered, ticket.id, ticket.customer_name or "", ticket.customer_email or "")
    return text_hash("".join([*map(text_hash, parts), channel_of(ticket.contact_preference).value]))


def rewritable(reply: Reply) -> list[str]:
    """Return the findings that a second try may mend."""
    return [finding.message for finding in reply.findings if finding.can_be_rewritten]


def is_better(first: Reply, second: Reply) -> bool:
    """Tell whether the second of two tries is the one to keep.

    A second try that gave no letter, or one with more to find in it, does not cost the customer the first.
    """
    if first.body is None:
        return second.body is not None
    return second.body is not None and len(second.findings) <= len(first.findings)


def better(first: Reply, second: Reply) -> Reply:
    """Return the reply to keep of two tries, with the tokens of both."""
    kept = second if is_better(first, second) else first
    return kept.model_copy(
        update={
            "n_tries": 2,
            "input_tokens": total(first.input_tokens, second.input_tokens),
            "output_tokens": total(first.output_tokens, second.output_tokens),
        }
    )


def total(first: int | None, second: int | None) -> int | None:
    """Return the sum of two counts, either of which may be unknown; `None` if both are."""
    return None if first is None and second is None else (first or 0) + (second or 0)


def _no_reply(message: str) -> Finding:
    return Finding(check="answered", message=message, can_be_rewritten=False)
