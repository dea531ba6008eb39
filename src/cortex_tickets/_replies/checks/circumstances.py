"""What no other wording could mend: the ticket, or the playbook, leaves something open."""

from __future__ import annotations

from collections.abc import Iterator

from cortex_tickets.prompts.reply_prompt import is_known_preference
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding


def known_preference(draft: Draft) -> Iterator[Finding]:
    """The ticket says how its customer wants to be answered, in words that are known."""
    if not is_known_preference(draft.ticket.contact_preference):
        yield Finding(
            check="known_preference",
            message="The contact preference is neither Email nor Text Message; an email was written.",
            can_be_rewritten=False,
        )


def usable_label(draft: Draft) -> Iterator[Finding]:
    """The ticket has a label, so that the playbook knows what may be said."""
    if draft.label is None:
        yield Finding(
            check="usable_label",
            message="The ticket has no usable label; the reply says only what the generic entry allows.",
            can_be_rewritten=False,
        )


def label_in_playbook(draft: Draft) -> Iterator[Finding]:
    """The playbook has an entry for the ticket's label."""
    if draft.label is None or draft.label == draft.entry.label:
        return
    hint = f" It has one for {draft.label_meant!r}." if draft.label_meant else ""
    yield Finding(
        check="label_in_playbook",
        message=f"The playbook has no entry for the label {draft.label!r}; the reply says only what the generic entry "
        f"allows.{hint}",
        can_be_rewritten=False,
    )
