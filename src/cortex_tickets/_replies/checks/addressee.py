"""Does the reply speak to its own customer?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.draft import Draft
from cortex_tickets.prompts.reply_prompt import is_known_preference
from cortex_tickets.records.reply import Finding

_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hola|bonjour|hallo|guten tag|liebe[r]?|"
    r"sehr geehrte[r]?|estimad[oa]|cher|chère|ciao|caro|cara)[ ,]+((?:(?:mr|ms|mrs|dr|frau|herr)\.?\s+)?[\w'’.-]+)",
    re.IGNORECASE,
)
_NOBODY = {"there", "customer", "valued", "sir", "madam", "all", "everyone", "team", "friend", "we", "thank", "thanks"}
_TITLE = re.compile(r"^(?:mr|ms|mrs|dr|frau|herr)\.?\s+", re.IGNORECASE)


def right_customer(draft: Draft) -> Iterator[Finding]:
    """The customer is called by the right name, and nobody else is greeted."""
    parts = _name_parts(draft.ticket.customer_name)
    if parts and not any(_stands_in(part, draft.body) for part in parts):
        yield Finding(check="right_customer", message="The reply does not call the customer by name.")
    greeted = _greeted(draft.body)
    if greeted and greeted.lower() not in {part.lower() for part in parts} | _NOBODY:
        yield Finding(check="right_customer", message=f'The reply greets "{greeted}", who is not the customer.')


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


def _stands_in(part: str, body: str) -> bool:
    # Most words of a very long name are in no letter: a look tells that sooner than a search.
    return part.lower() in body.lower() and (
        re.search(rf"(?<!\w){re.escape(part)}(?!\w)", body, re.IGNORECASE) is not None
    )


def _name_parts(name: str | None) -> list[str]:
    """Return the whole name and each of its words, initials excepted."""
    words = (name or "").split()
    return [" ".join(words), *(word for word in words if len(word.strip(".")) > 1)] if words else []


def _greeted(body: str) -> str | None:
    found = _GREETING.match(body)
    return _TITLE.sub("", found[1]).rstrip(".'’-") if found else None
