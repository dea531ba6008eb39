"""Values that can be read off a text by their form: addresses, numbers, dates, amounts, names."""

from __future__ import annotations

import re
from collections import Counter

from cortex_tickets.local.language.sentences import sentences_of, without_speaker

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')]+[^\s<>\"').,;:!?]")
DATE = re.compile(
    rf"\b\d{{4}}-\d{{2}}-\d{{2}}\b|\b\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}\b"
    rf"|\b{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b(?: \d{{4}})?"
    rf"|\b{_MONTH} \d{{4}}\b"
)
AMOUNT = re.compile(
    r"(?<![\w$\u20ac\u00a3])(?:US)?[$\u20ac\u00a3\u00a5]\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:k|million|billion)\b)?"
    r"|\b\d[\d,]*(?:\.\d+)?\s?(?:\u20ac|\u00a3|(?:USD|EUR|GBP|CHF|dollars?|euros?|pounds?)\b)"
)
PHONE = re.compile(
    r"(?<![\w.,$\u20ac\u00a3+])(?=\+?(?:[\s().-]{0,2}\d){7})(?:\+\d{1,3}[\s.-]?)?(?:\(\d{1,4}\)[\s.-]?)?\d{2,4}(?:[\s.-]\d{2,4}){1,4}(?!\w)|\+\d{8,15}\b"
)
NUMBER = re.compile(r"(?<![\w.,-])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w])|(?<![\w.,-])-?\d+(?:\.\d+)?(?![\w])")
PERCENT = re.compile(r"\b\d+(?:\.\d+)?\s?%")
IDENTIFIER = re.compile(
    r"#\s?\w[\w-]*|\b(?=[A-Z-]*\d)(?=\d*[A-Z])[A-Z\d][A-Z\d-]{2,}\b"
    r"|(?<=number )\d{3,}\b|(?<=order )\d{3,}\b|(?<=invoice )\d{3,}\b|(?<=is )\d{4,}\b|(?<=with )\d{4,}\b"
)
_CURRENCY = re.compile(r"[$\u20ac\u00a3\u00a5%]")
_PERSON = re.compile(
    r"(?:\bI am|\bI'm|\bI\u2019m|[Mm]y name is|[Tt]his is|[Hh]ier ist|"
    r"[Ii]ch bin|[Mm]ein Name ist|[Jj]e suis|[Jj]e m'appelle|[Ii]ci)\s+"
    r"(?P<name>[^\W\d_a-z][\w'-]+(?:\s+[^\W\d_a-z][\w'-]+){0,2})"
)
_EMPLOYER = r"(?<!from )(?<!von )(?<!bei )(?<!de )(?<!chez )(?<!at )(?<!der )(?<!company )"
_FIRM = re.compile(r"\b(?:GmbH|AG|Inc|Ltd|LLC|SA|SARL)\b")
_PROPER = re.compile(r"(?<=[a-z,;] )(?P<name>[A-Z]\w+(?:[ -][A-Z]\w+){0,2})(?P<noun>(?: [a-z]{4,})?)")
_CAMEL = re.compile(rf"\b{_EMPLOYER}(?P<name>[A-Z][a-z]+[A-Z]\w*(?: [A-Z]\w+)?)(?P<noun>(?:[ -][^\W\d_]{{4,}})?)")
_AMOUNT_WORDS = ("amount", "price", "cost", "fee", "charge", "charged", "total", "money")
_FORMS = (
    (("email", "mail"), EMAIL),
    (("url", "link", "website"), URL),
    (("phone", "telephone", "mobile"), PHONE),
    (("date", "day", "deadline"), DATE),
    (_AMOUNT_WORDS, AMOUNT),
    (("percent", "percentage"), PERCENT),
    (("id", "number", "code", "reference", "order", "invoice"), IDENTIFIER),
)


def value_for(words: list[str], text: str) -> str | None:
    """Return the first value in the text of the form that a property's name asks for, or `None`."""
    for names, pattern in _FORMS:
        if any(word in names for word in words) and (found := pattern.search(text)):
            return found.group().strip()
    return None


def person_in(text: str) -> str | None:
    """Return the name with which somebody introduces themselves."""
    found = _PERSON.search(text)
    return found["name"] if found else None


def product_in(text: str) -> str | None:
    """Return the proper name that comes most often inside sentences, with the noun after it."""
    person = person_in(text) or ""
    for pattern in (_CAMEL, _PROPER):
        lines = (" ".join(without_speaker(line).split()) for line in sentences_of(text))
        found = [match for line in lines for match in pattern.finditer(line) if _is_product(match, person)]
        if found:
            name, _ = Counter(match["name"] for match in found).most_common(1)[0]
            nouns = Counter(match["noun"] for match in found if match["name"] == name and match["noun"])
            return name + (nouns.most_common(1)[0][0] if nouns else "")
    return None


def _is_product(found: re.Match[str], person: str) -> bool:
    return found["name"] not in person and _FIRM.search(found.group()) is None


def numbers_in(text: str) -> list[float]:
    """Return the numbers of a text, in order; those of dates and telephones are none."""
    plain = _CURRENCY.sub(" ", PHONE.sub(" ", DATE.sub(" ", text)))
    return [float(found.group().replace(",", "")) for found in NUMBER.finditer(plain)]


def number_for(words: list[str], text: str) -> float | None:
    """Return the number of the first amount or percentage, where a property's name asks for one."""
    pattern = AMOUNT if any(word in _AMOUNT_WORDS for word in words) else PERCENT if "percent" in words else None
    found = pattern.search(text) if pattern else None
    return next(iter(numbers_in(found.group().rstrip("%"))), None) if found else None
