"""Drafts for the tests of the checks: one ticket, and letters around a sentence."""

from __future__ import annotations

from cortex_tickets._replies.checks.check_set import CheckSet
from cortex_tickets._replies.making import draft_of
from cortex_tickets.prompts.reply_prompt import ReplyPrompt
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.playbook import Playbook, PlaybookEntry
from cortex_tickets.records.ticket import Ticket

TEXT = "I was charged $90 for roaming in Japan in June 2024, for two weeks. Write to me at ann@clock.com."
LEFT_OUT = "ticket_details_used"


def letter(said: str, *, name: str = "Ann") -> str:
    """Return an email that says one thing."""
    return f"Dear {name},\n\n{said}\n\nKind regards,\nCustomer Support"


def draft(
    body: str,
    *,
    preference: str = "Email",
    label: str = "Roaming fees",
    text: str = TEXT,
    name: str | None = "Ann",
    campaign: str | None = None,
    facts: tuple[str, ...] | None = None,
    subject: str = "Your message",
) -> Draft:
    """Return a reply to the ticket as the checks see it, of the built-in playbook or of one with these facts."""
    playbook = Playbook.default()
    if facts is not None:
        entry = PlaybookEntry(label=label, goal="Help.", facts=facts, may_offer=True)
        playbook = Playbook(entries=(entry,), generic=entry, tone="Calm.", signature="Customer Support")
    ticket = Ticket(
        id="TR1", text=text, customer_name=name, customer_email="ann@clock.com", contact_preference=preference
    )
    prompt = ReplyPrompt(playbook=playbook, campaign=campaign)
    return draft_of(prompt, ticket, label=label, subject=subject if preference == "Email" else None, body=body)


def found_by(made: Draft) -> set[str]:
    """Return the names of the checks that find something, but for what was left out of so short a letter."""
    return {finding.check for finding in CheckSet().findings(made)} - {LEFT_OUT}
