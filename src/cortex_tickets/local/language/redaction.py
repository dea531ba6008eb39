"""Personal data in a text, by its form: phonenumbers finds telephones, patterns find the rest.

No model is behind it. Names are found where the text gives them away: after a greeting or a title, in an
introduction, in a signature, or by a common first name. What is written otherwise is missed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain

from phonenumbers import Leniency, PhoneNumberMatcher

from cortex_tickets.local.language.personal_patterns import NAMED, PATTERNS

CATEGORIES = (
    "NAME",
    "EMAIL",
    "PHONE_NUMBER",
    "DATE_OF_BIRTH",
    "GENDER",
    "AGE",
    "ADDRESS",
    "NATIONAL_ID",
    "PASSPORT",
    "TAX_IDENTIFIER",
    "PAYMENT_CARD_DATA",
    "DRIVERS_LICENSE",
    "IP_ADDRESS",
)
_ANY_NAME = re.compile(rf"\b(?={NAMED})")
_SHORT_PHONE = re.compile(r"(?<![\d-])(?:\(?\d{3}\)?[ .-])?\d{3}[-.]\d{4}(?![\d-])")
_FEWEST_CARD_DIGITS = 13
_LUHN_BASE = 10


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of personal data: characters `start` to before `end` of the text."""

    category: str
    start: int
    end: int
    text: str


def personal_data(text: str, categories: Collection[str] = CATEGORIES) -> list[Span]:
    """Return what is found of the categories, in the text's order, never overlapping."""
    found: list[Span] = []
    for span in chain(_by_pattern(text), _telephones(text), _first_names(text)):
        if all(span.end <= other.start or span.start >= other.end for other in found):
            found.append(span)
    return sorted((span for span in found if span.category in categories), key=lambda span: span.start)


def redacted(text: str, categories: Collection[str] = CATEGORIES) -> str:
    """Return the text with `[CATEGORY]` in place of what is found."""
    parts, last = [], 0
    for span in personal_data(text, categories):
        parts += [text[last : span.start], f"[{span.category}]"]
        last = span.end
    return "".join([*parts, text[last:]])


def _by_pattern(text: str) -> list[Span]:
    return [
        Span(category, *match.span("it"), match["it"])
        for category, pattern in _compiled()
        for match in pattern.finditer(text)
        if category != "PAYMENT_CARD_DATA" or _may_be_card(match["it"])
    ]


@cache
def _compiled() -> list[tuple[str, re.Pattern[str]]]:
    return [(category, re.compile(pattern, re.MULTILINE)) for category, pattern in PATTERNS]


def _may_be_card(digits: str) -> bool:
    """Check a card's last digit; a security code has none."""
    numbers = [int(sign) for sign in reversed(digits) if sign.isdigit()]
    if len(numbers) < _FEWEST_CARD_DIGITS:
        return True
    doubled = [sum(divmod(2 * number, _LUHN_BASE)) for number in numbers[1::2]]
    return (sum(numbers[::2]) + sum(doubled)) % _LUHN_BASE == 0


def _telephones(text: str) -> list[Span]:
    if not any(sign.isdigit() for sign in text):
        return []
    known = [
        Span("PHONE_NUMBER", match.start, match.end, match.raw_string)
        for match in PhoneNumberMatcher(text, "US", leniency=Leniency.VALID)
    ]
    return known + [Span("PHONE_NUMBER", *match.span(), match.group()) for match in _SHORT_PHONE.finditer(text)]


def _first_names(text: str) -> list[Span]:
    """Return names that begin with a common first name, with the capitalised words after it."""
    names = _common_first_names()
    return [
        Span("NAME", *match.span("it"), match["it"])
        for match in _ANY_NAME.finditer(text)
        if match["it"].split()[0].lower() in names
    ]


@cache
def _common_first_names() -> frozenset[str]:
    text = resources.files(__package__ or "").joinpath("first_names.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
