"""Does the reply name somebody, or something, that nobody told it of?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from cortex_tickets._replies.checks.given_names import GIVEN_NAMES, PLACE_NAMES
from cortex_tickets._replies.checks.greetings import TITLES
from cortex_tickets._replies.checks.languages import FREQUENT_WORDS, language_of
from cortex_tickets._replies.checks.name_forms import composed, is_of, name_words, places_of_same_name, plain_name
from cortex_tickets.records.draft import Draft
from cortex_tickets.records.reply import Finding

_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_NAME = re.compile(
    # Inside a sentence: after a word, a comma or a title. What begins a sentence is written large in any case.
    r"(?:(?<=[^\W\d_]\s)|(?<=\d\s)|(?<=,\s)|(?<='s\s)|(?<=\bMr\.\s)|(?<=\bMs\.\s)|(?<=\bMrs\.\s)|(?<=\bDr\.\s))"
    r"[A-ZÀ-ÖØ-Þ][^\W\d_]*[a-zß-öø-ÿ][^\W\d_]*(?:['-][^\W\d_]+)*"
)
_TITLED = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Herrn?|Frau|Monsieur|Madame|Mme|Mlle|Señora?|Sra?|Signora?|Senhora?|"
    r"Dott)\.?\s+(?P<name>(?-i:[A-ZÀ-ÖØ-Þ])[\w'-]+)"
)
_OWNER = re.compile(r"(?:^|(?<=[.!?]\s))(?P<name>[A-Z][^\W\d_]+)'s\s+(?=[a-z])", re.MULTILINE)
_LOUD = re.compile(r"\b[A-Z]{3,}\b")
_ACRONYMS = frozenset(
    word
    for words in (
        "sms mms sim esim usb vpn apn lte gsm dns wifi wlan pin puk imei imsi gps faq asap fyi vat pdf url",
        "www tv hd nfc usa uae eta etc llc ltd gmbh inc ceo atm ios dsl mbps gb mb gbps kbps",
    )
    for word in words.split()
)
_SURE_NAMES = GIVEN_NAMES | PLACE_NAMES
_NOBODYS = frozenset(
    word for words in ("it that there what who here let he she how where when today",) for word in words.split()
)
_ORDINARY = (
    FREQUENT_WORDS
    | TITLES
    | frozenset(
        word
        for words in (
            "customer customers client clients support service services care team department desk center centre help",
            "billing technical account accounts sales success relations english internet sim esim wi-fi wifi",
            "mobile data settings roaming network airplane mode bluetooth android iphone ios samsung google apple app",
            "kind kindest best warm warmest regards wishes sincerely yours truly faithfully respectfully",
            "dear hi hello hey greetings thank thanks good morning afternoon evening all there valued",
            "mr ms mrs dr miss sir madam i i'm i've i'll i'd",
            "monsieur madame cordialement bonjour merci",
            "atentamente saludos hola gracias estimado estimada señor señora usted",
            "cordiali saluti gentile salve grazie atenciosamente olá obrigado obrigada groet groeten geachte",
        )
        for word in map(plain_name, words.split())
    )
)
"""And of greetings, closings, signatures and the menus of telephones."""
_CAPITALISES_NOUNS = "German"


def unknown_name(draft: Draft) -> Iterator[Finding]:
    """Whoever and whatever is named inside a sentence is named in the ticket or in the playbook, too.

    So no other customer's name comes into a letter, nor a product or place that somebody made up. People are found by
    their titles in any language, and by frequent given names however they are written. Other names are not looked for
    in lines that write most words large, as titles do; in German, which writes all nouns so; and in what is too short
    to tell.
    """
    known = set(name_words(draft.allowed))
    known |= places_of_same_name(known) | _ORDINARY
    said = composed(draft.said)
    unknown = dict.fromkeys(name for name in _named(said) if not _is_known(name, known))
    if unknown:
        listed = ", ".join(f'"{name}"' for name in unknown)
        yield Finding(
            check="unknown_name", message=f"{listed} is named neither in the ticket nor among the facts; leave it out."
        )


def _named(said: str) -> Iterator[str]:
    yield from (found["name"] for found in _TITLED.finditer(said))
    yield from (found[0] for found in _WORD.finditer(said) if name_words(found[0])[0] in _SURE_NAMES)
    if language_of(said) in (None, _CAPITALISES_NOUNS):
        return
    for line in said.splitlines():
        loud = [found[0] for found in _LOUD.finditer(line) if found[0].lower() not in _ACRONYMS]
        # A word that is shouted is no name; two in a row, or one in a row of names, are.
        yield from (word for word in loud if re.search(rf"\b[A-Z]{{3,}}\s+{word}\b|\b{word}\s+[A-Z]{{3,}}\b", line))
        yield from (found["name"] for found in _OWNER.finditer(line) if found["name"].lower() not in _NOBODYS)
        if not _is_title(line):
            yield from (found[0] for found in _NAME.finditer(line))


def _is_known(name: str, known: set[str]) -> bool:
    (word,) = name_words(name)[:1] or [""]
    parts = word.split("-")
    return word in known or is_of(word, known) or all(part in known for part in parts) or _is_plural(word, known)


def _is_plural(word: str, known: set[str]) -> bool:
    return word.endswith("s") and word[:-1] in known


def _is_title(line: str) -> bool:
    words: list[str] = [word for word in _WORD.findall(line) if len(word) > 3]  # noqa: PLR2004  articles and the like
    return sum(word[0].isupper() for word in words) > len(words) / 2
