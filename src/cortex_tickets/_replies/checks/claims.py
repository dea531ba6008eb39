"""Finds what a text states that can be checked: amounts, percentages, times, dates, addresses, other numbers.

Figures are found in any language, words for them (`two weeks`, `tomorrow`) in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from cortex_tickets._replies.checks.dates import DATE_PATTERNS, date_forms, date_values
from cortex_tickets._replies.checks.numbers import NUMBER, NUMBER_WORD, plain_number, without_list_marks

Claims = Mapping[str, Mapping[str, str]]
"""By kind: what is claimed in a form that can be compared, and as it stands in the text."""

_TAKEN = "\x00"
"""Stands for what one kind has taken, so that the next ones do not see it. No text holds it."""
# A second is left out: it is as often the second line as a time.
_UNIT = r"minute|hour|day|night|weekend|week|fortnight|month|year"
_RELATIVE = (
    r"today|tonight|tomorrow|yesterday|overnight|next\s(?:week|month|year|business\sday)|"
    r"(?:this|same)[\s-](?:morning|afternoon|evening|day|week|weekend|month)|"
    r"(?:end|close)\sof\s(?:the\s)?(?:business|day|week|month)"
)
_DOMAIN = (
    "com|net|org|io|co|info|biz|app|dev|shop|store|support|help|tel|mobi|gov|edu|"
    "uk|eu|de|fr|es|nl|ch|pl|pt|se|ca|au|jp|cn|br|mx"
)
_CURRENCIES = {"$": "usd", "€": "eur", "£": "gbp", "¥": "jpy", "dollar": "usd", "euro": "eur", "pound": "gbp"}
_CURRENCY_WORD = r"dollars?|euros?|pounds?|cents?|USD|EUR|GBP"


def _amount(found: re.Match[str]) -> str:
    unit = (found["sign"] or found["unit"]).lower().rstrip("s")
    return f"{plain_number(found['after'] or found['before'])} {_CURRENCIES.get(unit, unit)}"


def _duration(found: re.Match[str]) -> str:
    last = f" to {plain_number(found['last'])}" if found["last"] else ""
    return f"{plain_number(found['first'])}{last} {found['unit'].lower()}"


def _time(found: re.Match[str]) -> str:
    parts = found.groupdict()
    hour, half = int(parts["hour"]), (parts.get("half") or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour}:{parts.get('minute') or '00'}"


def _address(found: re.Match[str]) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", found[0].lower()).rstrip("/.,;:!?)")


def _number(found: re.Match[str]) -> str:
    return plain_number(found[0])


def _lower(found: re.Match[str]) -> str:
    return found[0].lower()


def _words(found: re.Match[str]) -> str:
    return " ".join(found[0].lower().replace("-", " ").split())


def _one(value: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], Iterable[str]]:
    return lambda found: (value(found),)


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], Iterable[str]]], ...] = (
    # In this order. The ticket is searched, too, and may be written to be slow to search: so what may be long is found
    # from its first character only, and never given back.
    ("e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)++"), _one(_lower)),
    (
        "web address",
        _any_case(
            r"(?:https?://|www\.)[^\s<>\"')]++|"
            rf"(?<![\w-])(?<!\w\.)[\w-]++(?:\.(?!(?:{_DOMAIN})\b)[\w-]++)*+\.(?:{_DOMAIN})\b(?:/\S*+)?"
        ),
        _one(_address),
    ),
    (
        "percentage",
        _any_case(rf"(?P<number>{NUMBER})\s?(?:%|percent\b|per\scent\b)"),
        _one(lambda found: plain_number(found["number"])),
    ),
    (
        "amount",
        _any_case(
            rf"(?P<sign>[$€£¥])\s?(?P<after>{NUMBER})|"
            rf"(?P<before>{NUMBER}|\b{NUMBER_WORD})\s?(?P<unit>[$€£¥]|(?:{_CURRENCY_WORD})\b)"
        ),
        _one(_amount),
    ),
    (
        "time",
        _any_case(r"(?<![\w:.])(?P<hour>1[0-2]|0?[1-9])(?:[:.](?P<minute>[0-5]\d))?\s?(?P<half>[ap])\.?m\b"),
        _one(_time),
    ),
    ("time", _any_case(r"(?<![\w:])(?P<hour>\d{1,2})\s?o['’]clock\b"), _one(_time)),
    ("time", re.compile(r"(?<![\w:])(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?![\w:])"), _one(_time)),
    *(("date", pattern, date_values) for pattern in DATE_PATTERNS),
    (
        "duration",
        _any_case(
            rf"(?:(?P<first>{NUMBER}|\b(?:{NUMBER_WORD}|one|half\san?|(?:an?\s)?couple\sof|(?:an?\s)?few|several)"
            # "$10 a day" and "twice a week" are rates, not a day and a week.
            rf"|(?<!{_TAKEN}\s)(?<!once\s)(?<!twice\s)(?<!times\s)\ban?))"
            rf"(?:\s?(?:-|–|to|or)\s?(?P<last>{NUMBER}|{NUMBER_WORD}))?[\s-]"
            rf"(?:(?:business|working|full|more|calendar)\s)?(?P<unit>{_UNIT})s?\b"
        ),
        _one(_duration),
    ),
    ("date", _any_case(rf"\b(?:{_RELATIVE})\b"), _one(_words)),
    ("date", re.compile(r"(?<![\w.,$-])(?:19|20)\d\d(?!\w|,\d)"), _one(_words)),
    (
        "phone number",
        re.compile(r"(?<![\w.])\+?\(?\d(?:[\s().-]{0,2}\d){6,14}(?!\w)"),
        _one(lambda found: re.sub(r"\D", "", found[0])),
    ),
    ("reference", re.compile(r"(?<![\w-])(?=[A-Z-]*+\d)(?=[0-9-]*+[A-Z])[A-Z0-9][A-Z0-9-]{3,}+(?!\w)"), _one(_lower)),
    ("number", _any_case(rf"(?<![\w.,-])(?<!step\s){NUMBER}(?!\w)"), _one(_number)),
    ("number", _any_case(rf"\b{NUMBER_WORD}(?=\s+[a-z])"), _one(_number)),
)


def claims(text: str) -> Claims:
    """Return what the text claims, by kind."""
    found: dict[str, dict[str, str]] = {}
    rest = without_list_marks(text, _TAKEN)
    for kind, pattern, values in _KINDS:
        matches = list(pattern.finditer(rest))
        for match in matches:
            for value in values(match):
                found.setdefault(kind, {}).setdefault(value, match[0].strip())
        if matches:
            rest = pattern.sub(lambda match: _TAKEN * len(match[0]), rest)
    return found


def unsupported_claims(said: str, allowed: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the words of each claim of `said` that `allowed` does not make."""
    stated = claims(said)
    # A long ticket is searched only if there is something to look for.
    known = claims(allowed) if stated else {}
    dates = {form for value in known.get("date", ()) for form in date_forms(value)}
    # A bare number may be one that stood there with its unit.
    numbers = {value.split()[0] for kind in ("amount", "percentage", "duration") for value in known.get(kind, ())}
    supported = {
        **{kind: set(values) for kind, values in known.items()},
        "date": dates,
        "number": numbers | set(known.get("number", ())),
    }
    for kind, values in stated.items():
        for value, shown in values.items():
            if value not in supported.get(kind, set()):
                yield kind, shown
