"""What sets one ticket apart from another of its kind: amounts, places, times, reasons, names of services."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cortex_tickets.local.language.value_patterns import AMOUNT, DATE, PERCENT

_NOT_PLACES = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|"
    r"Wednesday|Thursday|Friday|Saturday|Sunday|I|I'm|I've|My|The|Please|Thank|This|These|Customer|Service|Support|"
    r"Email|Dear|Hi|Hello)\b"
)
_PLACE = re.compile(
    rf"\b(?:to|in|from|through|across|around|near|at|visiting|visited)\s+(?P<place>(?:the\s+)?(?!{_NOT_PLACES})[A-Z][\w'-]+"
    rf"(?:\s+(?:and\s+|of\s+)?(?!{_NOT_PLACES})[A-Z][\w'-]+){{0,2}})"
)
_COUNT = r"(?:\d+|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|thirty|a|an|several|a few)"
_UNITS = r"(?:minutes?|hours?|days?|weeks?|months?|years?|nights?)"
_DURATION = re.compile(
    r"(?i)\b(?:within(?: the)?(?: next)?|for(?: the)?(?: (?:past|last|next))?|in(?: the)?(?: next)?|over|since)"
    rf"\s+{_COUNT}\s+{_UNITS}\b|\b{_COUNT}-(?:minute|hour|day|week|month|year)\b"
)
_MONTH = (
    r"(?:january|february|march|april|june|july|august|september|october|november|december|"
    r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|(?-i:May))\.?"
)
_MONTHS = re.compile(
    rf"(?i)\b(?:between|from)\s+{_MONTH}\s+(?:and|to|until)\s+{_MONTH}(?!\w)(?!\s\d)|"
    rf"\b(?:in|since|until|during)\s+{_MONTH}(?![\w.])(?!\s\d)"
)
_REASON = re.compile(
    r"(?i)\b(?:because(?: of)?|due to|for (?:business|personal|family|work|medical|financial)\b"
    r"|for (?:a|my|our) (?:family|child|son|daughter|wife|husband|partner|mother|father|friend|colleague|employee)"
    r"|as (?:i|we)\b|since (?:i|we)\b)[^.!?;,]{2,70}"
)
_QUOTED = re.compile(r"[\"\u201c](?P<quoted>[^\"\u201d\n]{2,40})[\"\u201d]")
_SERVICE = re.compile(
    r"(?i)\b(?:international|domestic|roaming|overseas|wireless|mobile|home|business|data|voice|premium|late|monthly"
    r"|annual|service|currency|transaction)(?:[ -](?:international|roaming|data|voice|calls?|messaging|messages?"
    r"|usage|fees?|charges?|conversion|transaction|internet|plan|speeds?|trip)){1,2}\b"
)
_NUMBERED = re.compile(
    r"(?i)\b(?:order|invoice|case|account|reference|confirmation)\s*(?:number|no\.?|#|id)?\s*:?\s*#?(?P<id>[A-Z]*-?\d[\w-]{2,})\b"
)


@dataclass(frozen=True, slots=True)
class Detail:
    """One particular of a ticket, word for word."""

    kind: str
    text: str
    start: int


_PATTERNS = (
    ("amount", AMOUNT, 0, 3.0),
    ("place", _PLACE, "place", 3.0),
    ("duration", _DURATION, 0, 3.0),
    ("date", DATE, 0, 2.0),
    ("date", _MONTHS, 0, 2.0),
    ("percent", PERCENT, 0, 2.0),
    ("reason", _REASON, 0, 2.0),
    ("number", _NUMBERED, "id", 2.0),
    ("quoted", _QUOTED, "quoted", 1.5),
    ("service", _SERVICE, 0, 1.5),
)
WORTH = {kind: worth for kind, _, _, worth in _PATTERNS}
"""How much a detail of each kind helps to tell tickets apart."""


def details_of(text: str) -> list[Detail]:
    """Return the particulars of an English text, by kind and then in order, each once."""
    found: dict[tuple[str, str], Detail] = {}
    for kind, pattern, group, _ in _PATTERNS:
        for match in pattern.finditer(text):
            detail = Detail(kind, " ".join(match.group(group).split()), match.start(group))
            found.setdefault((kind, detail.text.lower()), detail)
    return list(found.values())
