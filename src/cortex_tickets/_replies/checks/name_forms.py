"""One form for each name: however it is accented, cut by an apostrophe, or told of a country and its people."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u2018": "'", "\u00b4": "'", "\uff07": "'"})
_SAME_PLACE = (
    ("uk", "united kingdom", "britain", "great britain", "british"),
    ("us", "usa", "united states", "america", "american", "states"),
    ("uae", "united arab emirates", "emirates"),
    ("eu", "european union"),
    ("spain", "spanish"),
    ("france", "french"),
    ("germany", "german"),
    ("netherlands", "dutch", "holland"),
    ("switzerland", "swiss"),
    ("greece", "greek"),
    ("england", "english"),
    ("ireland", "irish"),
    ("wales", "welsh"),
    ("scotland", "scottish"),
    ("denmark", "danish"),
    ("poland", "polish"),
    ("turkey", "turkish"),
    ("thailand", "thai"),
    ("philippines", "filipino"),
    ("peru", "peruvian"),
)
_PEOPLE = ("ese", "ian", "ean", "an", "n", "ish", "i")
_FEWEST_LETTERS = 4
_POSSESSIVE = re.compile(r"'s?$")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


def plain_name(name: str) -> str:
    """Return the form in which a name can be compared: `O’NEIL` and `O'Neil`, `José` and `Jose` are one."""
    composed = unicodedata.normalize("NFC", name).translate(_APOSTROPHES).casefold()
    parts = unicodedata.normalize("NFD", composed)
    return unicodedata.normalize("NFC", "".join(sign for sign in parts if not unicodedata.combining(sign)))


def composed(text: str) -> str:
    """Return the text with every letter as one sign and straight apostrophes."""
    return unicodedata.normalize("NFC", text).translate(_APOSTROPHES)


def name_words(text: str) -> list[str]:
    """Return the words of a text in the form in which names are compared, without a possessive s."""
    return [_POSSESSIVE.sub("", plain_name(word)) for word in _WORD.findall(composed(text))]


def places_of_same_name(words: set[str]) -> set[str]:
    """Return the words that say the same as these: of `uk`, `united` and `kingdom`."""
    told: set[str] = set()
    for names in _SAME_PLACE:
        if any(set(name.split()) <= words for name in names):
            told |= {word for name in names for word in name.split()}
    return told


def is_of(word: str, known: set[str]) -> bool:
    """Tell whether a word is the people or the adjective of a known one: `japanese` is of `japan`."""
    stems = {word.removesuffix(ending) for ending in _PEOPLE if word.endswith(ending)}
    stems = {stem for stem in stems if len(stem) >= _FEWEST_LETTERS}
    return bool(stems & known) or bool(stems & {place[:-1] for place in known if len(place) >= _FEWEST_LETTERS})
