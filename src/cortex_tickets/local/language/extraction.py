"""Answers of questions from a text, as AI_EXTRACT and EXTRACT_ANSWER give them: read off, never made up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from cortex_tickets.local.language.field_answers import Field, string_answer
from cortex_tickets.local.language.ticket_details import details_of
from cortex_tickets.local.language.value_patterns import person_in, product_in, value_for
from cortex_tickets.local.language.words import STOP_WORDS, stem, words_of

_LIST = re.compile(r"^\s*list\s*:\s*", re.IGNORECASE)
_NAME = re.compile(r"\b(?P<name>[A-Z][a-z'-]+(?: [A-Z][a-z'-]+)+)\b")
_FIRST = re.compile(r"^(?P<name>[A-Z][a-z'-]+)\b")
_ITEMS = re.compile(r"\s*(?:,|;|\band\b|\bund\b|\bet\b)\s*")
_ENUMERATION = re.compile(r"[^\s,;.!?][^,;.!?]*(?:,\s+[^,;.!?]+)+|(?<!\w)(?=(?P<pair>\w+ (?:and|und|et) \w+\b))")
_SURE, _LIKELY, _GUESSED, _NOT_FOUND = 0.95, 0.8, 0.5, 0.0
_WHERE = frozenset(("where", "place", "city", "country", "location", "address", "destination"))
_WHO = frozenset(("who", "whose", "person", "customer", "employee", "caller", "name"))
_WHY = frozenset(("why", "reason", "cause"))
_LONG = frozenset(("long", "duration", "since"))
_PRODUCT = frozenset(("product", "service", "device", "brand"))


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a text says to a question, and how sure the form of the answer makes it."""

    value: Any
    score: float


def extracted(name: str, question: str, text: str) -> Extracted:
    """Return the answer of one question; its value is `None` where the text holds none.

    A question that begins with `List:` is answered by a list.
    """
    if _LIST.match(question):
        return extracted_list(name, _LIST.sub("", question), text)
    words = [*words_of(name), *words_of(question)]
    asked = set(words)
    if found := _by_form(asked, words, text):
        return found
    telling = " ".join(dict.fromkeys(word for word in words if word not in STOP_WORDS))
    answer = string_answer(Field(telling, question, "", "large"), text)
    return Extracted(answer.value, _GUESSED) if answer.is_found and answer.value else Extracted(None, _NOT_FOUND)


def extracted_list(name: str, question: str, text: str) -> Extracted:
    """Return the enumeration of the sentence that speaks most of the question; an empty list where none does."""
    found = extracted(name, question, text)
    source = found.value if isinstance(found.value, str) else ""
    enumeration = _enumeration(source) or _enumeration(text)
    if not enumeration:
        return Extracted([source], found.score) if source else Extracted([], _NOT_FOUND)
    items = [_trimmed(item) for item in _ITEMS.split(enumeration)]
    return Extracted([item for item in items if item], _LIKELY)


def _enumeration(text: str) -> str:
    """Return the first words that stand in a row; of a pair both or neither are names."""
    for found in _ENUMERATION.finditer(text):
        words = (found["pair"] or found.group()).split()
        if found["pair"] is None or words[0][0].isupper() == words[-1][0].isupper():
            return " ".join(words)
    return ""


def _by_form(asked: set[str], words: list[str], text: str) -> Extracted | None:
    """Return an answer that is known by its form: an address, a date, an amount, a name, a place, a reason."""
    value = value_for([*words, *(["date"] if "when" in asked else []), *(["amount"] if "much" in asked else [])], text)
    if value is not None:
        return Extracted(value, _SURE)
    kinds = {detail.kind: detail.text for detail in reversed(details_of(text))}
    if asked & _WHERE and "place" in kinds:
        return Extracted(kinds["place"], _LIKELY)
    if asked & _PRODUCT and (product := product_in(text)):
        return Extracted(product, _LIKELY)
    if asked & _WHO and (person := person_in(text) or _named(text)):
        names = person.split()
        person = names[0] if "first" in asked else names[-1] if asked & {"last", "surname"} else person
        return Extracted(person, _LIKELY)
    if asked & _WHY and "reason" in kinds:
        return Extracted(kinds["reason"], _LIKELY)
    return Extracted(kinds["duration"], _LIKELY) if asked & _LONG and "duration" in kinds else None


def _named(text: str) -> str | None:
    found = _NAME.search(text) or _FIRST.match(text)
    return found["name"] if found and stem(found["name"].lower()) not in STOP_WORDS else None


def _trimmed(item: str) -> str:
    """Return an item without the words that lead to or from the enumeration."""
    words = item.split()
    capital = [word for word in words if word[:1].isupper()]
    return " ".join(capital) if capital and len(words) > len(capital) else " ".join(words)
