"""Finds what a text states that can be checked: amounts, percentages, durations, dates, addresses, other numbers."""

from __future__ import annotations

import re
from collections.abc import Callable

Claims = dict[str, dict[str, str]]
"""By kind: what is claimed in a form that can be compared, and as it stands in the text."""

_NUMBER_NAMES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"),
)
_NUMBER_WORDS = {name: str(number) for number, name in enumerate(_NUMBER_NAMES)} | {
    "a": "1",
    "an": "1",
    "couple of": "2",
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "ninety": "90",
}
_WORD = "|".join(sorted(_NUMBER_WORDS, key=len, reverse=True))
# The ticket is searched, too, and may be written to be slow to search: so what may be long is found from its first
# character only and never given back, and no search takes longer than the text is long.
_NUMBER = r"(?<!\d)(?<!\d,)\d++(?:,\d++)*+(?:\.\d++)?"
# A second is left out: it is as often the second line as a time.
_UNIT = r"minute|hour|day|week|weekend|month|year"
_MONTH = "January|February|March|April|June|July|August|September|October|November|December"
_DAY = "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
_RELATIVE = r"today|tonight|tomorrow|yesterday|next (?:week|month|year|business day)"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _plain_number(text: str) -> str:
    number = text.lower().replace(",", "")
    number = _NUMBER_WORDS.get(number, number)
    return number.rstrip("0").rstrip(".") if "." in number else number


def _duration(found: re.Match[str]) -> str:
    last = f" to {_plain_number(found['last'])}" if found["last"] else ""
    return f"{_plain_number(found['first'])}{last} {found['unit'].lower()}"


def _address(found: re.Match[str]) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", found[0].lower()).rstrip("/.,;:!?)")


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    # In this order: what one kind has taken, the next ones do not see.
    ("e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"), lambda found: found[0].lower()),
    (
        "web address",
        re.compile(
            r"(?:https?://|www\.)[^\s<>\"')]+|\b(?<![\w-])(?<!\w\.)[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|co|info|de|uk|eu)\b(?:/\S*)?",
            re.IGNORECASE,
        ),
        _address,
    ),
    (
        "percentage",
        re.compile(rf"(?P<number>{_NUMBER})\s?(?:%|percent\b|per cent\b)", re.IGNORECASE),
        lambda found: _plain_number(found["number"]),
    ),
    (
        "amount",
        re.compile(
            rf"[$€£¥]\s?(?P<after>{_NUMBER})|(?P<before>{_NUMBER})\s?(?:[€£¥]|(?:dollars?|euros?|pounds?|cents?|USD|EUR|GBP)\b)",
            re.IGNORECASE,
        ),
        lambda found: _plain_number(found["after"] or found["before"]),
    ),
    ("date", re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b"), lambda found: found[0]),
    (
        "duration",
        re.compile(
            rf"\b(?P<first>{_NUMBER}|{_WORD})(?:\s?(?:-|–|to|or)\s?(?P<last>{_NUMBER}|{_WORD}))?[\s-]"
            rf"(?:(?:business|working|full|more|calendar)\s)?(?P<unit>{_UNIT})s?\b",
            re.IGNORECASE,
        ),
        _duration,
    ),
    ("date", re.compile(rf"\b(?:{_MONTH}|{_DAY})\b|\bMay(?=\s+\d)|(?<=\d )May\b"), lambda found: found[0].lower()),
    ("date", re.compile(rf"\b(?:{_RELATIVE})\b", re.IGNORECASE), lambda found: found[0].lower()),
    ("date", re.compile(r"\b(?:19|20)\d\d\b"), lambda found: found[0]),
    (
        "phone number",
        re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)"),
        lambda found: _digits(found[0]),
    ),
    ("number", re.compile(r"(?<![\w.,])\d{2,}(?:[.,]\d+)*(?!\w)"), lambda found: _plain_number(found[0])),
)


def claims(text: str) -> Claims:
    """Return what the text claims, by kind."""
    found: Claims = {}
    rest = text
    for kind, pattern, value in _KINDS:
        for match in pattern.finditer(rest):
            found.setdefault(kind, {}).setdefault(value(match), match[0].strip())
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)
    return found
