"""Whom a letter greets: the words of a greeting, parted into salutation, titles and names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from cortex_tickets._replies.checks.name_forms import composed, plain_name

_SALUTATION = (
    r"(?:hi|hello|hey|dear|greetings|welcome|good\s+(?:day|morning|afternoon|evening)|hola|buenos\s+d[ií]as|bonjour|"
    r"hallo|guten\s+(?:tag|morgen|abend)|liebe[rs]?|sehr\s+geehrte[rs]?|estimad[oa]s?|cher|ch[eè]re|ciao|car[oa]|"
    r"gentile|ol[aá]|prezad[oa]|beste|geachte|k[aä]ra|witaj|szanowny|szanowna)"
)
_GREETING = re.compile(rf"^\s*{_SALUTATION}\b(?P<rest>[^\n]*)", re.IGNORECASE)
_TO = re.compile(r"^\s*to\s+(?P<rest>[^\n,:]{1,60})[,:]?\s*$", re.IGNORECASE)
_CALLED = re.compile(r"^\s*(?P<rest>[^\W\d_][\w'.-]*(?:\s+[^\W\d_][\w'.-]*){0,2})\s?(?:[,:!]|\s[-\u2013\u2014]\s)")
_STOP = re.compile(r"[,:;!?\n\u2013\u2014\uff0c]|\.(?=\s|$)|\s-\s")
TITLES = frozenset(
    word
    for words in (
        "mr mrs ms miss mx dr prof professor doctor sir madam madame ma'am mister master dame lord lady",
        "reverend rev captain herr frau herrn monsieur mme mlle m señor señora sr sra srta don doña signor",
        "signora signore dott dottore senhor senhora meneer mevrouw pan pani",
    )
    for word in words.split()
)
"""What may stand before a name; in lower case, without a point."""
_FILLERS = TITLES | frozenset(
    word
    for words in (
        "there again valued dear customer customers client friend friends all everyone team folks esteemed",
        "loyal and & our my und et y e kunde kundin kunden cliente client's sirs or",
    )
    for word in words.split()
)
# Words with which a message begins and which are nobody's name, though a comma follows.
_OPENERS = frozenset(
    word
    for words in (
        "unfortunately regarding about thanks sorry yes no today first second finally also however please ok",
        "okay sure well good great news note hi hello hey dear greetings thank you we your our the this that",
        "there here as in on for from with to at by if when while since after before during although though",
        "because once now then update important reminder re subject ps p.s hereby understood noted apologies",
        "regrettably luckily next lastly still welcome vielen bonjour hola hallo danke merci gracias leider",
        "following concerning additionally meanwhile",
    )
    for word in words.split()
)
_NAME = re.compile(r"[^\W\d_][\w'.-]*|&")
_LONGEST_NAME = 6


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who is greeted: the names as they stand, less titles and fillers."""

    names: tuple[str, ...]
    is_said: bool
    """Whether a salutation stands before them; else a message only begins with them."""


def greetings(body: str, known: frozenset[str]) -> Iterator[Greeting]:
    """Yield whom each line of a body greets; lines that greet nobody by name are left out.

    Args:
        body: The letter.
        known: The parts of the customer's name, in the form of `plain_name`.
    """
    for number, line in enumerate(composed(body).splitlines()):
        is_said = True
        if (found := _GREETING.match(line)) or (found := _TO.match(line)):
            names = _greeted(found["rest"], known)
        elif number == 0 and (found := _CALLED.match(line)):
            names, is_said = _called(found["rest"], known), False
        else:
            continue
        if names:
            yield Greeting(names, is_said)


def _greeted(rest: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the names after a salutation, up to the next sign; a sentence has none but those it begins with."""
    stop = _STOP.search(_without_title_points(rest))
    named = rest[: stop.start()] if stop else rest
    words = [word.rstrip(".") for word in _NAME.findall(named)]
    # `Dear bob miller,` is a name, however it is written; `Hi we read it` is a sentence.
    if not (stop and len(words) <= _LONGEST_NAME - 2):
        words = _leading_names(words, known)
    if any(word.lower() in _OPENERS - _FILLERS and plain_name(word) not in known for word in words):
        words = _leading_names(words, known)
    return tuple(word for word in words if word.lower() not in _FILLERS or plain_name(word) in known)


def _without_title_points(text: str) -> str:
    return re.sub(r"\b([^\W\d_]{1,4})\.(?=\s)", lambda found: f"{found[1]} " if _is_short(found[1]) else found[0], text)


def _is_short(word: str) -> bool:
    return word.lower() in TITLES or len(word) == 1


def _leading_names(words: list[str], known: frozenset[str]) -> list[str]:
    kept: list[str] = []
    for word in words[:_LONGEST_NAME]:
        is_name = plain_name(word) in known or (word[:1].isupper() and word.lower() not in _OPENERS)
        if not is_name and word.lower() not in _FILLERS:
            break
        kept.append(word)
    return kept


def _called(rest: str, known: frozenset[str]) -> tuple[str, ...]:
    """Return the names with which a message begins, as `Bob, we read it` does."""
    words = [word.rstrip(".") for word in _NAME.findall(rest)]
    are_names = all(
        word[:1].isupper() and word.lower() not in _OPENERS and not word.lower().endswith("ly") for word in words
    )
    return (
        tuple(word for word in words if word.lower() not in _FILLERS or plain_name(word) in known) if are_names else ()
    )
