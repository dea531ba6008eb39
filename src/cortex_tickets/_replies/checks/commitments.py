"""Finds where an English text commits the company: it will do something, is doing it, has done it, or it is settled.

Each kind of commitment is a form of words, with every verb of `deeds` in it. What is denied, left open, or told back to
the customer is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from cortex_tickets._replies.checks.deeds import alternatives, deed_of
from cortex_tickets._replies.checks.sentences import is_open, is_reported, sentences


class Strength(IntEnum):
    """How much is said: what may be done, what will be, and what is done already."""

    CAN = 1
    WILL = 2
    DONE = 3


@dataclass(frozen=True, slots=True)
class Commitment:
    """One commitment: what is done, how surely, and the sentence that says it."""

    deed: str
    strength: Strength
    words: str
    sentence: str


_ADVERB = r"(?:(?:now|already|also|just|then|soon|even|still|of\s+course|happily|\w+ly)\s+){0,2}"
_STAFF = (
    r"(?:teams?|departments?|desk|specialists?|technicians?|colleagues?|engineers?|agents?|managers?|"
    r"representatives?|support|advis[eo]rs?|experts?)"
)
_WE = rf"\b(?:we|i|(?:a|an|the|our|your|my|one\s+of\s+our)\s+(?:[\w-]+\s+){{0,2}}?{_STAFF})"
_EAGER = r"(?:happy|glad|pleased|able|ready|delighted|about|going|sure|set)\s+to"
_FUTURE = (
    rf"(?:['’]ll|\s+will|\s+shall|(?:['’]d|\s+would)\s+(?:be\s+(?:\w+\s+)?{_EAGER}|like\s+to|love\s+to)|"
    rf"(?:['’]re|['’]m|\s+are|\s+am|\s+is)\s+(?:\w+ly\s+)?{_EAGER}|"
    r"\s+(?:plan|intend|promise|agree|aim|decided|agreed|offer)s?\s+to|\s+gladly)"
)
_POSSIBLE = r"(?:\s+can|\s+could)"
_AHEAD = r"(?:(?:go|gone|went|going)\s+ahead\s+and\s+|make\s+sure\s+to\s+)?"
_BE = r"(?:is|are|was|were|am|['’]s|['’]re)"
_BASE, _PAST, _PARTICIPLE, _GERUND = map(alternatives, ("base", "past", "participle", "gerund"))
_MAIN_PARTICIPLE = alternatives("participle", with_minor=False)
_MAIN_BASE = alternatives("base", with_minor=False)
_MONEY = (
    r"(?:refunds?|credits?|reimbursements?|replacements?|compensation|repayment|discounts?|waiver|rebate|"
    r"money(?:\s+back)?|cash\s?back)"
)
_SOME = r"(?:[\w$€£.,%'’-]+\s+){0,4}?"
_DEED_AT_END = "deed"


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _active(modal: str) -> re.Pattern[str]:
    return _any_case(
        rf"{_WE}{modal}\s+{_ADVERB}{_AHEAD}(?:be\s+{_ADVERB}(?P<g>{_GERUND})|have\s+{_ADVERB}(?P<p>{_PARTICIPLE})|"
        rf"(?P<b>{_BASE}))\b"
    )


_DEEDS: tuple[tuple[Strength, re.Pattern[str]], ...] = (
    (Strength.WILL, _active(_FUTURE)),
    (Strength.CAN, _active(_POSSIBLE)),
    (Strength.DONE, _any_case(rf"{_WE}(?:['’]ve|\s+(?:have|has|had))\s+{_ADVERB}{_AHEAD}(?P<p>{_PARTICIPLE})\b")),
    (Strength.WILL, _any_case(rf"{_WE}(?:['’]re|['’]m|\s+(?:are|am|is))\s+{_ADVERB}(?P<g>{_GERUND})\b")),
    (Strength.DONE, _any_case(rf"{_WE}\s+{_ADVERB}{_AHEAD}(?P<p>{_PAST})\b")),
    (Strength.WILL, _any_case(rf"\b(?:we|i)\s+{_ADVERB}(?P<b>{_MAIN_BASE})\b(?!\s+team)")),
    # "We will have this fixed", and so may "you".
    (
        Strength.WILL,
        _any_case(rf"{_WE}(?:{_FUTURE}|{_POSSIBLE})\s+(?:have|get)\s+(?:[\w-]+\s+){{1,4}}?(?P<p>{_PARTICIPLE})\b"),
    ),
    (
        Strength.WILL,
        _any_case(
            rf"(?:\b(?:will|shall|(?:is|are)\s+(?:going|about)\s+to)|['’]ll)\s+{_ADVERB}(?:be\s+{_ADVERB}|get\s+)"
            rf"(?P<p>{_PARTICIPLE}|contacted)\b"
        ),
    ),
    (Strength.CAN, _any_case(rf"\b(?:can|could)\s+{_ADVERB}be\s+{_ADVERB}(?P<p>{_PARTICIPLE})\b")),
    (
        Strength.DONE,
        _any_case(rf"(?:\b(?:has|have|had)|['’](?:s|ve))\s+{_ADVERB}been\s+{_ADVERB}(?P<p>{_PARTICIPLE})\b"),
    ),
    (Strength.WILL, _any_case(rf"\b{_BE}\s+{_ADVERB}being\s+{_ADVERB}(?P<p>{_PARTICIPLE})\b")),
    (Strength.DONE, _any_case(rf"\b{_BE}\s+{_ADVERB}(?P<p>{_MAIN_PARTICIPLE})\b")),
    (
        Strength.DONE,
        _any_case(rf"\b{_MONEY}\s+{_SOME}{_BE}\s+{_ADVERB}(?P<p>{_PARTICIPLE}|made|paid|confirmed)\b"),
    ),
)
_SETTLED: tuple[tuple[str, Strength, re.Pattern[str]], ...] = (
    (
        "refund",
        Strength.WILL,
        _any_case(
            rf"\b{_MONEY}\s+{_SOME}{_BE}\s+{_ADVERB}(?:on\s+(?:its|the|their)\s+way|coming|in\s+process|under\s?way|"
            r"in\s+progress|due\s+to\s+you|yours)\b"
        ),
    ),
    (
        "refund",
        Strength.WILL,
        _any_case(
            rf"(?:\byou(?:\s+(?:will|shall|can|should|are\s+going\s+to)|['’]ll)\s+{_ADVERB}(?:also\s+)?"
            r"(?:expect|receive|get|see|have|be\s+(?:getting|receiving|given))\s+"
            rf"|(?:^|[,;:]\s|\bplease\s+)(?:please\s+)?(?:you\s+(?:get|receive)\s+|expect\s+)){_SOME}(?:{_MONEY}|back)\b"
        ),
    ),
    (
        "refund",
        Strength.WILL,
        _any_case(
            rf"{_WE}(?:{_FUTURE}|{_POSSIBLE})?\s+{_ADVERB}(?:pay|give|send|put|get|paid|gave|sent|make\s+sure\s+(?:that\s+)?"
            r"you\s+(?:get|receive|have))\s+(?:[\w$€£.,-]+\s+){1,5}?back\b"
        ),
    ),
    ("refund", Strength.WILL, _any_case(r"\b(?:comes?|will\s+come|goes|will\s+go)\s+back\s+to\s+you\b")),
    (
        "waive",
        Strength.WILL,
        _any_case(
            r"\b(?:you\s+(?:(?:do|will|need)\s+not|don['’]t|won['’]t|no\s+longer)\s+(?:(?:have|need)\s+to\s+)?"
            r"(?:pay|owe|be\s+(?:charged|billed))|you\s+owe\s+(?:us\s+)?nothing|(?:it|this)\s+is\s+on\s+us)\b"
        ),
    ),
    (
        "activate",
        Strength.DONE,
        _any_case(
            r"\b(?:your|the|this)\s+(?:[\w$€£-]+\s+){1,3}?(?:is|are)\s+(?:now\s+|already\s+)?"
            r"(?:active|live|complete|done|up\s+and\s+running)\b(?!\s+(?:in|for)\b)"
        ),
    ),
    (
        "guarantee",
        Strength.WILL,
        _any_case(
            r"(?<!not\s)(?<!no\s)(?<!cannot\s)(?<!['’]t\s)(?:\bguarantee\w*|\b(?:we|i)\s+promise\b|\brest\s+assured\b|"
            r"\bconsider\s+it\s+(?:done|settled|solved)\b)"
        ),
    ),
    (
        "waive",
        Strength.WILL,
        _any_case(
            r"(?<!not\s)\b(?:free\s+of\s+charge|for\s+free|at\s+no\s+(?:extra\s+|additional\s+)?(?:cost|charge))\b"
        ),
    ),
    (
        "guarantee",
        Strength.WILL,
        _any_case(
            r"\b(?:garantier\w*|garantiz\w*|garanti(?:r|ssons)|kostenlos\w*|gratuit\w*|gratis|"
            r"erstatten\s+(?:wir|ihnen)|(?:werden?|wird|wurden?)\s+(?:[\w$€.,]+\s+){0,5}?(?:erstattet|gutgeschrieben|"
            r"storniert|gekündigt|gesperrt|erlassen)|wir\s+(?:[\w$€.,]+\s+){0,6}?erstatten|rembours(?:er|ons|erons|é)\w*|"
            r"reembols(?:o|ar|aremos|amos|ado)\w*)\b"
        ),
    ),
)


def commitments(text: str, *, ticket: str = "") -> Iterator[Commitment]:
    """Yield what a text commits the company to.

    Args:
        text: What is said.
        ticket: The customer's words: what happened before is no promise where it is told back.
    """
    for sentence in sentences(text):
        for strength, pattern in _DEEDS:
            for found in pattern.finditer(sentence):
                form = next(value for value in found.groupdict().values() if value)
                commitment = Commitment(deed_of(form), strength, _shown(found), sentence)
                if not _is_none(commitment, found, ticket):
                    yield commitment
        for deed, strength, pattern in _SETTLED:
            for found in pattern.finditer(sentence):
                commitment = Commitment(deed, strength, _shown(found), sentence)
                if not _is_none(commitment, found, ticket):
                    yield commitment


def _is_none(commitment: Commitment, found: re.Match[str], ticket: str) -> bool:
    """Tell whether it is left open, denied, or what the customer said."""
    sentence, start = commitment.sentence, found.start()
    if is_open(sentence, start):
        return True
    is_ours = re.match(_WE, found[0], re.IGNORECASE) is not None
    is_past_of_theirs = commitment.strength is Strength.DONE and not is_ours and commitment.deed[:5] in ticket.lower()
    return is_reported(sentence, start, may_go_on=is_past_of_theirs)


def _shown(found: re.Match[str]) -> str:
    return " ".join(found[0].split()).strip(" ,;:.!?")
