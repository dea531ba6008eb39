"""Makes a `Reply` of what a model answered: checked, with its status; no statement is sent from here."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from cortex_tickets._replies.checks import findings_of
from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.prompts.reply_prompt import ReplyPrompt, channel_of
from cortex_tickets.records.prediction import Outcome
from cortex_tickets.records.reply import Finding, Reply, ReplyStatus
from cortex_tickets.records.ticket import Ticket

_NOTHING: Mapping[str, Any] = {}


def made_reply(
    prompt: ReplyPrompt,
    ticket: Ticket,
    row: Mapping[str, Any] | None,
    *,
    label: str | None,
    model: str,
    generator_hash: str,
    prompt_hash: str | None,
    n_tries: int = 1,
) -> Reply:
    """Return the reply that an answer is, with what the checks find in it.

    Args:
        prompt: What was asked.
        ticket: What is answered.
        row: ANSWER, ERROR, OUTCOME, SUBJECT, BODY and tokens; `None` where nothing was asked.
        label: The ticket's label, if it has one.
        model: Who was asked.
        generator_hash: All that could change the answer.
        prompt_hash: The hash of the rendered prompt.
        n_tries: How often the model was asked.
    """
    said = row if row is not None else _NOTHING
    outcome = Outcome(said.get("OUTCOME") or Outcome.BLANK)
    is_blank = outcome is Outcome.BLANK
    findings = _findings(prompt, ticket, said, label, outcome)
    return Reply(
        ticket_id=ticket.id,
        ticket_text_hash=text_hash(ticket.text),
        customer_name=ticket.customer_name,
        customer_email=ticket.customer_email,
        channel=channel_of(ticket.contact_preference),
        label=label,
        subject=said.get("SUBJECT"),
        body=said.get("BODY"),
        status=ReplyStatus.NEEDS_REVIEW if findings else ReplyStatus.DRAFT,
        findings=findings,
        outcome=outcome,
        answer=said.get("ANSWER"),
        error=said.get("ERROR"),
        answered_by=None if is_blank else model,
        n_tries=0 if is_blank else n_tries,
        generator_hash=generator_hash,
        prompt_hash=None if is_blank else prompt_hash,
        input_tokens=said.get("INPUT_TOKENS"),
        output_tokens=said.get("OUTPUT_TOKENS"),
    )


def text_hash(text: str) -> str:
    """Return the text's SHA-256 in hexadecimal, as `SHA2(text, 256)` gives it in SQL."""
    return hashlib.sha256(clean(text).encode()).hexdigest()


def rewritable(reply: Reply) -> list[str]:
    """Return the findings that a second try may mend."""
    return [finding.message for finding in reply.findings if finding.can_be_rewritten]


def better(first: Reply, second: Reply) -> Reply:
    """Return the reply to keep of two tries, with the tokens of both: the one with fewer findings, else the second.

    A second try that failed altogether does not cost the customer the first.
    """
    failed = second.body is None or len(second.findings) > len(first.findings)
    kept = first if failed else second
    return kept.model_copy(
        update={
            "n_tries": 2,
            "input_tokens": _sum(first.input_tokens, second.input_tokens),
            "output_tokens": _sum(first.output_tokens, second.output_tokens),
        }
    )


def _findings(
    prompt: ReplyPrompt, ticket: Ticket, said: Mapping[str, Any], label: str | None, outcome: Outcome
) -> tuple[Finding, ...]:
    if outcome is Outcome.BLANK:
        return (_no_reply("The ticket has no text, so nothing was asked."),)
    if said.get("BODY") is None:
        return (_no_reply(f"The model gave no reply: {said.get('ERROR') or 'no reason given'}."),)
    return findings_of(Draft.of(prompt, ticket, label=label, subject=said.get("SUBJECT"), body=said["BODY"]))


def _no_reply(message: str) -> Finding:
    return Finding(check="answered", message=message, can_be_rewritten=False)


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None and second is None else (first or 0) + (second or 0)
