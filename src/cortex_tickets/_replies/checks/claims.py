"""Finds what a text states that can be checked: amounts, percentages, times, dates, addresses, other numbers.

Figures are found in any language, words for them (`two weeks`, `tomorrow`) in English.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from cortex_tickets._replies.checks.currencies import CODE, NAME, SIGN, WHOSE_SIGN, currency_of
from cortex_tickets._replies.checks.dates import DATE_PATTERNS, date_forms, date_values
from cortex_tickets._replies.checks.numbers import (
    NUMBER,
    NUMBER_WORD,
    SCALE,
    plain_number,
    with_plain_figures,
    without_list_marks,
)

Claims = Mapping[str, Mapping[str, str]]
"""By kind: what is claimed in a form that can be compared, and as it stands in the text."""

_TAKEN = "\x00"
"""Stands for what one kind has taken, so that the next ones do not see it. No text holds it."""
# A second is left out: it is as often the second line as a time.
_UNIT = r"minute|hour|day|night|weekend|week|fortnight|month|year"
_SHORT_UNITS = {"min": "minute", "h": "hour", "hr": "hour", "wk": "week", "mo": "month", "yr": "year"}
_RELATIVE = (
    r"today|tonight|tomorrow|yesterday|overnight|next\s(?:week|month|quarter|year|bill|invoice|statement|business\sday)|"
    r"(?:this|same)[\s-](?:morning|afternoon|evening|day|week|weekend|month|quarter)|"
    r"(?:end|close)\sof\s(?:the\s)?(?:business|day|week|month|quarter|year)|"
    r"(?:by|at|before|until|around)\s(?:noon|midday|midnight)|"
    r"(?:(?:one|two|next|current|this|the|a|your)\s)?billing\s(?:cycles?|periods?)|"
    r"(?:before|by|at|after|until)\s(?:christmas|easter|new\syear)|"
    r"(?:with)?in\s(?:the\s|a\s)(?:minute|hour|day|week|fortnight|month|quarter|year)|"
    r"(?:with)?in\s(?:a\smatter\sof\s)?(?:minutes|hours|days|weeks|months)"
)
_DOMAIN = (
    "com|net|org|io|co|info|biz|app|dev|shop|store|support|help|tel|mobi|gov|edu|xyz|online|site|website|tech|cloud|"
    "link|page|world|live|chat|agency|services|center|eu|uk|de|fr|es|nl|ch|pl|pt|se|ca|au|jp|cn|br|mx|ly|tv|ai|cc|ie|"
    "fi|dk|cz|ru|nz|kr|sg|hk|gl|gg"
)
_COURTEOUS = re.compile(r"(?i)\b(?:thank\s+you|thanks)\b[^.!?\n]{0,60}?\b(?P<day>today)\b")
"""When a customer wrote is no fact that somebody has to have stated."""


def _amount(found: re.Match[str]) -> str:
    part = found.groupdict()
    number = part["after"] or part["before"] or part["coded"]
    unit = part["sign"] or part["unit"] or part["code"]
    return f"{plain_number(number)} {currency_of(unit, whose=part['whose'] or '')}"


def _duration(found: re.Match[str]) -> str:
    last = f" to {plain_number(found['last'])}" if found["last"] else ""
    unit = (found["unit"] or found["short"]).lower()
    return f"{plain_number(found['first'])}{last} {_SHORT_UNITS.get(unit, unit)}"


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
    # Spelled out, as `help at clock dot com`.
    (
        "e-mail address",
        _any_case(rf"(?<![\w-])[\w-]++(?:\s\(?at\)?\s[\w-]++)?\s\(?dot\)?\s(?:{_DOMAIN})\b"),
        _one(_words),
    ),
    (
        "web address",
        _any_case(
            r"(?:https?://|www\.)[^\s<>\"')]++|"
            r"(?<![\w.-])[a-z][\w-]*+(?:\.[\w-]++)*+(?<=\.[a-z]{2})/[a-z0-9]\S*+|"
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
            rf"(?P<whose>{WHOSE_SIGN})(?P<sign>{SIGN})\s?(?P<after>{NUMBER}{SCALE}?)|"
            rf"\b(?P<code>{CODE})\s?(?P<coded>{NUMBER}{SCALE}?)|"
            rf"(?P<before>{NUMBER}{SCALE}?|\b(?:{NUMBER_WORD}|one))[\s-]?(?P<unit>{SIGN}|(?:{CODE}|{NAME})\b)"
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
            rf"(?:\s?(?:-|–|to|or)\s?(?P<last>{NUMBER}|{NUMBER_WORD}))?"
            rf"(?:[\s-](?:(?:business|working|full|more|calendar)\s)?(?P<unit>{_UNIT})s?|"
            rf"[\s-]?(?P<short>{'|'.join(_SHORT_UNITS)})s?)\b"
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
    (
        "share",
        _any_case(r"[½⅓¼¾]|\bhalf\s(?:of|the|off)\b|\b(?:a|one|two|three)[\s-](?:third|quarter)s?\s(?:of|off)\b"),
        _one(_words),
    ),
    ("number", _any_case(rf"(?<![\w.,-])(?<!step\s){NUMBER}{SCALE}?(?!\w)"), _one(_number)),
    ("number", _any_case(rf"\b{NUMBER_WORD}(?=\s+[a-z])"), _one(_number)),
)


def claims(text: str) -> Claims:
    """Return what the text claims, by kind."""
    found: dict[str, dict[str, str]] = {}
    rest = without_list_marks(with_plain_figures(text), _TAKEN)
    rest = _COURTEOUS.sub(lambda found: found[0][: -len(found["day"])] + _TAKEN * len(found["day"]), rest)
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
