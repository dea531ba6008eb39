"""Does the reply speak to its own customer?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.greetings import greetings
from cortex_tickets._replies.checks.languages import FREQUENT_WORDS
from cortex_tickets._replies.checks.name_forms import composed, name_words, plain_name
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_WORD = re.compile(r"[^\W\d_](?:[\w'.-]*\w)?")
# Names that are words, too: these are a name only where somebody is called.
_WORDS_TOO = FREQUENT_WORDS | frozenset(
    word
    for words in (
        "will bill mark may grace hope joy art rich sue pat faith april june summer dawn rose lily iris jack",
        "grant chase frank drew dale guy miles olive ruby amber autumn charity chance christian earnest eve",
        "gene ginger heather holly ivy jean jewel mercy norm olive patience penny pierce reed rob rusty sandy",
        "skip sky star sunny violet wade ward young brown green white black long short price law king call",
        "post stone wood field hill lane street page",
    )
    for word in words.split()
)

_GREETS = re.compile(
    r"\W*(?:hi|hello|hey|dear|good|greetings|hola|bonjour|hallo|guten|liebe|sehr|estimad|cher|thank|thanks|sorry)",
    re.IGNORECASE,
)
_GREETING_WORDS = 4


def right_customer(draft: Draft) -> Iterator[Finding]:
    """The customer is called by the right name, and nobody else is greeted."""
    parts = name_parts(draft.ticket.customer_name)
    if parts and not any(_is_called(part, draft.body) for part in parts if len(part) > 1 or len(parts) == 1):
        yield Finding(check="right_customer", message="The reply does not call the customer by name.")
    # What begins a message before a comma may be its matter: "Roaming, $90: a specialist looks at it".
    matter = FREQUENT_WORDS.union(name_words(f"{draft.ticket.text}\n{draft.entry.label}\n{draft.signature}"))
    others = dict.fromkeys(
        name
        for greeting in greetings(draft.body, parts)
        for name in greeting.names
        if plain_name(name) not in parts
        and not _is_initial(name, parts)
        and not (not greeting.is_said and plain_name(name) in matter)
    )
    for name in others:
        yield Finding(check="right_customer", message=f'The reply greets "{name}", who is not the customer.')


def name_parts(name: str | None) -> frozenset[str]:
    """Return the words of a name in the form in which they are compared, parts of a double name too."""
    words = [plain_name(word).strip(".,") for word in (name or "").split()]
    halves = [half for word in words if "-" in word for half in word.split("-")]
    return frozenset(word for word in (*words, *halves) if word)


def _is_called(part: str, body: str) -> bool:
    """Tell whether a name is called, rather than told of: at the start, after a greeting, or between signs."""
    said = composed(body)
    # Most words of a very long name are in no letter: a look tells that sooner than a search.
    if part not in plain_name(said):
        return False
    if not _WORD.fullmatch(part):
        # No name that a sentence could have by chance.
        return True
    return any(
        plain_name(found[0]) == part and _is_vocative(said, found.start(), found.end(), part)
        for found in _WORD.finditer(said)
    )


def _is_vocative(said: str, start: int, end: int, part: str) -> bool:
    before, after = said[:start].rstrip(" "), said[end:]
    if part in _WORDS_TOO and said[start].islower():
        return False
    if re.match(r"'s?\b", after):
        return False
    at_start = not before or before.endswith("\n")
    if re.match(r"\.?\s*(?:[,:!?;\n\u2013\u2014\uff0c\u3001]|\.(?=\s|$)|-\s|$)", after):
        return True
    if at_start:
        return part not in _WORDS_TOO
    # "Dear Ann Lee", "Hi Ann thanks for writing".
    line = before.rpartition("\n")[2]
    return len(line.split()) <= _GREETING_WORDS and _GREETS.match(line) is not None and part not in ("will", "may")


def _is_initial(name: str, parts: frozenset[str]) -> bool:
    return len(name.strip(".")) == 1 and any(part.startswith(plain_name(name.strip("."))) for part in parts)
