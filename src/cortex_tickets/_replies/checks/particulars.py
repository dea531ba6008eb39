"""Does the reply use what its ticket gives: amounts, places, dates and durations, or else the reason?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.claims import Claims, claims
from cortex_tickets._replies.checks.dates import date_forms
from cortex_tickets._replies.checks.languages import FREQUENT_WORDS
from cortex_tickets._replies.checks.name_forms import composed, is_of, name_words, places_of_same_name
from cortex_tickets.prompts.delimiter import clean
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_NO_PLACE = frozenset(
    word
    for words in (
        "january february march april may june july august september october november december monday tuesday",
        "wednesday thursday friday saturday sunday customer service support email please internet wi-fi wifi",
        "english android iphone jan feb mar apr jun jul aug sep sept oct nov dec",
    )
    for word in words.split()
)
_PLACE = re.compile(
    r"\b(?:to|in|from|through|across|around|near|visiting|visited|nach|aus|à|en)\s+(?:the\s+)?"
    r"(?P<place>[A-ZÀ-Þ][\w'-]+(?:\s+(?:of\s+)?[A-ZÀ-Þ][\w'-]+){0,2})"
)
_REASON = re.compile(
    r"\b(?:because(?:\s+of)?|due\s+to|owing\s+to|as\s+(?=i\b|we\b)|since\s+(?=i\b|we\b)|for\s+(?=business|personal|family|"
    r"medical|work|a\s+family|my\s+(?:wife|husband|son|daughter|child|mother|father|partner)))\s*(?P<reason>[^.!?;,\n]{3,80})",
    re.IGNORECASE,
)
_MOVING = re.compile(
    r"^(?:(?:next|this|same|end|close|by|at|before|within|in)\b|today|tonight|tomorrow|yesterday|overnight)"
)
_READ = 20_000
_SAME = 5


def ticket_details_used(draft: Draft) -> Iterator[Finding]:
    """A reply names an amount and a place that its ticket gives, and a date or a duration unless it has named both.

    Where a ticket gives nothing of all this but a reason, the reply takes up the reason.
    """
    text = composed(clean(draft.ticket.text)[:_READ])
    if draft.ticket.text.strip() == "" or not text:
        return
    said = composed(draft.said)
    given, used = claims(text), claims(said)
    missing: list[str] = []
    n_used = 0
    kinds = {
        "amount": _shared(set(given.get("amount", ())), set(used.get("amount", ()))),
        "place": _place_is_named(text, said),
        "date or duration": _time_is_named(given, used),
    }
    for kind, is_used in kinds.items():
        # Two particulars tell one ticket from another, and a text message has no room for more.
        if is_used is False and not (kind == "date or duration" and n_used > 1):
            missing.append(kind)
        n_used += is_used is True
    if not n_used and not missing and _reason_is_named(text, said) is False:
        missing.append("reason")
    if missing:
        listed = " and the ".join(missing)
        yield Finding(
            check="ticket_details_used", message=f"The reply does not name the {listed} that the ticket gives."
        )


def _shared(given: set[str], used: set[str]) -> bool | None:
    """Tell whether one of what is given is used; `None` where nothing is given."""
    return bool(given & used) if given else None


def _time_is_named(given: Claims, used: Claims) -> bool | None:
    times = [_times(found) for found in (given, used)]
    if not times[0]:
        return None
    forms = {form for time in times[0] for form in date_forms(time)}
    return bool(forms & times[1])


def _times(found: Claims) -> set[str]:
    fixed = (value for kind in ("date", "duration") for value in found.get(kind, ()))
    return {value for value in fixed if not _MOVING.match(value)}


def _place_is_named(text: str, said: str) -> bool | None:
    places = [set(name_words(found["place"])) - _NO_PLACE - FREQUENT_WORDS for found in _PLACE.finditer(text)]
    places = [place for place in places if place]
    if not places:
        return None
    words = set(name_words(said))
    words |= places_of_same_name(words)
    return any(
        word in words or any(is_of(other, {word}) for other in words)
        for place in places
        for word in (*place, *places_of_same_name(place))
        if len(word) > 1
    )


def _reason_is_named(text: str, said: str) -> bool | None:
    reasons = [_stems(found["reason"]) for found in _REASON.finditer(text)]
    reasons = [reason for reason in reasons if reason]
    if not reasons:
        return None
    words = _stems(said)
    return any(reason & words for reason in reasons)


def _stems(text: str) -> set[str]:
    return {word[:_SAME] for word in name_words(text) if word not in FREQUENT_WORDS and len(word) > 3}  # noqa: PLR2004  the short ones say little
