"""Is the reply in the language of its ticket?"""

from __future__ import annotations

from collections.abc import Iterator

from cortex_tickets._replies.checks.languages import language_of
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding


def other_language(draft: Draft) -> Iterator[Finding]:
    """The reply is in the ticket's language, where both can be told."""
    asked, answered = language_of(draft.ticket.text), language_of(draft.body)
    if asked and answered and asked != answered:
        yield Finding(
            check="other_language",
            message=f"The reply is in another language than the ticket: {answered} instead of {asked}.",
        )
