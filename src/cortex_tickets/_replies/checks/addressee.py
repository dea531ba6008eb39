"""Does the reply speak to its own customer?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets.records.draft import Draft
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
