"""The few fixed phrases of a letter, in the languages that a ticket is answered in."""

from __future__ import annotations

from dataclasses import dataclass

from cortex_tickets.local.language.words import words_of


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words around what a letter has to say."""

    language: str
    greeting: str
    nameless: str
    received: str
    quoted: str
    subject: str
    closing: str
    markers: frozenset[str]
    """Frequent words of the language, by which it is told."""


_ENGLISH = Phrases(
    "en",
    "Dear {name},",
    "Dear customer,",
    "Thank you for your message.",
    'You wrote: "{said}"',
    "Your message",
    "Kind regards,",
    frozenset(words_of("the and i my is to of for on was you have with that this not your are it a")),
)
_OTHERS = (
    Phrases(
        "de",
        "Guten Tag {name},",
        "Guten Tag,",
        "vielen Dank f\u00fcr Ihre Nachricht.",
        "Sie schrieben: \u201e{said}\u201c",
        "Ihre Nachricht",
        "Mit freundlichen Gr\u00fc\u00dfen",
        frozenset(
            words_of("der die das und ich ist nicht wir sie ein eine mit f\u00fcr auf den dem zu habe mein meine im")
        ),
    ),
    Phrases(
        "fr",
        "Bonjour {name},",
        "Bonjour,",
        "Merci pour votre message.",
        "Vous avez \u00e9crit : \u00ab {said} \u00bb",
        "Votre message",
        "Cordialement,",
        frozenset(words_of("le la les des et je est pas nous vous un une avec pour sur dans mon ma que de du ai")),
    ),
    Phrases(
        "es",
        "Hola {name}:",
        "Hola:",
        "Gracias por su mensaje.",
        "Usted escribi\u00f3: \u00ab{said}\u00bb",
        "Su mensaje",
        "Atentamente,",
        frozenset(words_of("el la los las y yo es no nosotros un una con para en mi que de del he se por mis")),
    ),
)


def phrases_for(text: str) -> Phrases:
    """Return the phrases of the language whose frequent words stand most often in a text; English in doubt."""
    words = words_of(text)
    hits = {phrases: sum(word in phrases.markers for word in words) for phrases in (_ENGLISH, *_OTHERS)}
    return max(hits, key=lambda phrases: (hits[phrases], phrases is _ENGLISH))
