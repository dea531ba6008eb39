"""Is the reply in the language of its ticket?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.languages import language_of
from cortex_tickets._replies.checks.sentences import sentences
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_FEWEST_WORDS = 7
_WORD = re.compile(r"[^\W\d_]{4,}")
_SAME = 5


def other_language(draft: Draft) -> Iterator[Finding]:
    """The reply is in the ticket's language, every sentence of it, where both can be told."""
    asked, answered = language_of(draft.ticket.text) or _presumed(draft), language_of(draft.body)
    if asked and answered and asked != answered:
        yield _found(asked, answered)
        return
    if asked is None:
        return
    for sentence in sentences(draft.body):
        said = language_of(sentence) if len(sentence.split()) >= _FEWEST_WORDS else None
        if said and said != asked:
            yield _found(asked, said)
            return


def _presumed(draft: Draft) -> str | None:
    """Return the playbook's language for a ticket of a few words that are the playbook's, too."""
    company = " ".join((draft.entry.label, draft.entry.goal, *draft.entry.facts))
    known = {word.lower()[:_SAME] for word in _WORD.findall(company)}
    n_shared = len({word.lower()[:_SAME] for word in _WORD.findall(draft.ticket.text)} & known)
    return language_of(company) if n_shared > 1 else None


def _found(asked: str, answered: str) -> Finding:
    return Finding(
        check="other_language",
        message=f"The reply is in another language than the ticket: {answered} instead of {asked}.",
    )
